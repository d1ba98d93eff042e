"""A log with a few events, in real transactions, and the owner's hand that tampers with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias
from unittest import mock
from uuid import UUID

import psycopg
import pytest
from tests.settings import RUN
from tests.support import server as test_server
from tests.support.server import Server

from sambruk.common import ids
from sambruk.common.actor import Actor, ActorKind
from sambruk.platform.audit.actions import record, record_read
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.audit.seal import seal_tenant
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

ANNA = UUID("01900000-0000-7000-8000-00000000aaaa")
CASE = UUID("01900000-0000-7000-8000-00000000cccc")

Tamper: TypeAlias = Callable[..., list[Any]]


@pytest.fixture(scope="session")
def database_server(
    django_db_blocker: Any,
) -> Iterator[Server]:
    """A server of these tests' own: a seal waits for every transaction that runs in the whole server, and the
    other process of the run always has one."""
    run = RUN / f"audit-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        server = test_server.obtain(run)
    yield server
    with django_db_blocker.unblock():
        test_server.release(run)


@pytest.fixture(scope="session")
def worker_database(database_server: Server) -> Iterator[str]:
    """The clone on that server for tests that roll back; the other folders' lies on the run's."""
    with database_server.clone() as name:
        yield name


@pytest.fixture
def staff(jarfalla: Principal) -> Actor:
    """A member of staff who may do everything with the log."""
    return Actor(
        kind=ActorKind.STAFF,
        id=UUID("01900000-0000-7000-8000-000000005555"),
        name="Eva Ek",
        tenant_id=jarfalla.pk,
        permissions=frozenset(map(str, AuditPermission)),
    )


@pytest.fixture
def written(committed_db: str, jarfalla: Principal, staff: Actor) -> Principal:
    """Five events in Järfälla's log, each in its own committed transaction."""
    for number in range(4):
        with tenant_transaction(jarfalla.pk):
            fields = {"telefon": f"070-000000{number}"}
            record(
                event="person.changed", by=staff, obj=("identity.person", ANNA), person_id=ANNA, fields=fields
            )
    with tenant_transaction(jarfalla.pk):
        record_read(by=staff, obj=("cases.case", CASE), case_id=CASE, person_id=ANNA, reason="Samtal")
    return jarfalla


@pytest.fixture
def tamper(committed_db: str, database_server: Server) -> Tamper:
    """Run SQL as the superuser, past grants, row security and triggers: what the log must withstand."""

    def run(statement: str, *params: Any) -> list[Any]:
        with psycopg.connect(database_server.url("admin", committed_db)) as admin:
            admin.execute("SET session_replication_role = replica")
            cursor = admin.execute(statement, params)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def old(committed_db: str, jarfalla: Principal, staff: Actor) -> Principal:
    """Three events in January 2020, two in February, one now; all but the last sealed."""
    for month, count in ((1, 3), (2, 2)):
        clock = datetime(2020, month, 15, tzinfo=UTC)
        with mock.patch.object(ids.time, "time_ns", lambda c=clock: int(c.timestamp() * 1e9)):
            ids._forget_after_fork()
            with tenant_transaction(jarfalla.pk):
                for _ in range(count):
                    record(event="case.taken", by=staff, obj=("cases.case", CASE), reason="Då")
    ids._forget_after_fork()
    seal_tenant(jarfalla.pk, limit=3)
    with tenant_transaction(jarfalla.pk):
        record(event="case.taken", by=staff, obj=("cases.case", CASE))
    return jarfalla
