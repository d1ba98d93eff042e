"""Reading the log: who read of a person, page by page, and the extract that the person is given."""

from __future__ import annotations

from typing import Any

import pytest
from tests.platform.audit.conftest import ANNA, CASE

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.common.ids import uuid7
from sambruk.platform.audit.actions import record, record_read
from sambruk.platform.audit.disposal import dispose_values
from sambruk.platform.audit.queries import events_about, events_of_case, extract, who_read
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(tenant: Principal, staff: Actor) -> Principal:
    other = Actor(kind=ActorKind.STAFF, id=uuid7(), name="Bo Berg", tenant_id=tenant.pk)
    anna = Actor(kind=ActorKind.RESIDENT, id=ANNA, name="Anna Andersson", tenant_id=tenant.pk)
    record(event="case.opened", by=anna, obj=("cases.case", CASE), case_id=CASE, person_id=ANNA)
    for by in (staff, other, staff):
        record_read(by=by, obj=("cases.case", CASE), case_id=CASE, person_id=ANNA, reason="Handläggning")
    record(
        event="case.taken", by=staff, obj=("cases.case", CASE), case_id=CASE, person_id=ANNA, fields={"to": 1}
    )
    record_read(by=other, obj=("cases.case", uuid7()), case_id=uuid7(), person_id=uuid7())
    return tenant


def test_pages_follow_on_each_other(log: Principal, staff: Actor, django_assert_num_queries: Any) -> None:
    seen: list[str] = []
    before, pages = None, 0
    while pages == 0 or before is not None:
        with django_assert_num_queries(2):
            page = events_about(ANNA, by=staff, before=before, limit=2)
        seen += [row.event for row in page.rows]
        before, pages = page.next_before, pages + 1
    assert seen == ["case.taken", "case.read", "case.read", "case.read", "case.opened"]
    assert pages == 3
    assert len(events_of_case(CASE, by=staff).rows) == 5


def test_who_read_counts_each_reader(log: Principal, staff: Actor) -> None:
    readers = {(reader.actor_name, reader.count) for reader in who_read(ANNA, by=staff)}
    assert readers == {("Eva Ek", 2), ("Bo Berg", 1)}
    last = who_read(ANNA, by=staff)[0]
    assert who_read(ANNA, by=staff, since=last.last_at)[0].count >= 1
    assert who_read(ANNA, by=staff, until=last.first_at) == [] or last.count > 0


def test_the_extract_names_no_member_of_staff(log: Principal, staff: Actor) -> None:
    rows = extract(ANNA, by=staff, reason="Begäran 2026-11-24")
    assert rows[0].event == "case.opened"
    assert {row.actor_name for row in rows} == {"Anna Andersson", ""}
    assert {row.actor_id for row in rows} == {ANNA, None}
    named = extract(ANNA, by=staff, reason="Beslut om utlämnande", with_names=True)
    assert "Eva Ek" in {row.actor_name for row in named}
    assert events_about(ANNA, by=staff).rows[0].event == "audit.extracted"
    with pytest.raises(Invalid):
        extract(ANNA, by=staff, reason="")


def test_disposed_values_are_shown_as_such(log: Principal, staff: Actor) -> None:
    dispose_values(by=staff, case_id=CASE)
    rows = {row.event: row for row in events_about(ANNA, by=staff).rows}
    assert rows["case.taken"].disposed
    assert rows["case.taken"].fields == {}
    assert rows["case.taken"].field_names == ("to",)
    assert rows["case.opened"].actor_name == ""
    assert rows["case.opened"].actor_id == ANNA


@pytest.mark.parametrize("read", [events_about, events_of_case, who_read])
def test_reading_the_log_needs_the_permission(tenant: Principal, staff: Actor, read: Any) -> None:
    with pytest.raises(NotAllowed):
        read(ANNA, by=Actor(kind=ActorKind.STAFF, tenant_id=tenant.pk))
    with pytest.raises(NotAllowed):
        extract(ANNA, by=Actor(kind=ActorKind.STAFF, tenant_id=tenant.pk), reason="x")
