"""What an operator does with deliveries that failed: try again, or set aside with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from sambruk.common.actor import Actor
from sambruk.common.calendar import now
from sambruk.common.errors import Conflict, Invalid, NotFound
from sambruk.common.text import clean
from sambruk.platform.audit import actions as audit
from sambruk.platform.exchange import outbox
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.identity.permissions import Permission

#: How many are started again in one transaction.
RETRY_BATCH = 2000


def _restart(deliveries: Sequence[Delivery]) -> None:
    """Let locked deliveries be tried at once, with their whole schedule before them."""
    ids = [delivery.id for delivery in deliveries]
    moment = now()
    Delivery.objects.filter(id__in=ids).update(
        state=DeliveryState.WAITING,
        next_at=moment,
        attempts_before=F("attempts"),
        set_aside_at=None,
        set_aside_by="",
        set_aside_reason="",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = NULL, priority = %s"
            " WHERE status = 'todo' AND queueing_lock = ANY(%s) RETURNING queueing_lock",
            [outbox.FIRST_PRIORITY, [str(each) for each in ids]],
        )
        have_job = {row[0] for row in cursor.fetchall()}
    for delivery in deliveries:
        delivery.state, delivery.next_at = DeliveryState.WAITING, moment
    outbox.defer([delivery for delivery in deliveries if str(delivery.id) not in have_job])


@transaction.atomic
def retry(*, delivery_id: UUID, by: Actor) -> Delivery:
    """Try a delivery that failed or gave up again, now. Raises Conflict if it did neither."""
    by.require(Permission.OPERATOR)
    return _retry(Delivery.objects.select_for_update().filter(pk=delivery_id).first(), by)


@transaction.atomic
def restart(*, kind: str, object_id: UUID, by: Actor) -> Delivery:
    """Try a noun's own delivery again, now: for an action that has checked the permission itself.

    Raises NotFound, Conflict as `retry`.
    """
    rows = Delivery.objects.select_for_update().filter(kind=kind, object_id=object_id)
    return _retry(rows.order_by("-id").first(), by)


def _retry(delivery: Delivery | None, by: Actor) -> Delivery:
    if delivery is None:
        raise NotFound("Leveransen finns inte.")
    if delivery.state not in (DeliveryState.FAILED, DeliveryState.GIVEN_UP):
        raise Conflict("Leveransen väntar, pågår eller är redan klar. Läs om sidan.")
    _restart([delivery])
    audit.record(event="delivery.retried", by=by, obj=delivery, fields={"kind": delivery.kind})
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def retry_all(*, kind: str, by: Actor) -> int:
    """Try all of a kind that gave up and were not set aside again, at most RETRY_BATCH at a time.

    Returns how many were started; as many as RETRY_BATCH means that there may be more.
    """
    by.require(Permission.OPERATOR)
    rows = Delivery.objects.filter(kind=kind, state=DeliveryState.GIVEN_UP, set_aside_at__isnull=True)
    chosen = list(rows.order_by("id").select_for_update(skip_locked=True)[:RETRY_BATCH])
    if chosen:
        _restart(chosen)
        audit.record_many(
            audit.Entry(event="delivery.retried", by=by, obj=each, fields={"kind": kind}) for each in chosen
        )
    return len(chosen)


@transaction.atomic
def set_aside(*, delivery_id: UUID, reason: str, by: Actor) -> Delivery:
    """Say that a delivery that gave up needs nothing more, and why. It stays and can be tried again."""
    by.require(Permission.OPERATOR)
    reason = clean(reason).strip()
    if not reason:
        raise Invalid({"reason": "Skriv varför leveransen läggs åt sidan."})
    if len(reason) > 500:
        raise Invalid({"reason": "Skriv högst 500 tecken."})
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("Leveransen finns inte.")
    if delivery.state != DeliveryState.GIVEN_UP or delivery.set_aside_at is not None:
        raise Conflict("Bara en leverans som har gett upp kan läggas åt sidan. Läs om sidan.")
    delivery.set_aside_at, delivery.set_aside_by, delivery.set_aside_reason = now(), by.name[:200], reason
    delivery.save(update_fields=["set_aside_at", "set_aside_by", "set_aside_reason"])
    audit.record(
        event="delivery.set_aside", by=by, obj=delivery, fields={"kind": delivery.kind}, reason=reason
    )
    return delivery
