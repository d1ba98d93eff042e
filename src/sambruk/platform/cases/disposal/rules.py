"""What may go, and why something that is due stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db.models import Exists, OuterRef, Q

from sambruk.common.calendar import format_date
from sambruk.platform.cases import retention
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.definitions import effective as definitions

#: Asked by a case: a Swedish sentence why it has to stay, or an empty text.
Hold = Callable[[Case], str]
_holds: list[Hold] = []


def hold(reason: Hold) -> Hold:
    """Register what else keeps a case (a system: money that is not paid yet)."""
    if reason not in _holds:
        _holds.append(reason)
    return reason


def why_kept(case: Case, on: date) -> str:
    """Return why the case may not go on a day, as a Swedish sentence; empty where it may.

    Everything is computed anew: what the case says of itself may have been written years ago, and whatever
    is to be preserved (born on the 5th, 15th or 25th; paternity, adoption or placement; a municipality of the
    research selection) is preserved whatever stands on a list.
    """
    if case.is_open:
        return "Ärendet är inte avslutat."
    disposal = retention.current(case)
    if disposal.on is None:
        return disposal.fault
    if disposal.on > on:
        return f"Får gallras först {format_date(disposal.on)}."
    return next((why for why in (_later(case, on), *(ask(case) for ask in _holds)) if why), "")


def _later(case: Case, on: date) -> str:
    """A file on a person goes as a whole: not before its last month may go.

    SFS 2003:135 (tidigare 12 kap. 1 § socialtjänstlagen (2001:453)): data must not be disposed of while data
    on the same person is to be kept.
    """
    if definitions.by_hash(case.definition_hash).service.retention.starts != "case.last_entry":
        return ""
    own = Party.objects.filter(case=case, person__isnull=False).values("person_id")
    others = (
        Case.objects.filter(service_id=case.service_id)
        .exclude(pk=case.pk)
        .filter(Exists(Party.objects.filter(case_id=OuterRef("pk"), person_id__in=own)))
    )
    if others.filter(closed_at__isnull=False, disposal_on__isnull=True).exists():
        return "Ett annat ärende i samma akt bevaras."
    if others.filter(Q(closed_at__isnull=True) | Q(disposal_on__gt=on)).exists():
        return "Personen har ett senare ärende i samma akt. Akten gallras när det får gallras."
    return ""
