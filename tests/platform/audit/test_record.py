"""Writing the log: with the change or not at all, whole, and without personal values in the row."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from unittest import mock
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from tests.platform.audit.conftest import ANNA, CASE

from sambruk.common.actor import Actor, ActorKind
from sambruk.platform.audit.actions import Entry, record, record_many, record_read
from sambruk.platform.audit.models import AuditEvent, AuditValue
from sambruk.platform.audit.queries import events_about
from sambruk.platform.audit.values import plain
from sambruk.platform.tenancy.actions import change_principal
from sambruk.platform.tenancy.context import NoTenant, tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = pytest.mark.django_db


def resident(tenant: Principal, **more: Any) -> Actor:
    return Actor(kind=ActorKind.RESIDENT, id=ANNA, name="Anna Andersson", tenant_id=tenant.pk, **more)


def test_a_row_says_who_did_what_to_what(tenant: Principal, staff: Actor) -> None:
    authority = Authority.objects.create(name="Nämnden")
    record(
        event="authority.renamed",
        by=staff,
        obj=authority,
        case_id=CASE,
        person_id=ANNA,
        fields={"name": "Nya nämnden", "since": date(2026, 1, 1), "fee": Decimal("1.50")},
        reason="Beslut 12",
    )
    (row,) = events_about(ANNA, by=staff).rows
    assert (row.event, row.is_read) == ("authority.renamed", False)
    assert (row.actor_kind, row.actor_id) == ("staff", staff.id)
    assert (row.object_type, row.object_id, row.case_id) == ("tenancy.authority", authority.pk, CASE)
    assert row.actor_name == "Eva Ek"
    assert row.field_names == ("fee", "name", "since")
    assert row.fields == {"fee": "1.50", "name": "Nya nämnden", "since": "2026-01-01"}
    assert row.reason == "Beslut 12"


def test_the_row_itself_holds_no_personal_value(tenant: Principal) -> None:
    by = resident(tenant, on_behalf_of=CASE, mandate_id=CASE)
    fields = {"personnummer": "191212121212"}
    record(event="person.changed", by=by, obj=("identity.person", ANNA), fields=fields, reason="Anna flyttar")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(e)::text FROM audit_auditevent e")
        (row,) = cursor.fetchone()
        cursor.execute("SELECT encode(token, 'escape') FROM audit_auditvalue")
        (token,) = cursor.fetchone()
    for secret in ("191212121212", "Anna Andersson", "flyttar"):
        assert secret not in row
        assert secret not in token
    assert json.loads(row)["field_names"] == ["personnummer"]


def test_a_read_is_named_after_what_was_read(tenant: Principal, staff: Actor) -> None:
    record_read(by=staff, obj=("cases.case", CASE), case_id=CASE, person_id=ANNA)
    event = AuditEvent.objects.get()
    assert (event.event, event.is_read, event.value_hash) == ("case.read", True, "")
    assert not AuditValue.objects.exists()


def test_many_events_are_one_statement(
    tenant: Principal, staff: Actor, django_assert_num_queries: Any
) -> None:
    entries = [
        Entry(event="task.opened", by=staff, obj=("cases.task", ANNA), fields={"n": n} if n % 2 else None)
        for n in range(100)
    ]
    with django_assert_num_queries(1):
        record_many(entries)
    assert AuditEvent.objects.count() == 100
    assert AuditValue.objects.count() == 50
    with django_assert_num_queries(0):
        record_many([])


def test_a_failing_row_undoes_the_change(committed_db: str, jarfalla: Principal, staff: Actor) -> None:
    by = Actor(kind=ActorKind.STAFF, tenant_id=jarfalla.pk, permissions=frozenset({"admin.principal"}))
    broken = mock.patch("sambruk.platform.audit.actions._insert", side_effect=DatabaseError("disk full"))
    with pytest.raises(DatabaseError), broken, tenant_transaction(jarfalla.pk):
        change_principal(by=by, changes={"colour": "#123456"})
    assert Principal.objects.get(pk=jarfalla.pk).colour == jarfalla.colour
    with tenant_transaction(jarfalla.pk):
        change_principal(by=by, changes={"colour": "#123456"})
        assert AuditEvent.objects.get().event == "principal.changed"
    assert Principal.objects.get(pk=jarfalla.pk).colour == "#123456"


def test_a_change_that_is_undone_leaves_no_row(tenant: Principal, staff: Actor) -> None:
    with pytest.raises(ValueError, match="later"), transaction.atomic():
        record(event="case.taken", by=staff, obj=("cases.case", CASE))
        raise ValueError("later")
    assert not AuditEvent.objects.exists()


def test_outside_a_tenant_nothing_can_be_written(committed_db: str, staff: Actor) -> None:
    with pytest.raises(NoTenant):
        record(event="case.taken", by=staff, obj=("cases.case", CASE))


def test_another_tenants_actor_is_refused(tenant: Principal, botkyrka: Principal) -> None:
    by = Actor(kind=ActorKind.STAFF, tenant_id=botkyrka.pk)
    with pytest.raises(ValueError, match="another tenant"):
        record(event="case.taken", by=by, obj=("cases.case", CASE))


CHANGES = ["UPDATE audit_auditevent SET event = 'x'", "DELETE FROM audit_auditevent"]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_application_cannot_change_a_row(tenant: Principal, staff: Actor, statement: str) -> None:
    record(event="case.taken", by=staff, obj=("cases.case", CASE))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize("statement", [*CHANGES, "TRUNCATE audit_auditevent"])
def test_the_trigger_stops_the_owner_too(
    committed_db: str, jarfalla: Principal, staff: Actor, database_server: Any, statement: str
) -> None:
    with tenant_transaction(jarfalla.pk):
        record(event="case.taken", by=staff, obj=("cases.case", CASE))
    owner = psycopg.connect(database_server.url("owner", committed_db))
    with owner, pytest.raises(psycopg.Error, match="only grows"):
        owner.execute(statement)  # type: ignore[call-overload]


def test_what_has_no_plain_form_is_refused_by_type() -> None:
    assert plain({"a": [UUID(int=1), {2, 1}, None, True, 2**60, ActorKind.STAFF]}) == {
        "a": ["00000000-0000-0000-0000-000000000001", [1, 2], None, True, str(2**60), "staff"]
    }
    with pytest.raises(TypeError, match="bytes cannot stand"):
        plain({"a": b"secret"})
