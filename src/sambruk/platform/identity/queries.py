"""Reads that are more than a get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import NotAllowed
from sambruk.common.personal_number import PersonalNumber
from sambruk.common.sort_key import name_sort_key
from sambruk.platform.identity.encrypted import BlindIndexField
from sambruk.platform.identity.models import IdentityProvider, Mandate, Membership, Person, StaffMember, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.roles import ROLES
from sambruk.platform.tenancy.compiled import Compiled
from sambruk.platform.tenancy.context import current_tenant_id

PAGE = 50


_BY_ID = Compiled(lambda key: Person.objects.filter(pk=key), UUID)


def person_by_id(person_id: UUID) -> Person | None:
    """Return the person in this principal's records, or None."""
    return _BY_ID.first(person_id)


def find_person(number: PersonalNumber) -> Person | None:
    """Return the person with the number in this principal's records, by the blind index under any key."""
    field = Person._meta.get_field("number_index")
    assert isinstance(field, BlindIndexField)  # noqa: S101 - narrows for mypy
    candidates = field.candidates(number.digits, current_tenant_id())
    return Person.objects.filter(number_index__in=candidates).first()


def search_persons(actor: Actor, text: str, *, limit: int = 20) -> list[Person]:
    """Find persons by the beginning of family name and given name; never a protected one."""
    from sambruk.platform.identity.protection import listable

    actor.require(Permission.PERSON_READ)
    key = name_sort_key(text)
    if not key:
        return []
    # Leakproof operators only, so that the index serves under row-level security: a range, not LIKE.
    found = Person.objects.filter(listable(actor), sort_key__gte=key, sort_key__lt=key + "\U0010ffff")
    return list(found.order_by("sort_key", "id")[:limit])


def mandates_for(person_id: UUID, *, day: date | None = None) -> QuerySet[Mandate]:
    """Return the mandates by which a person may act for others on a day (default: today)."""
    day = day or today()
    return (
        Mandate.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
            holder_id=person_id,
            revoked_at__isnull=True,
            valid_from__lte=day,
        )
        .select_related("represented", "holder")
        .order_by("represented__sort_key", "id")
    )


def mandates_concerning(person_id: UUID) -> QuerySet[Mandate]:
    """Return every mandate held by or given for a person, past ones too, the latest first."""
    return (
        Mandate.objects.filter(Q(holder_id=person_id) | Q(represented_id=person_id))
        .select_related("represented", "holder")
        .order_by("-valid_from", "id")
    )


def require_scope(actor: Actor, service_id: str) -> None:
    """Raise NotAllowed if the actor acts for another by a mandate that does not cover the service."""
    if actor.mandate_id is None:
        return
    mandate = Mandate.objects.filter(pk=actor.mandate_id).first()
    if mandate is None or not mandate.holds_on(today()) or not mandate.covers(service_id):
        raise NotAllowed(
            "Ditt uppdrag omfattar inte den här tjänsten. Välj att göra ärendet för egen del, "
            "eller kontakta oss om uppdraget är fel.",
            code="mandate_scope",
        )


def providers(purpose: str) -> list[IdentityProvider]:
    """Return the active ways to log in, in their order."""
    return list(IdentityProvider.objects.filter(purpose=purpose, active=True).order_by("position", "name"))


def staff_in_unit(
    unit_id: UUID, *, day: date | None = None, permission: str | None = None
) -> list[StaffMember]:
    """Return active staff who work in a unit on a day, by name; with ``permission``, who hold it there."""
    roles = [name for name, role in ROLES.items() if permission is None or permission in role.permissions]
    held = Membership.objects.filter(
        Membership.holding(day or today()), unit_id=unit_id, role__in=roles
    ).values("staff_id")
    return list(StaffMember.objects.filter(active=True, pk__in=held).order_by("sort_key", "id"))


def staff_page(actor: Actor, *, after: tuple[str, UUID] | None = None, text: str = "") -> list[StaffMember]:
    """Return a page of staff by name, with their memberships, one more than PAGE if there are more."""
    actor.require(Permission.ADMIN_STAFF)
    staff = StaffMember.objects.select_related("home").prefetch_related("memberships__unit")
    if text:
        key = name_sort_key(text)
        staff = staff.filter(sort_key__gte=key, sort_key__lt=key + "\U0010ffff")
    if after:
        staff = staff.filter(Q(sort_key__gt=after[0]) | Q(sort_key=after[0], id__gt=after[1]))
    return list(staff.order_by("sort_key", "id")[: PAGE + 1])


def units(*, only_active: bool = True) -> Sequence[Unit]:
    """Return the principal's units, by authority and name."""
    found = Unit.objects.select_related("authority").order_by("authority__name", "name")
    return list(found.filter(active=True) if only_active else found)


def holders_by_role(actor: Actor) -> dict[str, int]:
    """Return how many active members of staff hold each role today. Permission: admin.staff."""
    actor.require(Permission.ADMIN_STAFF)
    held = Membership.objects.filter(Membership.holding(today()), staff__active=True)
    counted = held.values("role").annotate(count=Count("staff_id", distinct=True)).order_by("role")
    return {row["role"]: row["count"] for row in counted}


def workers_in(unit_id: UUID, actor: Actor) -> list[Membership]:
    """Return the roles that are held in a unit today, by name. Permission: admin.staff."""
    actor.require(Permission.ADMIN_STAFF)
    held = Membership.objects.filter(Membership.holding(today()), unit_id=unit_id, staff__active=True)
    return list(held.select_related("staff").order_by("staff__sort_key", "role", "id"))
