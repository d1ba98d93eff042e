"""`sambruk verify` names what is gone from the log, also where only an earlier file can show it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.support.server import Server

from sambruk.common.actor import system_actor
from sambruk.common.clock import now
from sambruk.operations import verifying
from sambruk.operations.errors import OperationError
from sambruk.operations.verifying import verify_audit
from sambruk.platform.audit.actions import record
from sambruk.platform.audit.seal import seal_tenant
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def database_server(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of these tests' own: a seal waits for every transaction in the whole server."""
    from tests.settings import RUN
    from tests.support import server as test_server

    run = RUN / f"verifying-{tmp_path_factory.getbasetemp().name}"
    with django_db_blocker.unblock():
        yield test_server.obtain(run)
        test_server.release(run)


def write_events(principal: Principal, count: int) -> None:
    for _ in range(count):
        with tenant_transaction(principal.pk):
            record(event="principal.changed", by=system_actor(principal.pk, "test"), obj=principal)


@pytest.fixture
def log(committed_db: str, jarfalla: Principal) -> Principal:
    """Järfälla's log: two seals of two events."""
    write_events(jarfalla, 4)
    seal_tenant(jarfalla.pk, limit=2)
    return jarfalla


def as_superuser(server: Server, database: str, *statements: str) -> None:
    with psycopg.connect(server.url("admin", database)) as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in statements:
            admin.execute(statement.encode())


def check(file: Path | None = None, against: Path | None = None) -> tuple[int, str]:
    said: list[str] = []
    status = verify_audit(said.append, file, against)
    return status, "\n".join(said)


CUT_OFF = (
    "DELETE FROM audit_auditevent WHERE xact_id >= (SELECT from_xact FROM audit_seal WHERE number = 2)",
    "DELETE FROM audit_seal WHERE number = 2",
)


def test_an_end_that_was_cut_off_is_named_by_an_earlier_file(
    log: Principal, committed_db: str, database_server: Server, tmp_path: Path
) -> None:
    earlier, later = tmp_path / "earlier.json", tmp_path / "later.json"
    assert check(earlier)[0] == 0
    write_events(log, 1)
    seal_tenant(log.pk)
    assert check(later, earlier)[0] == 0  # the log may grow
    as_superuser(database_server, committed_db, "DELETE FROM audit_seal WHERE number = 3", *CUT_OFF)
    assert check() == (0, check()[1])  # nothing in the database can show it
    status, text = check(against=earlier)
    assert status == 1
    assert "seal 2 is missing" in text
    assert "Loggen har ändrats" in text
    write_events(log, 1)
    seal_tenant(log.pk)
    status, text = check(against=earlier)
    assert (status, "seal 2 is not the one that was noted" in text) == (1, True)


def test_a_municipality_that_is_gone_is_named(log: Principal, tmp_path: Path) -> None:
    file = tmp_path / "earlier.json"
    check(file)
    noted = json.loads(file.read_text())
    noted["principals"].append({**noted["principals"][0], "principal": "0999"})
    file.write_text(json.dumps(noted))
    status, text = check(against=file)
    assert status == 1
    assert "0999: finns i " in text


@pytest.mark.parametrize("content", ["{}", "not json", '{"principals": [{"principal": "0123"}]}', "[1]"])
def test_another_file_is_refused(log: Principal, tmp_path: Path, content: str) -> None:
    file = tmp_path / "other"
    file.write_text(content)
    with pytest.raises(OperationError, match="är ingen fil som sambruk verify --json har skrivit"):
        check(against=file)
    with pytest.raises(OperationError, match="går inte att läsa"):
        check(against=tmp_path / "none")


def test_old_events_without_any_seal_are_a_fault(
    log: Principal,
    committed_db: str,
    database_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    as_superuser(database_server, committed_db, "DELETE FROM audit_seal")
    assert check()[0] == 0  # fresh events wait for the worker
    monkeypatch.setattr(verifying, "now", lambda: now() + timedelta(minutes=21))
    status, text = check(tmp_path / "result.json")
    assert status == 1
    assert "inget är förseglat" in text
    assert "Loggen har ändrats" not in text
    result = json.loads((tmp_path / "result.json").read_text())
    assert [one["principal"] for one in result["principals"] if one["unsealed"]] == ["0123"]
