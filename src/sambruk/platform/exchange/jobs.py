"""Work in the background that stays in the database, and work at set times."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from procrastinate import exceptions as procrastinate_errors
from procrastinate import sql
from procrastinate.jobs import Status

from sambruk.common.calendar import now
from sambruk.common.errors import SambrukError
from sambruk.common.ids import uuid7
from sambruk.platform.exchange import outbox, runs
from sambruk.platform.exchange.models import Delivery
from sambruk.platform.exchange.registry import Attempt, Handler, Kind, Periodic, add_kind, add_periodic
from sambruk.platform.exchange.runner import STALLED_SECONDS
from sambruk.platform.exchange.schedule import STANDARD, Schedule
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

log = structlog.get_logger(__name__)

#: Periodic work of a tenant, returned by its decorator as it was.
Work = TypeVar("Work", bound=Callable[[UUID], str | None])


@dataclass(frozen=True, slots=True)
class TenantTask:
    """A function that can be run later for one object of the tenant, with retries."""

    name: str
    function: Callable[[UUID], None]

    def __call__(self, object_id: UUID) -> None:
        """Do it here and now, in the running transaction."""
        self.function(object_id)

    def defer(self, object_id: UUID, *, key: str | None = None, run_at: datetime | None = None) -> Delivery:
        """Do it after the running transaction has committed, not before ``run_at``.

        With a ``key`` the same work is promised only once in the tenant; without, each call counts.
        """
        key = key or f"{self.name}:{object_id}:{uuid7()}"
        return outbox.enqueue(kind=self.name, object_id=object_id, key=key, run_at=run_at)


def tenant_task(
    name: str, *, label: str, schedule: Schedule = STANDARD
) -> Callable[[Callable[[UUID], None]], TenantTask]:
    """Register ``def work(object_id)`` as a task: ``@tenant_task("documents.scan", label="Virussökning")``.

    It runs in one tenant transaction together with the mark that it is done, so its effect stands exactly
    once. What reaches outside is an ``outbox.handler`` instead.
    """

    def register(function: Callable[[UUID], None]) -> TenantTask:
        add_kind(Kind(name=name, label=label, schedule=schedule, function=function))
        return TenantTask(name, function)

    return register


class _OwnTransactions(Handler[bool, None]):
    """Periodic work of one tenant that opens its transactions itself, run again as a delivery."""

    def __init__(self, name: str, function: Callable[[UUID], str | None]) -> None:
        self.name = name
        self.function = function

    def prepare(self, attempt: Attempt) -> bool | None:
        """Nothing to read."""
        return True

    def call(self, attempt: Attempt, prepared: bool) -> None:
        """Do the work for the attempt's tenant."""
        begun = now()
        note = self.function(attempt.tenant_id)
        with tenant_transaction(attempt.tenant_id):
            runs.note(self.name, begun, note)

    def finish(self, attempt: Attempt, prepared: bool, result: None) -> None:
        """Nothing to record."""


def periodic(
    cron: str, *, name: str, label: str, in_transaction: bool = True, spread: bool = False
) -> Callable[[Work], Work]:
    """Register ``def work(tenant_id)`` to be run for every tenant at set times (cron, UTC).

    It may return a sentence without personal data: the operator's page shows when it ran last, and that.

    It runs inside a tenant transaction; with ``in_transaction=False`` it opens its own, batch by batch.
    ``spread`` makes a delivery for each tenant instead of taking them one after the other: for heavy work.
    Where it fails for a tenant, the others go on, and that tenant's becomes a delivery: retried, and seen.
    """

    def register(function: Work) -> Work:
        if in_transaction:
            add_kind(Kind(name=name, label=label, schedule=STANDARD, function=_noted(name, function)))
        else:
            handler = _OwnTransactions(name, function)
            add_kind(Kind(name=name, label=label, schedule=STANDARD, handler=handler))
        add_periodic(Periodic(name, cron, label, function, in_transaction=in_transaction, spread=spread))
        return function

    return register


def _noted(name: str, function: Callable[[UUID], str | None]) -> Callable[[UUID], None]:
    """Return the work with the mark of how it went, for the transaction that it runs in."""

    def run(tenant_id: UUID) -> None:
        begun = now()
        runs.note(name, begun, function(tenant_id))

    return run


def shared_periodic(
    cron: str, *, name: str, label: str
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register ``def work()`` to be run once at set times (cron, UTC), for what belongs to no tenant."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        add_periodic(Periodic(name, cron, label, function, shared=True))
        return function

    return register


def run_periodic(work: Periodic, timestamp: int) -> int:
    """Run periodic work that fell due at ``timestamp`` (Unix seconds). Returns how many tenants failed.

    Running the same occasion again does no harm: the work takes what is due, a failure has one key.
    """
    if work.shared:
        work.function()  # type: ignore[call-arg]
        return 0
    failed = 0
    for tenant_id in Principal.objects.order_by("id").values_list("id", flat=True):
        failed += not _run_for_tenant(work, tenant_id, timestamp)
    return failed


def _run_for_tenant(work: Periodic, tenant_id: UUID, timestamp: int) -> bool:
    """Run it for one tenant, or promise it. False where it failed and was promised again."""
    if work.spread:
        _promise(work, tenant_id, timestamp)
        return True
    try:
        begun = now()
        if work.in_transaction:
            with tenant_transaction(tenant_id):
                runs.note(work.name, begun, work.function(tenant_id))  # type: ignore[call-arg]
        else:
            said = work.function(tenant_id)  # type: ignore[call-arg]
            with tenant_transaction(tenant_id):
                runs.note(work.name, begun, said)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - one tenant's fault must not stop the others
        code = error.code if isinstance(error, SambrukError) else type(error).__name__
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("periodic.fault", work=work.name, tenant=str(tenant_id), error=code, traceback=places)
        _promise(work, tenant_id, timestamp)
        with tenant_transaction(tenant_id):
            runs.note(work.name, begun, runs.sentence(error), succeeded=False)
        return False
    return True


def _promise(work: Periodic, tenant_id: UUID, timestamp: int) -> None:
    """Make one delivery of this occasion for the tenant; ``object_id`` is the tenant's id."""
    with tenant_transaction(tenant_id):
        outbox.enqueue(kind=work.name, object_id=tenant_id, key=f"{work.name}:{timestamp}")


def return_stalled(seconds_since_heartbeat: float = STALLED_SECONDS) -> int:
    """Give back the jobs of workers that died (no heartbeat for so many seconds). Returns how many.

    Where another job of the same delivery already waits, the dead one's is closed instead.
    """
    manager = outbox.job_manager()
    rows = manager.connector.get_sync_connector().execute_query_all(
        query=sql.queries["select_stalled_jobs_by_heartbeat"],
        queue=None,
        task_name=None,
        seconds_since_heartbeat=seconds_since_heartbeat,
    )
    for row in rows:
        _return_job(int(row["id"]))
    if rows:
        log.warning("jobs.returned", count=len(rows))
    return len(rows)


def _return_job(job_id: int) -> None:
    connector = outbox.job_manager().connector.get_sync_connector()
    with transaction.atomic():
        try:
            with transaction.atomic():
                connector.execute_query(
                    query=sql.queries["retry_job"],
                    job_id=job_id,
                    retry_at=None,
                    new_priority=None,
                    new_queue_name=None,
                    new_lock=None,
                )
        except procrastinate_errors.UniqueViolation:
            connector.execute_query(
                query=sql.queries["finish_job"], job_id=job_id, status=Status.ABORTED.value, delete_job=False
            )
        except procrastinate_errors.ConnectorException as error:
            # Another worker gave it back between our reading and now: it is no longer "doing".
            log.info("jobs.return_raced", job_id=job_id, error=type(error).__name__)
