"""Promises of effects outside the running transaction, committed together with what they follow from.

``enqueue`` writes a ``Delivery`` and its job; ``handler`` says how a kind of delivery is carried out. The job
carries ids only: the tenant's and the delivery's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from sambruk.common.calendar import now
from sambruk.common.ids import uuid7
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.registry import Attempt, Handler, Kind, add_kind
from sambruk.platform.exchange.schedule import SHORT, STANDARD, Schedule
from sambruk.platform.tenancy.backend.prepared import prepared_cursor
from sambruk.platform.tenancy.context import current_tenant_id

__all__ = [
    "SHORT",
    "STANDARD",
    "Attempt",
    "Handler",
    "Schedule",
    "Wanted",
    "defer",
    "enqueue",
    "enqueue_many",
    "handler",
    "job_manager",
    "new_deliveries",
]

TASK = "sambruk.deliver"
QUEUE = "default"
#: What is tried again stands behind what is new: an outage's backlog does not hold up the rest.
FIRST_PRIORITY, RETRY_PRIORITY = 0, -1

H = TypeVar("H", bound=type[Handler[Any, Any]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One delivery to promise. ``key`` is unique in the tenant, at most 200 characters, of ids only."""

    kind: str
    object_id: UUID
    key: str
    run_at: datetime | None = None


def handler(kind: str, *, label: str, schedule: Schedule = STANDARD) -> Callable[[H], H]:
    """Register a Handler class for a kind: ``@outbox.handler("mail.notice", label="Besked med e-post")``.

    ``label`` is Swedish and stands on the operator's page. Work that stays in the database is registered
    with ``jobs.tenant_task`` instead.
    """

    def register(cls: H) -> H:
        add_kind(Kind(name=kind, label=label, schedule=schedule, handler=cls()))
        return cls

    return register


@cache
def job_manager() -> JobManager:
    """Return procrastinate's job manager over Django's connection: it writes in our transaction."""
    return JobManager(DjangoConnector())


def new_deliveries(wanted: Iterable[Wanted]) -> list[Delivery]:
    """Return unsaved rows for a caller that inserts them with its own (then calls ``defer``)."""
    moment = now()
    return [
        Delivery(
            id=uuid7(),
            kind=one.kind,
            object_id=one.object_id,
            key=one.key,
            next_at=one.run_at or moment,
            created_at=moment,
        )
        for one in wanted
    ]


def defer(deliveries: Sequence[Delivery], *, priority: int = FIRST_PRIORITY) -> None:
    """Make the jobs of saved deliveries, at their ``next_at``, with one call. In the running transaction.

    At most one job of a delivery waits at a time (its queueing lock); the caller holds the delivery's row.
    """
    if not deliveries:
        return
    moment = now()
    job_manager().batch_defer_jobs(
        [
            Job(
                id=None,
                queue=QUEUE,
                lock=None,
                queueing_lock=str(delivery.id),
                task_name=TASK,
                priority=priority,
                task_kwargs={"tenant_id": str(delivery.tenant_id), "delivery_id": str(delivery.id)},
                scheduled_at=delivery.next_at if delivery.next_at and delivery.next_at > moment else None,
            )
            for delivery in deliveries
        ]
    )


_COLUMNS = ("tenant_id", "id", "kind", "object_id", "key", "next_at", "created_at")
_INSERT = f"""
INSERT INTO exchange_delivery ({", ".join(_COLUMNS)}, state, attempts, attempts_before, last_error, last_code,
                               set_aside_by, set_aside_reason)
SELECT *, '{DeliveryState.WAITING}', 0, 0, '', '', '', ''
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[])
ON CONFLICT (tenant_id, key) DO NOTHING
RETURNING id
"""  # noqa: S608 - only names of ours


def _insert(rows: Sequence[Delivery]) -> set[UUID]:
    """Insert what is not there already, and return the ids that were."""
    values = [[getattr(row, column) for row in rows] for column in _COLUMNS]
    with prepared_cursor() as cursor:
        cursor.execute(_INSERT, values)
        return {found if isinstance(found, UUID) else UUID(found) for (found,) in cursor.fetchall()}


def enqueue_many(wanted: Sequence[Wanted]) -> list[Delivery]:
    """Promise several deliveries with one INSERT and one call that makes their jobs.

    Returns them in the given order; one whose key already stands in the tenant is returned as it is, and no
    job is made for it. Raises NoTenant outside a tenant transaction.
    """
    current_tenant_id()
    unique = {one.key: one for one in reversed(wanted)}
    rows = new_deliveries(unique.values())
    inserted = _insert(rows) if rows else set()
    fresh = [row for row in rows if row.id in inserted]
    for row in fresh:
        row._state.adding = False
        row._state.db = connection.alias
    defer(fresh)
    by_key = {row.key: row for row in fresh}
    if missing := [key for key in unique if key not in by_key]:
        by_key.update({row.key: row for row in Delivery.objects.filter(key__in=missing)})
    return [by_key[one.key] for one in wanted]


def enqueue(*, kind: str, object_id: UUID, key: str, run_at: datetime | None = None) -> Delivery:
    """Promise one delivery, now or not before ``run_at``. As ``enqueue_many``."""
    return enqueue_many([Wanted(kind=kind, object_id=object_id, key=key, run_at=run_at)])[0]
