"""A case follows its parties' protection: secrecy, what it is found by, and who has it.

Offentlighets- och sekretesslagen 22 kap. 1 §: a mark of secrecy counts from the day it is known here, also in
cases that began before; when it ends, the case is again what its service says.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.events import subscribe
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.cases.models.case import Secrecy
from sambruk.platform.cases.search_text import search_text
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.identity.events import ProtectionChanged
from sambruk.platform.identity.models import Membership
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.roles import permissions_of


@subscribe(ProtectionChanged)
def on_protection(event: ProtectionChanged) -> None:
    """Let every case of the person follow, in the transaction that changed the protection."""
    follow_person(event.person.pk, by=event.by)


def follow_person(person_id: UUID, *, by: Actor) -> int:
    """Bring the secrecy of all cases of a person up to date; return how many were changed."""
    cases = Case.objects.filter(Exists(Party.objects.filter(case_id=OuterRef("pk"), person_id=person_id)))
    return sum(follow(case, by=by) for case in cases.select_for_update(of=("self",)).order_by("id"))


def astray() -> Q:
    """Return the predicate for cases whose secrecy is not what their parties ask for."""
    protected = Exists(
        Party.objects.filter(case_id=OuterRef("pk"), person__isnull=False).exclude(person__protection="")
    )
    return (Q(protected) & ~Q(secrecy=Secrecy.PROTECTED)) | (~Q(protected) & Q(secrecy=Secrecy.PROTECTED))


def follow(case: Case, *, by: Actor) -> bool:
    """Bring a locked case's secrecy and search text up to date; return whether anything was changed.

    A caseworker who may not open what is protected loses the case to the unit's list: otherwise it would lie
    with somebody who cannot see it.
    """
    parties = list(Party.objects.filter(case=case).select_related("person").order_by("role", "id"))
    hidden = any(p.person is not None and p.person.is_protected for p in parties)
    wanted = Secrecy.PROTECTED if hidden else definitions.by_hash(case.definition_hash).service.secrecy.level
    if case.secrecy == wanted:
        return False
    before, case.secrecy = case.secrecy, wanted
    case.search_text = search_text(case, [p.name for p in parties])
    case.revision += 1
    changed = ["secrecy", "search_text", "revision"]
    if hidden and case.assignee_id and not _may_open(case):
        case.assignee = None
        changed.append("assignee")
    case.save(update_fields=changed)
    text = (
        "Ärendet rör någon med skyddade personuppgifter och visas bara för den som får öppna dem."
        if hidden
        else "Skyddet av personuppgifter har upphört. Ärendet visas som vanligt igen."
    )
    note_event(
        case, event="case.secrecy_followed", text=text, by=by, fields={"before": before, "secrecy": wanted}
    )
    return True


def _may_open(case: Case) -> bool:
    """Say whether the case's caseworker may open protected identities in its unit today."""
    roles = (
        Membership.objects.filter(staff_id=case.assignee_id, unit_id=case.unit_id, valid_from__lte=today())
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today()))
        .values_list("role", flat=True)
    )
    return str(Permission.PROTECTED_OPEN) in permissions_of(list(roles))
