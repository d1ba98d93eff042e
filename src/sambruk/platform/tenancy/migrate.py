"""Migrations that run under traffic: short waits for locks, retried; then the privileges; then a check."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from sambruk.common import events
from sambruk.common.errors import SambrukError
from sambruk.platform.tenancy import privileges
from sambruk.platform.tenancy.events import Migrated
from sambruk.platform.tenancy.owner import owner_connection
from sambruk.platform.tenancy.verify import faults

#: Told of each step: number done, number in all, what.
Progress: TypeAlias = Callable[[int, int, str], None]

#: A migration that waits for a lock makes everybody behind it wait too: it gives way after this long.
LOCK_TIMEOUT_MS = 3000
ATTEMPTS = 20
#: lock_not_available, deadlock_detected
_RETRIED_STATES = ("55P03", "40P01")
#: One migrates at a time; any number that nothing else uses.
_ADVISORY_LOCK = 0x53616D62

_INVALID = """
    SELECT c.conrelid::regclass::text, quote_ident(c.conname)
    FROM pg_constraint c WHERE NOT c.convalidated AND c.connamespace = 'public'::regnamespace
"""


class SchemaFault(SambrukError):  # noqa: N818 - a name like those of common.errors
    """The database does not say what the models say; ``faults`` lists the differences."""

    code = "schema_fault"

    def __init__(self, found: list[str]) -> None:
        super().__init__(f"Databasen stämmer inte med programmet: {'; '.join(found)}.")
        self.faults = found


@dataclass
class Migration:
    """What was done: migrations by name, statements of privileges, constraints checked, waits for locks."""

    applied: list[str] = field(default_factory=list)
    privileges: list[str] = field(default_factory=list)
    validated: list[str] = field(default_factory=list)
    retries: int = 0


def migrate(owner_url: str = "", *, progress: Progress | None = None) -> Migration:
    """Bring the schema up to date as the owner, and return what was done.

    Each migration is one transaction that waits at most three seconds for a lock and is then tried again,
    so that a running site is never held up; stopped half-way, it goes on from there. Raises SchemaFault
    when the result differs from the models, and OperationalError when the locks never came.
    """
    done = Migration()
    options = f"-c lock_timeout={LOCK_TIMEOUT_MS}"
    with owner_connection(owner_url, options=options) as connection:
        _retrying(done, lambda: _execute(connection, "SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK]))
        _retrying(done, lambda: _apply(connection, done, progress))
        _retrying(done, lambda: _grant(connection, done))
        for table, name in _rows(connection, _INVALID):
            statement = f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
            _retrying(done, partial(_execute, connection, statement))
            done.validated.append(f"{table}.{name}")
        events.publish(Migrated(connection.alias))
        found = faults(connection)
    if found:
        raise SchemaFault(found)
    return done


def _apply(connection: BaseDatabaseWrapper, done: Migration, progress: Progress | None) -> None:
    """Run the migrations that are missing."""
    executor = MigrationExecutor(connection, _told(done, progress))
    executor.loader.check_consistent_history(connection)
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    if progress:
        progress(0, len(plan), "")
    executor.progress_callback = _told(done, progress, len(plan))
    executor.migrate(targets, plan)


def _told(done: Migration, progress: Progress | None, total: int = 0) -> Callable[..., None]:
    finished = 0

    def callback(action: str, migration: Any = None, fake: bool = False) -> None:
        nonlocal finished
        if action == "apply_success":
            finished += 1
            done.applied.append(str(migration))
        if progress and action in ("apply_start", "apply_success"):
            progress(finished, total, str(migration))

    return callback


def _grant(connection: BaseDatabaseWrapper, done: Migration) -> None:
    with transaction.atomic(using=connection.alias):
        done.privileges += privileges.apply(connection)


def _retrying(done: Migration, step: Callable[[], None]) -> None:
    """Run a step again while it fails for want of a lock, waiting longer each time."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            step()
            return
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _RETRIED_STATES or attempt == ATTEMPTS:
                raise
            done.retries += 1
            time.sleep(min(0.2 * attempt, 2.0))


def _execute(connection: BaseDatabaseWrapper, statement: str, params: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _rows(connection: BaseDatabaseWrapper, query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def pending(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the migrations that are not applied yet, as "app.name" (readiness and ``doctor`` ask)."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
