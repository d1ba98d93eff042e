"""Closing a case: a time, an outcome, and when it may be disposed of."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.clock import local_date, now
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.events import CaseClosed
from sambruk.platform.cases.models import Case, Decision, PeriodClaim, Station, Task
from sambruk.platform.cases.process.running import Moved
from sambruk.platform.cases.retention import disposal_of

#: Outcomes that tried the application on its merits: the month is spent.
TRIED = frozenset({"grant", "partial", "refuse", "done"})


def close_if_ended(case: Case, moved: Moved, *, by: Actor) -> None:
    """Close the case when its process ended and nothing closed it already."""
    if moved.ended and case.is_open:
        close(case, by=by)


@transaction.atomic
def close(case: Case, *, by: Actor, outcome: str = "") -> Case:
    """Close a locked case, and compute its disposal date; a date that cannot be computed is a named fault."""
    moment = now()
    last: Any = Decision.objects.filter(case=case, decided_at__isnull=False).order_by("-decided_at").first()
    case.closed_at = moment
    case.station = Station.CLOSED
    case.outcome = outcome or (last.outcome if last else "done")
    disposal = disposal_of(case, local_date(moment), last)
    case.disposal_on, case.disposal_by, case.disposal_fault = disposal.on, disposal.by, disposal.fault
    case.revision += 1
    case.save(
        update_fields=[
            "closed_at", "station", "outcome", "disposal_on", "disposal_by", "disposal_fault", "revision",
        ]
    )  # fmt: skip
    Task.objects.filter(case=case, state=Task.State.OPEN, done_by_kind__in=["staff", "resident"]).update(
        state=Task.State.CANCELLED, done_at=moment
    )
    if case.outcome not in TRIED:
        # Withdrawn or dismissed: the household may apply for the month again.
        PeriodClaim.objects.filter(case=case).delete()
    note_event(
        case,
        event="case.closed",
        text="Ärendet avslutades.",
        by=by,
        visible_to_resident=True,
        fields={"outcome": case.outcome, "disposal_on": str(disposal.on or ""), "fault": disposal.fault},
    )
    events.publish(CaseClosed(case, by))
    return case
