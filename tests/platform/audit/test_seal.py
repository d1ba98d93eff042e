"""Seals: every kind of tampering is named, and what is rightly gone is known."""

from __future__ import annotations

import base64
import os
import threading
import time
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection
from tests.platform.audit.conftest import ANNA, CASE, Tamper
from tests.support.server import Server

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.platform.audit import epochs
from sambruk.platform.audit.actions import record
from sambruk.platform.audit.canonical import month_bounds, month_of
from sambruk.platform.audit.disposal import dispose_values, rotate_values
from sambruk.platform.audit.keys import AuditKeyError, audit_keys
from sambruk.platform.audit.models import AuditEvent, AuditValue, Seal
from sambruk.platform.audit.seal import RestoredError, drop_month, seal_tenant
from sambruk.platform.audit.verify import Report, verify
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.tenancy.owner import owner_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(written: Principal) -> Principal:
    # The server's own upkeep may have a transaction open, and what came after it waits.
    done = seal_tenant(written.pk, limit=2)
    until = time.monotonic() + 60
    while done < 5 and time.monotonic() < until:
        time.sleep(0.1)
        done += seal_tenant(written.pk, limit=2)
    assert done == 5
    return written


def check(principal: Principal, **options: Any) -> Report:
    with tenant_transaction(principal.pk):
        return verify(**options)


def event_ids(principal: Principal) -> list[UUID]:
    with tenant_transaction(principal.pk):
        return list(AuditEvent.objects.order_by("id").values_list("pk", flat=True))


def test_an_untouched_log_holds(sealed: Principal) -> None:
    told: list[tuple[int, int]] = []
    report = check(sealed, progress=lambda done, total: told.append((done, total)))
    assert report.ok
    assert (report.seals, report.events, report.pending, report.last_number) == (3, 5, 0, 3)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert seal_tenant(sealed.pk) == 0


@pytest.mark.parametrize(
    "change",
    [
        "event = 'person.read'",
        "at = at + interval '1 second'",
        "actor_name = 'Någon Annan'",
        "actor_id = gen_random_uuid()",
        "person_id = NULL",
        "field_names = '[\"adress\"]'",
        "value_hash = ''",
        "is_read = NOT is_read",
    ],
)
def test_a_changed_row_is_named(sealed: Principal, tamper: Tamper, change: str) -> None:
    victim = event_ids(sealed)[1]
    tamper(f"UPDATE audit_auditevent SET {change} WHERE id = %s", victim)  # noqa: S608
    report = check(sealed)
    assert not report.ok
    assert report.changed == [victim]
    assert (report.removed, report.inserted, report.seal_faults) == ([], [], [])


def test_a_removed_row_is_named(sealed: Principal, tamper: Tamper) -> None:
    victim = event_ids(sealed)[2]
    tamper("DELETE FROM audit_auditevent WHERE id = %s", victim)
    report = check(sealed)
    assert (report.changed, report.removed, report.inserted) == ([], [victim], [])
    assert not report.ok


def test_an_inserted_row_is_named(sealed: Principal, tamper: Tamper) -> None:
    columns = ", ".join(field.column for field in AuditEvent._meta.fields if field.column != "id")
    rest = f"{columns} FROM audit_auditevent ORDER BY id LIMIT 1 RETURNING id"
    (row,) = tamper(f"INSERT INTO audit_auditevent (id, {columns}) SELECT gen_random_uuid(), {rest}")
    report = check(sealed)
    assert (report.changed, report.removed, report.inserted) == ([], [], [row[0]])
    assert not report.ok


def test_a_row_moved_in_time_is_not_overlooked(sealed: Principal, tamper: Tamper) -> None:
    victim = event_ids(sealed)[0]
    tamper("UPDATE audit_auditevent SET xact_id = xact_id + 1000000 WHERE id = %s", victim)
    assert check(sealed).changed == [victim]


def test_a_changed_value_is_named(sealed: Principal, tamper: Tamper) -> None:
    first, second = event_ids(sealed)[:2]
    tamper("UPDATE audit_auditvalue SET salt = '\\x00' WHERE id = %s", first)
    other = "(SELECT token FROM audit_auditvalue WHERE id = %s)"
    tamper(f"UPDATE audit_auditvalue SET token = {other} WHERE id = %s", first, second)  # noqa: S608
    report = check(sealed)
    assert sorted(report.values_changed) == [first, second]
    assert not report.ok


def test_a_value_removed_past_the_disposal_is_noticed(sealed: Principal, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_auditvalue WHERE id = %s", event_ids(sealed)[0])
    report = check(sealed)
    assert report.values_removed == 1
    assert not report.ok


def test_disposed_values_leave_the_log_whole(sealed: Principal, staff: Actor) -> None:
    with tenant_transaction(sealed.pk):
        assert dispose_values(by=staff, person_id=ANNA, reason="Gallringsbeslut") == 5
        assert dispose_values(by=staff, person_id=ANNA) == 0
    seal_tenant(sealed.pk)
    report = check(sealed)
    assert report.ok
    assert (report.disposed, report.values_removed, report.events) == (5, 0, 6)
    with tenant_transaction(sealed.pk):
        assert AuditValue.objects.count() == 1  # the disposal's own


def test_disposal_needs_the_permission_and_somebody_to_dispose_of(tenant: Principal, staff: Actor) -> None:
    with pytest.raises(NotAllowed):
        dispose_values(by=Actor(kind=staff.kind, tenant_id=tenant.pk), person_id=ANNA)
    with pytest.raises(Invalid):
        dispose_values(by=staff)


@pytest.mark.parametrize("column", ["root", "previous_root", "key_id"])
def test_a_changed_seal_is_named(sealed: Principal, tamper: Tamper, column: str) -> None:
    tamper(f"UPDATE audit_seal SET {column} = repeat('0', 16) WHERE number = 2")  # noqa: S608
    report = check(sealed)
    assert any("seal 2" in fault for fault in report.seal_faults)


def test_a_chain_rebuilt_without_the_key_is_noticed(sealed: Principal, tamper: Tamper, settings: Any) -> None:
    """The database's owner changes an event and builds all seals anew, with a key of their own."""
    tamper("UPDATE audit_auditevent SET actor_name = 'Någon Annan'")
    tamper("DELETE FROM audit_seal")
    honest = settings.AUDIT_KEY
    settings.AUDIT_KEY = base64.b64encode(b"x" * 32).decode()
    assert seal_tenant(sealed.pk) == 5
    assert check(sealed).ok  # with the forger's key
    settings.AUDIT_KEY = honest
    assert check(sealed).seal_faults == ["seal 1: signed with a key that is not known here"]


def test_a_missing_seal_is_noticed(sealed: Principal, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE number = 2")
    assert check(sealed).seal_faults == ["seal 3 does not follow on the one before"]


def test_a_log_whose_end_was_cut_off_is_shown_by_a_noted_root(sealed: Principal, tamper: Tamper) -> None:
    noted = check(sealed)
    tamper("DELETE FROM audit_seal WHERE number = 3")
    tamper("DELETE FROM audit_auditevent WHERE id = %s", event_ids(sealed)[-1])
    assert check(sealed).ok  # nothing in the database can show it
    anchors = {noted.last_number: noted.last_root}
    assert check(sealed, anchors=anchors).seal_faults == ["seal 3 is missing"]


def test_older_keys_verify_what_they_sealed(sealed: Principal, settings: Any) -> None:
    old = settings.AUDIT_KEY
    new = base64.b64encode(b"n" * 32).decode()
    public = base64.b64encode(audit_keys()._public[audit_keys().current].public_bytes_raw()).decode()
    for known in (f"{new},{old}", f"{new},pub:{public}"):
        settings.AUDIT_KEY = known
        assert check(sealed).ok
    settings.AUDIT_KEY = new
    assert not check(sealed).ok


@pytest.mark.parametrize("text", ["", "kort", "pub:" + "A" * 44, "%%%"])
def test_a_missing_or_broken_key_is_said_so(settings: Any, text: str) -> None:
    settings.AUDIT_KEY = text
    with pytest.raises(AuditKeyError) as raised:
        audit_keys()
    assert raised.value.permanent
    assert "SAMBRUK_AUDIT_KEY" in raised.value.message_sv


def test_a_batch_waits_for_transactions_that_are_still_running(
    written: Principal, staff: Actor, database_server: Server, committed_db: str
) -> None:
    """Ids do not follow the order of commits: an older transaction may still write an older id."""
    began, finish = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with tenant_transaction(written.pk):
                record(event="case.slow", by=staff, obj=("cases.case", CASE))
                began.set()
                finish.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    began.wait(20)
    with tenant_transaction(written.pk):
        record(event="case.quick", by=staff, obj=("cases.case", CASE))
    assert seal_tenant(written.pk) == 5  # neither slow nor quick
    assert check(written).pending == 1
    finish.set()
    thread.join()
    assert seal_tenant(written.pk) == 2
    report = check(written)
    assert report.ok
    assert report.events == 7


def test_two_cannot_seal_at_once(written: Principal, database_server: Server, committed_db: str) -> None:
    with psycopg.connect(database_server.url("application", committed_db)) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"audit.seal:{written.pk}",))
        assert seal_tenant(written.pk) == 0
    assert seal_tenant(written.pk) == 5


def test_a_batch_holds_whole_transactions(committed_db: str, jarfalla: Principal, staff: Actor) -> None:
    for size in (1, 5, 1):
        with tenant_transaction(jarfalla.pk):
            for _ in range(size):
                record(event="case.taken", by=staff, obj=("cases.case", CASE))
    assert seal_tenant(jarfalla.pk, limit=2) == 7
    with tenant_transaction(jarfalla.pk):
        assert list(Seal.objects.order_by("number").values_list("event_count", flat=True)) == [1, 5, 1]


def test_each_tenant_has_its_own_chain(sealed: Principal, botkyrka: Principal) -> None:
    with tenant_transaction(botkyrka.pk):
        record(event="case.taken", by=Actor(kind="system", name="x"), obj=("cases.case", CASE))  # type: ignore[arg-type]
    assert seal_tenant(botkyrka.pk) == 1
    report = check(botkyrka)
    assert (report.ok, report.seals, report.events) == (True, 1, 1)


def test_a_restored_database_goes_on_sealing_after_migrate(
    sealed: Principal, staff: Actor, tamper: Tamper, database_server: Server, committed_db: str
) -> None:
    """In another server the transaction numbers are low again: as if those here had been far higher."""
    tamper("UPDATE audit_seal SET upto_xact = upto_xact + 100000000 WHERE number = 3")
    with tenant_transaction(sealed.pk):
        record(event="case.taken", by=staff, obj=("cases.case", CASE))
    with pytest.raises(RestoredError):
        seal_tenant(sealed.pk)
    with owner_connection(database_server.url("owner", committed_db)) as owner:
        assert epochs.ensure(owner.alias)
        assert not epochs.ensure(owner.alias)
    with tenant_transaction(sealed.pk):
        record(event="case.taken", by=staff, obj=("cases.case", CASE))
    assert seal_tenant(sealed.pk) == 1


def drop(principal: Principal, staff: Actor, month: date, **more: Any) -> Any:
    options = {"keep_years": 5, "today": date(2026, 11, 24), **more}
    with tenant_transaction(principal.pk):
        return drop_month(by=staff, month=month, **options)


def test_whole_months_are_dropped_in_order_and_verify_knows(
    old: Principal, staff: Actor, tamper: Tamper
) -> None:
    assert drop(old, staff, date(2020, 1, 1)).event_count == 3
    report = check(old)
    assert report.ok
    assert report.dropped == {date(2020, 1, 1): 3}
    assert report.events == 2
    victim = next(each for each in event_ids(old) if month_of(each) == date(2020, 2, 1))
    tamper("DELETE FROM audit_auditevent WHERE id = %s", victim)
    assert check(old).removed == [victim]  # the month beside it is not excused


def test_a_month_said_to_be_dropped_without_the_key_excuses_nothing(old: Principal, tamper: Tamper) -> None:
    tamper(
        "INSERT INTO audit_droppedmonth"
        " (tenant_id, id, month, dropped_at, event_count, sealed_upto, key_id, signature)"
        " SELECT tenant_id, gen_random_uuid(), '2020-02-01', now(), 2, 2, key_id, signature"
        " FROM audit_seal LIMIT 1"
    )
    least = "01710000-0000-0000-0000-000000000000"
    gone = tamper("DELETE FROM audit_auditevent WHERE id < %s RETURNING id", least)
    report = check(old)
    assert report.seal_faults == ["dropped month 2020-02: the signature does not hold"]
    assert sorted(report.removed) == sorted(row[0] for row in gone)


@pytest.mark.parametrize(
    ("month", "more", "error"),
    [
        (date(2020, 2, 1), {}, Conflict),  # January stands
        (date(2020, 1, 1), {"keep_years": 7}, Invalid),  # not yet
        (date(2020, 1, 1), {"keep_years": 0}, Invalid),
        (date(2020, 1, 2), {}, Invalid),
    ],
)
def test_a_month_that_must_not_go_stays(
    old: Principal, staff: Actor, month: date, more: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        drop(old, staff, month, **more)
    assert len(event_ids(old)) == 6


def test_a_month_that_is_not_sealed_stays(committed_db: str, jarfalla: Principal, staff: Actor) -> None:
    with tenant_transaction(jarfalla.pk):
        record(event="case.taken", by=staff, obj=("cases.case", CASE))
    (event,) = event_ids(jarfalla)
    later = month_of(event) + timedelta(days=366 * 7)
    with pytest.raises(Conflict):
        drop(jarfalla, staff, month_of(event), today=later)


def test_the_database_drops_no_month_that_is_not_recorded(old: Principal) -> None:
    low, high = month_bounds(date(2020, 1, 1))
    with pytest.raises(DatabaseError, match="not recorded as dropped"), tenant_transaction(old.pk):
        connection.cursor().execute("SELECT audit_drop_month(%s, %s, %s)", [date(2020, 1, 1), low, high])


def test_values_follow_the_key(sealed: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    new = f"ny:{base64.b64encode(b'n' * 32).decode()}"
    monkeypatch.setenv("SAMBRUK_FIELD_KEYS", f"{new},{os.environ['SAMBRUK_FIELD_KEYS']}")
    with tenant_transaction(sealed.pk):
        assert rotate_values(limit=3) == 3
        assert rotate_values() == 2
        assert rotate_values() == 0
    monkeypatch.setenv("SAMBRUK_FIELD_KEYS", new)
    assert check(sealed).ok
