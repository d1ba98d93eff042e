"""Seals the log in batches: what is complete is hashed, chained and signed, so that tampering shows.

Each tenant has its own chain. A batch takes the events of all transactions that were over when it was made:
ids and times do not follow the order of commits, transaction numbers do, once every older one has ended.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection, transaction

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid, Unavailable
from sambruk.platform.audit.actions import record
from sambruk.platform.audit.canonical import (
    dropped_message,
    leaves_of,
    month_bounds,
    next_month,
    seal_message,
    seal_root,
)
from sambruk.platform.audit.keys import audit_keys
from sambruk.platform.audit.models import AuditEvent, DroppedMonth, Seal
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.tenancy.context import current_tenant_id, tenant_transaction

logger = logging.getLogger(__name__)

#: Events in one batch, unless one transaction wrote more.
BATCH = 5000


class RestoredError(Unavailable):
    """The transaction numbers have gone backwards: the data came from another server."""

    code = "audit_restored"

    def __init__(self) -> None:
        super().__init__(
            "Databasen är återställd från en säkerhetskopia. Kör sambruk migrate innan loggen förseglas.",
            permanent=True,
        )


def seal_batch(limit: int = BATCH) -> Seal | None:
    """Seal the current tenant's next events, and return the seal; None where there is nothing to seal.

    None also where another process is sealing. Raises AuditKeyError or RestoredError.
    """
    keys = audit_keys()
    with transaction.atomic():
        if not _alone():
            return None
        last = Seal.objects.order_by("-number").defer("leaves").first()
        start = last.upto_xact if last else 0
        bound = _complete_below()
        if bound < start:
            raise RestoredError
        upto = _upto(start, bound, limit)
        events = list(AuditEvent.objects.filter(xact_id__gte=start, xact_id__lt=upto).order_by("id"))
        if not events:
            return None
        seal = Seal(
            number=last.number + 1 if last else 1,
            sealed_at=datetime.now(UTC),
            from_xact=start,
            upto_xact=upto,
            event_count=len(events),
            leaves=leaves_of(events),
            previous_root=last.root if last else "",
            key_id=keys.current,
        )
        seal.root = seal_root(seal)
        seal.signature = keys.sign(seal_message(seal.root))
        seal.save(force_insert=True)
    # The last seals could be cut off with their events by who owns the database; the server's log, which
    # is kept elsewhere, is where their numbers and roots are found again (``verify(anchors=...)``).
    logger.info("audit sealed: tenant %s number %s root %s", seal.tenant_id, seal.number, seal.root)
    return seal


def seal_tenant(tenant_id: UUID, limit: int = BATCH) -> int:
    """Seal all that is complete of one tenant, a transaction a batch; return how many events.

    For the periodic job, called with no transaction open.
    """
    sealed = 0
    while True:
        with tenant_transaction(tenant_id):
            seal = seal_batch(limit)
        if seal is None:
            return sealed
        sealed += seal.event_count


def _alone() -> bool:
    """Take the tenant's sealing lock until the transaction ends; False where another has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"audit.seal:{current_tenant_id()}"]
        )
        return bool(cursor.fetchone()[0])


def _complete_below() -> int:
    """Return the number below which every transaction is over: its rows are all here, or never will be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit_xact_offset()")
        return int(cursor.fetchone()[0])


def _upto(start: int, bound: int, limit: int) -> int:
    """Return the batch's upper bound: whole transactions, about ``limit`` events."""
    numbers = AuditEvent.objects.filter(xact_id__gte=start, xact_id__lt=bound).order_by("xact_id")
    beyond = numbers.values_list("xact_id", flat=True)[limit : limit + 1].first()
    if beyond is None:
        return bound
    first = numbers.values_list("xact_id", flat=True).first()
    return beyond + 1 if beyond == first else beyond


@transaction.atomic
def drop_month(*, by: Actor, month: date, keep_years: int, today: date) -> DroppedMonth:
    """Drop a month's events after their retention; what was sealed of it stays provable.

    ``month`` is its first day, ``keep_years`` how long events are kept after the month's end (the principal's
    decision on disposal, gallringsbeslut). Months go in order, and only when all their events are sealed.
    Raises NotAllowed, Invalid (too early, not a month) or Conflict (unsealed, an older one stands, gone).
    """
    by.require(AuditPermission.DISPOSE)
    if month.day != 1 or keep_years < 1:
        raise Invalid("Ange månadens första dag och minst ett års bevarande.")
    end = next_month(month)
    if date(end.year + keep_years, end.month, 1) > today:
        raise Invalid(f"Månaden {month:%Y-%m} ska bevaras i {keep_years} år och får inte gallras än.")
    if DroppedMonth.objects.filter(month=month).exists():
        raise Conflict(f"Månaden {month:%Y-%m} är redan gallrad.")
    low, high = month_bounds(month)
    if AuditEvent.objects.filter(pk__lt=low).exists():
        raise Conflict("En äldre månad står kvar. Gallra månaderna i ordning.")
    last = Seal.objects.order_by("-number").defer("leaves").first()
    of_month = AuditEvent.objects.filter(pk__gte=low, pk__lt=high)
    if last is None or of_month.filter(xact_id__gte=last.upto_xact).exists():
        raise Conflict("Alla händelser i månaden är inte förseglade än. Försök igen senare.")
    keys = audit_keys()
    dropped = DroppedMonth(
        month=month,
        dropped_at=datetime.now(UTC),
        event_count=of_month.count(),
        sealed_upto=last.number,
        key_id=keys.current,
    )
    dropped.signature = keys.sign(dropped_message(dropped))
    dropped.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_drop_month(%s, %s, %s)", [month, low, high])
        removed = cursor.fetchone()[0]
    if removed != dropped.event_count:
        raise Conflict("Loggen ändrades medan månaden gallrades. Försök igen.")
    record(
        event="audit.month_dropped", by=by, obj=dropped, fields={"month": f"{month:%Y-%m}", "count": removed}
    )
    return dropped
