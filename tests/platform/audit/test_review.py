"""A review is begun with its reason, shows what it asked for, is nobody else's, and is itself in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.platform.audit.conftest import ANNA, CASE

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import today
from sambruk.common.errors import Invalid, NotAllowed, NotFound
from sambruk.common.ids import uuid7
from sambruk.platform.audit import review
from sambruk.platform.audit.actions import record, record_read
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.audit.queries import events_about, own_extract, own_page
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db
OTHER_PERSON, OTHER_CASE = uuid7(), uuid7()


@pytest.fixture
def bo(tenant: Principal) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=uuid7(), name="Bo Berg", tenant_id=tenant.pk)


@pytest.fixture
def anna(tenant: Principal) -> Actor:
    return Actor(kind=ActorKind.RESIDENT, id=ANNA, name="Anna Andersson", tenant_id=tenant.pk)


@pytest.fixture
def log(tenant: Principal, staff: Actor, bo: Actor, anna: Actor) -> Principal:
    record(event="case.opened", by=anna, obj=("cases.case", CASE), case_id=CASE, person_id=ANNA)
    record_read(by=staff, obj=("cases.case", CASE), case_id=CASE, reason="Handläggning")
    record_read(by=bo, obj=("cases.case", CASE), case_id=CASE)
    # In the same case, but about the other party alone.
    record_read(by=bo, obj=("identity.person", OTHER_PERSON), case_id=CASE, person_id=OTHER_PERSON)
    record_read(by=bo, obj=("cases.case", OTHER_CASE), case_id=OTHER_CASE)
    return tenant


def begin(by: Actor, **about: Any) -> review.Review:
    return review.get(review.begin(by=by, reason="Stickprov i mars", **about), by=by)


def seen(found: review.Review, by: Actor) -> list[tuple[str, str]]:
    page = review.page(found, by=by, case_ids=[CASE] if found.person_id == ANNA else [])
    return [(row.event, row.actor_name) for row in page.rows if row.event != review.BEGUN]


def test_a_persons_log_has_the_persons_cases_but_not_the_other_partys_part(
    log: Principal, staff: Actor
) -> None:
    assert seen(begin(staff, person_id=ANNA), staff) == [
        ("case.read", "Bo Berg"),
        ("case.read", "Eva Ek"),
        ("case.opened", "Anna Andersson"),
    ]


def test_what_is_asked_for_narrows_it(log: Principal, staff: Actor, bo: Actor) -> None:
    assert len(seen(begin(staff, case_id=CASE), staff)) == 4
    assert len(seen(begin(staff, staff_id=bo.id), staff)) == 3
    assert seen(begin(staff, person_id=ANNA, staff_id=bo.id), staff) == [("case.read", "Bo Berg")]
    yesterday = today() - timedelta(days=1)
    assert seen(begin(staff, case_id=CASE, until=yesterday), staff) == []
    assert len(seen(begin(staff, case_id=CASE, since=today(), until=today()), staff)) == 4
    assert seen(begin(staff, case_id=CASE, since=today() + timedelta(days=1)), staff) == []


def test_the_review_is_in_the_log_with_its_reason_before_anything_is_shown(
    log: Principal, staff: Actor
) -> None:
    review.begin(by=staff, reason="Stickprov i mars", person_id=ANNA)
    latest = events_about(ANNA, by=staff).rows[0]
    assert (latest.event, latest.reason, latest.is_read) == ("audit.reviewed", "Stickprov i mars", True)


def test_pages_follow_on_each_other_in_two_queries(
    log: Principal, staff: Actor, django_assert_num_queries: Any
) -> None:
    found = begin(staff, case_id=CASE)
    with django_assert_num_queries(2):
        first = review.page(found, by=staff, limit=2)
    second = review.page(found, by=staff, before=first.next_before, limit=2)
    ids = [row.id for row in (*first.rows, *second.rows)]
    assert len(set(ids)) == 4
    assert ids == sorted(ids, reverse=True)


def test_it_is_nobody_elses_and_ends_with_the_day(
    log: Principal, staff: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = review.begin(by=staff, reason="Stickprov i mars", person_id=ANNA)
    with pytest.raises(NotFound):
        review.get(begun, by=replace(staff, id=uuid7()))
    with pytest.raises(NotAllowed):
        review.get(begun, by=replace(staff, permissions=frozenset()))
    other = AuditEvent.objects.filter(event="case.read").first()
    assert other is not None
    with pytest.raises(NotFound):
        review.get(other.pk, by=staff)
    monkeypatch.setattr(review, "HOLDS", timedelta(0))
    with pytest.raises(NotFound):
        review.get(begun, by=staff)


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"reason": " x "}, "reason"),
        ({"person_id": None}, "number"),
        ({"since": today(), "until": today() - timedelta(days=1)}, "until"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    log: Principal, staff: Actor, about: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        review.begin(by=staff, **{"reason": "Stickprov i mars", "person_id": ANNA, **about})
    assert field in caught.value.field_errors
    assert not AuditEvent.objects.filter(event="audit.reviewed").exists()


def test_taking_it_out_as_a_file_is_logged_and_bounded(
    log: Principal, staff: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = begin(staff, case_id=CASE)
    assert len(review.export(found, by=staff)) == 5
    taken = AuditEvent.objects.get(event="audit.exported")
    assert (taken.case_id, taken.is_read, taken.field_names) == (CASE, True, ["count"])
    monkeypatch.setattr(review, "EXPORT_MOST", 2)
    with pytest.raises(Invalid, match="kortare period"):
        review.export(found, by=staff)


def test_the_person_sees_who_has_read_without_names_and_reasons(
    log: Principal, anna: Actor, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        page = own_page(ANNA, by=anna, case_ids=[CASE])
    assert [(row.event, row.actor_name, row.reason) for row in page.rows] == [("case.read", "", "")] * 2


def test_the_persons_own_file_has_what_the_person_did_too_and_is_logged(log: Principal, anna: Actor) -> None:
    rows = own_extract(ANNA, by=anna, case_ids=[CASE])
    assert [row.event for row in rows] == ["case.opened", "case.read", "case.read"]
    assert rows[0].actor_name == "Anna Andersson"
    assert AuditEvent.objects.get(event="audit.extracted").person_id == ANNA


def test_nobody_asks_for_anothers(log: Principal, anna: Actor, staff: Actor) -> None:
    for by in (replace(anna, id=OTHER_PERSON), staff):
        with pytest.raises(NotAllowed):
            own_page(ANNA, by=by)
        with pytest.raises(NotAllowed):
            own_extract(ANNA, by=by)
    assert own_page(ANNA, by=replace(anna, id=OTHER_PERSON, on_behalf_of=ANNA)).rows == ()
