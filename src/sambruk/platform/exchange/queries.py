"""What the operator sees of the tenant's deliveries, and whether they move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from sambruk.common.calendar import now
from sambruk.common.errors import NotFound
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.registry import label_of

PAGE = 50
#: Counting stops here: after a long outage there may be hundreds of thousands, and the point is made.
COUNT_MAX = 10_000

#: The page's filters, by their name in the address. "trouble" is what needs a person.
FILTERS: dict[str, Q] = {
    "trouble": Q(state=DeliveryState.GIVEN_UP, set_aside_at__isnull=True),
    "retrying": Q(state=DeliveryState.FAILED),
    "waiting": Q(state__in=[DeliveryState.WAITING, DeliveryState.RUNNING]),
    "set_aside": Q(state=DeliveryState.GIVEN_UP, set_aside_at__isnull=False),
    "done": Q(state=DeliveryState.DONE),
}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the address of the next page (None at the end)."""

    rows: Sequence[Delivery]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many deliveries of a kind are in trouble, at most COUNT_MAX counted in all."""

    kind: str
    label: str
    given_up: int
    retrying: int


def deliveries(
    *, show: str = "trouble", kind: str = "", after: UUID | None = None, limit: int = PAGE
) -> Page:
    """Return a page of deliveries, newest first, older than ``after``. An unknown filter shows trouble."""
    rows: QuerySet[Delivery] = Delivery.objects.filter(FILTERS.get(show, FILTERS["trouble"])).order_by("-id")
    if kind:
        rows = rows.filter(kind=kind)
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: limit + 1])
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def delivery(delivery_id: UUID) -> Delivery:
    """Return one delivery. Raises NotFound."""
    found = Delivery.objects.filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("Leveransen finns inte.")
    return found


def trouble_by_kind() -> list[KindCount]:
    """Return what failed and what gave up, by kind, the most given up first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, count(*) FILTER (WHERE state = 'given_up'),"
            " count(*) FILTER (WHERE state = 'failed')"
            " FROM (SELECT kind, state FROM exchange_delivery"
            "  WHERE state IN ('given_up', 'failed') AND set_aside_at IS NULL LIMIT %s) AS trouble"
            " GROUP BY kind ORDER BY 2 DESC, 1",
            [COUNT_MAX],
        )
        return [KindCount(kind, label_of(kind), up, again) for kind, up, again in cursor.fetchall()]


def overdue_since(margin: timedelta = timedelta(minutes=2)) -> datetime | None:
    """Return since when the oldest delivery should have been tried; None if nothing is late.

    Something late by more than the margin means that no worker runs, or that it cannot keep up.
    """
    late = Delivery.objects.filter(
        state__in=[DeliveryState.WAITING, DeliveryState.FAILED], next_at__lt=now() - margin
    )
    return late.order_by("next_at").values_list("next_at", flat=True).first()
