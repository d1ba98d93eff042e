"""What the pages of disposal show: numbers and days, never what a case says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import NotFound
from sambruk.platform.cases.models import Case, DisposalLine, DisposalRun
from sambruk.platform.cases.retention import PRESERVED
from sambruk.platform.identity.permissions import Permission, units_with

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Due:
    """How many cases of a service are due, and by when the first must be gone."""

    service_id: str
    count: int
    by: date | None


def _units(actor: Actor) -> list[UUID]:
    return list(units_with(actor, Permission.CASE_DISPOSE))


def due(actor: Actor) -> list[Due]:
    """Return what is due today in the actor's units and on no list, by service."""
    waiting = DisposalLine.objects.filter(case_id=OuterRef("pk"), state=DisposalLine.State.WAITING)
    rows = (
        Case.objects.filter(closed_at__isnull=False, disposal_on__lte=today(), unit_id__in=_units(actor))
        .exclude(Exists(waiting))
        .values("service_id")
        .annotate(found=Count("pk"), first=Min("disposal_by"))
        .order_by("service_id")
    )
    return [Due(row["service_id"], row["found"], row["first"]) for row in rows]


def undated(actor: Actor) -> list[Case]:
    """Return closed cases whose date cannot be computed: a person finds out why."""
    kept = Q()
    for words in PRESERVED:
        kept |= Q(disposal_fault__startswith=words)
    cases = Case.objects.filter(closed_at__isnull=False, disposal_on__isnull=True, unit_id__in=_units(actor))
    return list(
        cases.exclude(kept).only("tenant", "year", "serial", "disposal_fault").order_by("-closed_at")[:SHOWN]
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A list or protocol with how many of its cases wait, are gone, and stay."""

    run: DisposalRun
    waiting: int
    disposed: int
    kept: int


def runs(actor: Actor) -> list[Listed]:
    """Return the latest lists and protocols that hold only cases of the actor's units."""
    foreign = DisposalLine.objects.filter(run_id=OuterRef("pk")).exclude(unit_id__in=_units(actor))
    found = list(DisposalRun.objects.exclude(Exists(foreign)).order_by("-listed_at", "-id")[:SHOWN])
    counted = DisposalLine.objects.filter(run_id__in=[run.pk for run in found]).values("run_id", "state")
    counts = {(row["run_id"], row["state"]): row["n"] for row in counted.annotate(n=Count("pk"))}
    state = DisposalLine.State

    def of(run: DisposalRun, what: str) -> int:
        return int(counts.get((run.pk, what), 0))

    return [
        Listed(run, of(run, state.WAITING), of(run, state.DISPOSED), of(run, state.KEPT)) for run in found
    ]


def run_of(run_id: UUID, actor: Actor) -> tuple[DisposalRun, list[DisposalLine]]:
    """Return a list with its lines. Raises NotFound where it holds cases of other units."""
    run = DisposalRun.objects.filter(pk=run_id).first()
    lines = list(run.lines.order_by("must_be_gone_by", "number")) if run is not None else []
    if run is None or any(line.unit_id not in _units(actor) for line in lines):
        raise NotFound("Vi hittar inte listan.")
    return run, lines
