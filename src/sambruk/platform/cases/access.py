"""Who may see and work with which case: one place, in SQL, for the lists and for the case page alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import NotAllowed, NotFound
from sambruk.platform.cases import roles
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.cases.models.case import Secrecy
from sambruk.platform.cases.open_tasks import open_staff_tasks
from sambruk.platform.identity.permissions import Permission, in_unit, may_in, require_in, units_with
from sambruk.platform.tenancy.compiled import Compiled


def visible_to_staff(actor: Actor) -> Q:
    """Return the predicate for the cases that a member of staff may see.

    Default deny: only cases of one's own units (offentlighets- och sekretesslagen 8 kap. 2 §: secrecy holds
    between authorities, and 26 kap. 1 § inside one for those who have nothing to do with the case), and a
    protected case only with the permission to open protected ones.
    """
    if not actor.is_staff:
        return Q(pk__in=[])
    readable = units_with(actor, Permission.CASE_READ)
    opened = units_with(actor, Permission.PROTECTED_OPEN) & readable
    seen = Q(unit_id__in=list(readable)) & ~Q(secrecy=Secrecy.PROTECTED)
    return seen | Q(unit_id__in=list(opened)) if opened else seen


def visible_to_resident(person_id: UUID, services: frozenset[str] | None = None) -> Q:
    """Return the predicate for the cases that a person is a party of, in all services or those named."""
    own = Q(Exists(Party.objects.filter(case_id=OuterRef("pk"), person_id=person_id)))
    return own if services is None else own & Q(service_id__in=sorted(services))


def acting_person(actor: Actor) -> UUID | None:
    """Return whose cases a resident sees: the one represented, else the resident's own."""
    return actor.on_behalf_of or actor.id


def visible(actor: Actor) -> QuerySet[Case]:
    """Return the cases that the actor may see. The API's client sees those of the units it was given."""
    if actor.is_staff:
        return Case.objects.filter(visible_to_staff(actor))
    person = acting_person(actor)
    if actor.is_resident and person:
        return Case.objects.filter(visible_to_resident(person, actor.services))
    if actor.kind == "api" and actor.may(Permission.CASE_READ):
        # A person may have become protected after the case began: what leaves the platform asks again.
        protected = Party.objects.filter(case_id=OuterRef("pk"), person__isnull=False).exclude(
            person__protection=""
        )
        cases = Case.objects.filter(~Exists(protected), unit_id__in=list(actor.unit_ids))
        return cases.exclude(secrecy=Secrecy.PROTECTED)
    return Case.objects.none()


def may_see(case: Case, actor: Actor) -> bool:
    """Return whether the actor may see this case."""
    return actor.is_system or visible(actor).filter(pk=case.pk).exists()


_OWN = Compiled(
    lambda case_id, person_id: Case.objects.filter(visible_to_resident(person_id), pk=case_id), UUID, UUID
)


@lru_cache(maxsize=64)
def _of_staff(readable: int, opened: int) -> Compiled[Case]:
    """Return the read of one case by staff of so many units, in so many of which protected cases are open."""

    def build(case_id: UUID, *units: UUID) -> QuerySet[Case]:
        cases = Case.objects.filter(visible_to_staff(staff_of(units, opened)), pk=case_id)
        return cases.select_related("unit", "assignee").order_by("id")[:1]

    return Compiled(build, UUID, *[UUID] * readable)


def units_of(actor: Actor) -> tuple[list[UUID], int]:
    """Return the units whose cases a member of staff may read: first those where protected ones are open too,
    and how many these are."""
    readable = units_with(actor, Permission.CASE_READ)
    opened = units_with(actor, Permission.PROTECTED_OPEN) & readable
    return [*sorted(opened), *sorted(readable - opened)], len(opened)


def staff_of(units: Sequence[UUID], opened: int) -> Actor:
    """Return somebody who may read the cases of the units as ``units_of`` says: to make a statement for."""
    permissions = {in_unit(Permission.CASE_READ, unit) for unit in units}
    permissions |= {in_unit(Permission.PROTECTED_OPEN, unit) for unit in units[:opened]}
    return Actor(kind=ActorKind.STAFF, permissions=frozenset(permissions), unit_ids=frozenset(units))


def require_case(case_id: UUID, actor: Actor, *, lock: bool = False) -> Case:
    """Return the case if the actor may see it. Raises NotFound: what one may not see does not exist.

    With `lock` the row is locked until the transaction ends: every command does so first, so that two of them
    on one case run one after the other.
    """
    if not lock and (known := _by_compiled(case_id, actor)) is not None:
        return known
    cases = Case.objects if actor.is_system else visible(actor)
    found = cases.filter(pk=case_id)
    if lock:
        found = found.select_for_update(of=("self",))
    case = found.first()
    if case is None:
        raise NotFound(
            "Vi hittar inte ärendet. Det kan höra till en annan enhet."
            if actor.is_staff
            else "Vi hittar inte ärendet. Det kan höra till någon annan, eller så är det borttaget."
        )
    return case


def _by_compiled(case_id: UUID, actor: Actor) -> Case | None:
    """Read the case as ``visible`` has it, by a statement made before; None too for who has none such."""
    if actor.is_resident:
        person = acting_person(actor)
        found = _OWN.first(case_id, person) if person is not None else None
        # Whoever acts by a mandate for some services finds nothing of the others.
        return found if found is not None and actor.covers(found.service_id) else None
    if actor.is_staff:
        units, opened = units_of(actor)
        return _of_staff(len(units), opened).first(case_id, *units) if units else None
    return None


def may_work(case: Case, actor: Actor) -> bool:
    """Say whether a member of staff may have the case and write in its journal.

    Whoever works with cases in the unit; and whoever has one of the case's open tasks to do as work of its
    own (the contact centre that sorts a report and answers it): two must be able to see who has it. To decide
    or to approve a payment is not to have the case.
    """
    if not actor.is_staff:
        return False
    if may_in(actor, Permission.CASE_WORK, case.unit_id):
        return True
    return any(
        roles.ROLE_PERMISSION.get(task.role) in roles.WORKING and roles.may_do(task, case, actor)
        for task in open_staff_tasks(case)
    )


def require_work(case: Case, actor: Actor) -> None:
    """Raise NotAllowed unless the actor may work with the case (``may_work``)."""
    if actor.is_system:
        return
    if not actor.is_staff:
        raise NotAllowed("Det här kan bara en handläggare göra.")
    if not may_work(case, actor):
        require_in(actor, Permission.CASE_WORK, case.unit_id)
