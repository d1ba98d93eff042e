"""Migrations under traffic, the privileges after them, and the check that finds what differs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.db import OperationalError, connection
from tests.support.server import Server

from sambruk.common.errors import Unavailable
from sambruk.platform.tenancy import migrate as migrating
from sambruk.platform.tenancy import privileges
from sambruk.platform.tenancy.migrate import SchemaFault, migrate, pending
from sambruk.platform.tenancy.owner import ALIAS, owner_connection
from sambruk.platform.tenancy.roles import ensure_roles
from sambruk.platform.tenancy.verify import faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner_url(committed_db: str, database_server: Server) -> str:
    return database_server.url("owner", committed_db)


@pytest.fixture
def admin(committed_db: str, database_server: Server) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_server.url("admin", committed_db), autocommit=True) as connected:
        yield connected


def found(owner_url: str) -> list[str]:
    with owner_connection(owner_url) as owner:
        return faults(owner)


@pytest.fixture(autouse=True)
def only_installed_tables() -> Iterator[None]:
    """An app under work may lack its migration: that fault is the isolation test's."""
    original = faults

    def without(owner: Any) -> list[str]:
        return [fault for fault in original(owner) if not fault.endswith("is missing") or "role" in fault]

    with mock.patch.object(migrating, "faults", without), mock.patch(f"{__name__}.faults", without):
        yield


def test_migrating_again_changes_nothing(owner_url: str) -> None:
    told: list[Any] = []
    done = migrate(owner_url, progress=lambda *step: told.append(step))
    assert (done.applied, done.privileges, done.validated, done.retries) == ([], [], [], 0)
    assert told == [(0, 0, "")]


def test_an_empty_database_is_brought_up_and_every_step_told(database_server: Server, admin: Any) -> None:
    admin.execute("CREATE DATABASE empty_one OWNER sambruk_owner")
    told: list[tuple[int, int, str]] = []
    done = migrate(database_server.url("owner", "empty_one"), progress=lambda *step: told.append(step))
    admin.execute("DROP DATABASE empty_one WITH (FORCE)")
    assert "tenancy.0001_initial" in done.applied
    assert told[-1][:2] == (len(done.applied), len(done.applied))
    assert done.privileges


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("ALTER TABLE tenancy_authority DISABLE ROW LEVEL SECURITY", "no row security"),
        ("DROP POLICY tenant_isolation ON tenancy_authority", "other policies"),
        ("CREATE POLICY more ON tenancy_authority USING (true)", "other policies"),
        ("ALTER POLICY tenant_isolation ON tenancy_authority USING (true)", "other policies"),
        ("ALTER TABLE tenancy_staffgrant DROP CONSTRAINT tenancy_staffgrant_pkey", "lacks the key"),
        ("ALTER TABLE tenancy_authority OWNER TO sambruk_app", "must own nothing"),
        ("GRANT DELETE ON audit_auditevent TO sambruk_app", "REVOKE DELETE"),
        ("GRANT SELECT ON audit_auditevent TO PUBLIC", "REVOKE SELECT"),
        ("REVOKE INSERT ON tenancy_authority FROM sambruk_app", "GRANT INSERT"),
        ("REVOKE SELECT ON tenancy_authority FROM sambruk_backup", "GRANT SELECT"),
    ],
)
def test_the_check_finds_what_differs(owner_url: str, admin: Any, damage: str, fault: str) -> None:
    assert found(owner_url) == []
    admin.execute(damage)
    assert any(fault in each for each in found(owner_url))


def test_migrate_puts_privileges_right_and_refuses_what_it_cannot(owner_url: str, admin: Any) -> None:
    admin.execute("GRANT DELETE ON audit_auditevent TO sambruk_app")
    assert migrate(owner_url).privileges == ['REVOKE DELETE ON TABLE "audit_auditevent" FROM "sambruk_app"']
    admin.execute("ALTER TABLE tenancy_authority DISABLE ROW LEVEL SECURITY")
    with pytest.raises(SchemaFault, match="tenancy_authority") as raised:
        migrate(owner_url)
    assert raised.value.faults == ["table tenancy_authority has no row security"]


def test_a_role_that_grew_is_found_and_put_right(owner_url: str, admin: Any) -> None:
    admin.execute("ALTER ROLE sambruk_app BYPASSRLS")
    try:
        assert "role sambruk_app bypasses row security" in found(owner_url)
    finally:
        assert ensure_roles(admin) == []
    assert found(owner_url) == []


def test_a_lock_is_waited_for_shortly_and_tried_again(owner_url: str, admin: Any) -> None:
    admin.execute("REVOKE INSERT ON tenancy_authority FROM sambruk_app")
    admin.execute("ALTER TABLE tenancy_staffgrant ADD CONSTRAINT later CHECK (roles IS NOT NULL) NOT VALID")
    held, let_go = threading.Event(), threading.Event()

    def reader(database: str) -> None:
        with psycopg.connect(database) as other:
            other.execute("LOCK TABLE tenancy_staffgrant IN ACCESS EXCLUSIVE MODE")
            held.set()
            let_go.wait(20)

    thread = threading.Thread(target=reader, args=(owner_url,))
    thread.start()
    held.wait(20)
    with mock.patch.object(migrating, "LOCK_TIMEOUT_MS", 100):
        timer = threading.Timer(1.0, let_go.set)
        timer.start()
        done = migrate(owner_url)
    thread.join()
    assert done.retries >= 1
    assert done.validated == ["tenancy_staffgrant.later"]


def test_a_lock_that_never_comes_is_an_error(owner_url: str, admin: Any) -> None:
    admin.execute("ALTER TABLE tenancy_staffgrant ADD CONSTRAINT later CHECK (roles IS NOT NULL) NOT VALID")
    with (
        psycopg.connect(owner_url) as other,
        mock.patch.multiple(migrating, LOCK_TIMEOUT_MS=50, ATTEMPTS=2),
    ):
        other.execute("LOCK TABLE tenancy_staffgrant IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate(owner_url)


def test_what_is_pending_is_named(owner_url: str, admin: Any) -> None:
    before = pending(connection)
    admin.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    assert pending(connection) == [*before, "audit.0001_initial"] or "audit.0001_initial" in pending(
        connection
    )


def test_without_the_owners_address_there_is_a_sentence(settings: Any) -> None:
    settings.OWNER_DATABASE_URL = ""
    with pytest.raises(Unavailable, match="SAMBRUK_OWNER_DATABASE_URL") as raised:
        migrate()
    assert raised.value.permanent


def test_the_owners_connection_is_gone_after(owner_url: str) -> None:
    from django.db import connections

    with owner_connection(owner_url) as owner:
        assert owner.alias == ALIAS
        with pytest.raises(RuntimeError), owner_connection(owner_url):
            pass
        with owner.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("sambruk_owner",)
    assert ALIAS not in connections.settings


def test_what_no_model_says_is_not_allowed() -> None:
    declared = privileges.declared()
    assert privileges.wanted_for("unknown_table", declared) == frozenset()
    assert declared["audit_auditevent"] == {"SELECT", "INSERT"}
    assert declared["tenancy_hostname"] == {"SELECT"}
    assert declared["tenancy_principal"] == {"SELECT", "UPDATE"}
    assert declared["tenancy_authority"] == {"SELECT", "INSERT", "UPDATE", "DELETE"}
