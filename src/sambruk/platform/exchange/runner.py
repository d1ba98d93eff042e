"""Carries out one delivery: claim, prepare, call, finish, each recorded before the next begins.

A process may die between any two of them. What was claimed and not finished is taken over by the next run;
a run that was thought dead and comes back finds that its number is no longer the delivery's, and its finish
is rolled back.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, connection, transaction

from sambruk.common.calendar import now
from sambruk.common.errors import Conflict, SambrukError, Unavailable
from sambruk.platform.exchange import outbox
from sambruk.platform.exchange.failpoints import declare, failpoint
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.registry import Attempt, Kind, find_kind
from sambruk.platform.tenancy.context import current_tenant_id, tenant_transaction

log = structlog.get_logger(__name__)

CLAIMED = declare("exchange.claimed", "a delivery is marked as running, nothing is read yet")
PREPARED = declare("exchange.prepared", "what the call needs is read, the call is not made")
CALLED = declare("exchange.called", "the other end has answered, nothing of it is recorded")
FINISHING = declare("exchange.finishing", "the outcome is written, its transaction is not committed")
FINISHED = declare("exchange.finished", "the outcome is committed, the job still stands as being done")
FAILING = declare("exchange.failing", "a failure is written, its transaction is not committed")

Clock = Callable[[], datetime]

#: A job may come a little before its time when two clocks differ; more than this, it waits again.
EARLY = timedelta(seconds=5)
#: Without a heartbeat for so long (procrastinate beats every ten seconds) a worker counts as dead.
STALLED_SECONDS = 30.0
BUSY_WAIT = timedelta(seconds=30)
ABSENT_WAIT = timedelta(hours=1)


class Outcome(StrEnum):
    """What a run did."""

    DONE = "done"
    RETRY = "retry"
    GAVE_UP = "gave_up"
    GONE = "gone"
    OVER = "over"
    EARLY = "early"
    BUSY = "busy"
    ABSENT = "absent"


class Interrupted(Unavailable):
    """Runs of this delivery ended without a trace (a killed process) as often as may be tried."""

    code = "interrupted"


def run(*, tenant_id: UUID, delivery_id: UUID, job_id: int | None = None, clock: Clock = now) -> Outcome:
    """Carry out a delivery once. Returns what came of it; failures are recorded, not raised.

    Raises only when the database itself fails: then nothing is recorded, and the job is run again.
    """
    with tenant_transaction(tenant_id):
        claimed = _claim(delivery_id, job_id, clock)
    if isinstance(claimed, Outcome):
        return claimed
    attempt, kind = claimed
    failpoint(CLAIMED)
    try:
        _carry_out(attempt, kind, clock)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is recorded for the operator
        return _fail(attempt, kind, error, clock)
    failpoint(FINISHED)
    return Outcome.DONE


def _claim(delivery_id: UUID, job_id: int | None, clock: Clock) -> tuple[Attempt, Kind] | Outcome:
    """Mark the delivery as running by this job, or say why not."""
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        return Outcome.GONE
    if delivery.state in (DeliveryState.DONE, DeliveryState.GIVEN_UP):
        return Outcome.OVER
    moment = clock()
    if delivery.state == DeliveryState.RUNNING:
        if delivery.job_id != job_id and _is_alive(delivery.job_id):
            delivery.next_at = moment + BUSY_WAIT
            _defer_once(delivery)
            return Outcome.BUSY
    elif delivery.next_at is not None and delivery.next_at > moment + EARLY:
        _defer_once(delivery)
        return Outcome.EARLY
    kind = find_kind(delivery.kind)
    if kind is None:
        return _wait_for_system(delivery, moment)
    attempt = _attempt(delivery, delivery.attempts + 1)
    tried = delivery.attempts - delivery.attempts_before
    if delivery.state == DeliveryState.RUNNING and tried >= kind.schedule.attempts:
        error = Interrupted("Arbetet avbröts varje gång det försöktes. Kontrollera arbetsprocessen.")
        return _give_up(delivery, attempt, kind, error)
    delivery.attempts = attempt.number
    delivery.state = DeliveryState.RUNNING
    delivery.job_id = job_id
    delivery.save(update_fields=["attempts", "state", "job_id"])
    return attempt, kind


def _attempt(delivery: Delivery, number: int) -> Attempt:
    return Attempt(
        tenant_id=current_tenant_id(),
        delivery_id=delivery.id,
        kind=delivery.kind,
        object_id=delivery.object_id,
        key=delivery.key,
        number=number,
    )


def _is_alive(job_id: int | None) -> bool:
    """Say whether a job is being done by a worker whose heart was heard lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs job"
            " JOIN procrastinate_workers worker ON worker.id = job.worker_id"
            " WHERE job.id = %s AND job.status = 'doing'"
            " AND worker.last_heartbeat > now() - make_interval(secs => %s)",
            [job_id, STALLED_SECONDS],
        )
        return cursor.fetchone() is not None


def _defer_once(delivery: Delivery) -> None:
    """Make a job for the delivery unless one waits already. Its row is locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'",
            [str(delivery.id)],
        )
        if cursor.fetchone() is not None:
            return
    outbox.defer([delivery], priority=outbox.RETRY_PRIORITY)


def _wait_for_system(delivery: Delivery, moment: datetime) -> Outcome:
    """Nobody here knows this kind: keep it, say so, look again later. Attempts are not used up."""
    delivery.state = DeliveryState.WAITING
    delivery.last_code = "no_handler"
    delivery.last_error = "Systemet som tar hand om detta är inte installerat. Det väntar tills det är det."
    delivery.next_at = moment + ABSENT_WAIT
    delivery.save(update_fields=["state", "last_code", "last_error", "next_at"])
    _defer_once(delivery)
    return Outcome.ABSENT


def _carry_out(attempt: Attempt, kind: Kind, clock: Clock) -> None:
    if kind.function is not None:
        with tenant_transaction(attempt.tenant_id):
            delivery = _own(attempt)
            failpoint(PREPARED)
            kind.function(attempt.object_id)
            _done(delivery, clock)
            failpoint(FINISHING)
        return
    handler = kind.handler
    if handler is None:
        raise TypeError(f"delivery kind {kind.name!r} has neither handler nor function")
    with tenant_transaction(attempt.tenant_id):
        prepared: Any = handler.prepare(attempt)
        if prepared is None:
            _done(_own(attempt), clock)
            return
    failpoint(PREPARED)
    if connection.in_atomic_block:
        raise RuntimeError("an outside call was about to be made with a transaction open")
    result = handler.call(attempt, prepared)
    failpoint(CALLED)
    with tenant_transaction(attempt.tenant_id):
        delivery = _own(attempt)
        handler.finish(attempt, prepared, result)
        _done(delivery, clock)
        failpoint(FINISHING)


def _own(attempt: Attempt) -> Delivery:
    """Lock the delivery for this attempt. Raises Conflict if another run has taken it over."""
    delivery = Delivery.objects.select_for_update().get(pk=attempt.delivery_id)
    if delivery.state != DeliveryState.RUNNING or delivery.attempts != attempt.number:
        raise Conflict("Ett annat försök har tagit över.", "taken_over")
    return delivery


def _done(delivery: Delivery, clock: Clock) -> None:
    delivery.state = DeliveryState.DONE
    delivery.done_at = clock()
    delivery.next_at = None
    delivery.last_error = delivery.last_code = ""
    delivery.save(update_fields=["state", "done_at", "next_at", "last_error", "last_code"])


def _fail(attempt: Attempt, kind: Kind, error: Exception, clock: Clock) -> Outcome:
    """Record a failed attempt: try again by the kind's schedule, or give up."""
    told = _told(error)
    if not isinstance(error, SambrukError):
        # The message may quote what a person wrote; the place in the code may not.
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("delivery.fault", kind=kind.name, error=type(error).__name__, traceback=places)
    with tenant_transaction(attempt.tenant_id):
        try:
            delivery = _own(attempt)
        except Conflict:
            return Outcome.OVER
        failed = attempt.number - delivery.attempts_before
        again = None if _is_permanent(error) else kind.schedule.next_at(failed, clock(), delivery.id)
        if again is None:
            outcome = _give_up(delivery, attempt, kind, told)
        else:
            delivery.state = DeliveryState.FAILED
            delivery.next_at = again
            _note(delivery, told)
            delivery.save(update_fields=["state", "next_at", "last_error", "last_code"])
            _defer_once(delivery)
            outcome = Outcome.RETRY
        failpoint(FAILING)
    log.warning(
        "delivery.failed", kind=kind.name, code=told.code, attempt=attempt.number, outcome=str(outcome)
    )
    return outcome


def _give_up(delivery: Delivery, attempt: Attempt, kind: Kind, error: SambrukError) -> Outcome:
    delivery.state = DeliveryState.GIVEN_UP
    delivery.next_at = None
    _note(delivery, error)
    delivery.save(update_fields=["state", "next_at", "last_error", "last_code"])
    if kind.handler is not None:
        try:
            with transaction.atomic():
                kind.handler.gave_up(attempt, error)
        except OperationalError:
            raise
        except Exception as fault:  # noqa: BLE001 - giving up must be seen even where its follow-up fails
            log.error("delivery.gave_up_fault", kind=kind.name, error=type(fault).__name__)
    return Outcome.GAVE_UP


def _note(delivery: Delivery, error: SambrukError) -> None:
    delivery.last_error = error.message_sv[:300]
    delivery.last_code = error.code[:60]


def _told(error: Exception) -> SambrukError:
    """Return the failure as what the operator may read: never the text of an unexpected exception."""
    if isinstance(error, SambrukError):
        return error
    return Unavailable(f"Oväntat fel ({type(error).__name__}). Se driftloggen.", "fault")


def _is_permanent(error: Exception) -> bool:
    """Say whether trying again cannot help. An unexpected fault may pass; a refusal does not."""
    if isinstance(error, Unavailable):
        return error.permanent
    return isinstance(error, SambrukError) and not isinstance(error, Conflict)
