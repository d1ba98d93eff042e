"""What an operator does with deliveries that failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.platform.exchange.conftest import KIND, Clock, Deliveries, Recorder, jobs_of

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from sambruk.common.ids import uuid7
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.exchange import actions, queries
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.runner import Outcome
from sambruk.platform.exchange.schedule import STANDARD
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

OPERATOR = Actor(
    kind=ActorKind.STAFF, id=uuid7(), name="Olle Operatör", permissions=frozenset({Permission.OPERATOR})
)
CASEWORKER = Actor(kind=ActorKind.STAFF, id=uuid7(), name="Karin", permissions=frozenset({"case.work"}))


def act(deliveries: Deliveries, action: Callable[..., Any], **how: Any) -> Any:
    how.setdefault("by", OPERATOR)
    with tenant_transaction(deliveries.principal.pk):
        return action(**how)


@pytest.fixture
def given_up(deliveries: Deliveries, recorder: Recorder) -> Delivery:
    recorder.fail = [Unavailable("Adressen finns inte.", permanent=True)]
    delivery = deliveries.promise()
    deliveries.run(delivery)
    # The worker would have finished the job: a fresh start must not rely on it.
    from tests.platform.exchange.test_runner import take_jobs

    take_jobs(delivery)
    return deliveries.again(delivery)


def test_a_retry_starts_the_whole_schedule_anew(
    deliveries: Deliveries, recorder: Recorder, given_up: Delivery, clock: Clock
) -> None:
    after = act(deliveries, actions.retry, delivery_id=given_up.pk)
    assert (after.state, after.attempts, after.attempts_before) == (DeliveryState.WAITING, 1, 1)
    assert [status for _, status, *_ in jobs_of(given_up)] == ["doing", "todo"]
    recorder.fail = [Unavailable()]
    clock.forward(seconds=1)
    assert deliveries.run(given_up) is Outcome.RETRY
    assert deliveries.again(given_up).next_at == STANDARD.next_at(1, clock.at, given_up.pk)


def test_one_that_waits_for_its_next_attempt_can_be_tried_at_once(
    deliveries: Deliveries, recorder: Recorder, clock: Clock
) -> None:
    recorder.fail = [Unavailable()]
    delivery = deliveries.promise()
    from tests.platform.exchange.test_runner import take_jobs

    take_jobs(delivery)
    deliveries.run(delivery)
    act(deliveries, actions.retry, delivery_id=delivery.pk)
    assert [(status, at) for _, status, at, _ in jobs_of(delivery)][-1] == ("todo", None)
    assert len([1 for _, status, *_ in jobs_of(delivery) if status == "todo"]) == 1
    clock.forward(seconds=1)
    assert deliveries.run(delivery) is Outcome.DONE


def test_what_is_done_or_waits_is_not_tried_again(deliveries: Deliveries, recorder: Recorder) -> None:
    delivery = deliveries.promise()
    with pytest.raises(Conflict):
        act(deliveries, actions.retry, delivery_id=delivery.pk)
    deliveries.run(delivery)
    with pytest.raises(Conflict):
        act(deliveries, actions.retry, delivery_id=delivery.pk)


def test_all_of_a_kind_are_tried_again_but_not_those_set_aside(
    deliveries: Deliveries, recorder: Recorder
) -> None:
    recorder.fail = [Unavailable(permanent=True)] * 4
    made = [deliveries.promise() for _ in range(4)]
    for each in made:
        deliveries.run(each)
    act(deliveries, actions.set_aside, delivery_id=made[0].pk, reason="Ringde i stället.")
    assert act(deliveries, actions.retry_all, kind=KIND) == 3
    assert act(deliveries, actions.retry_all, kind=KIND) == 0
    states = [deliveries.again(each).state for each in made]
    assert states == ["given_up", "waiting", "waiting", "waiting"]


def test_set_aside_needs_a_reason_and_stays_to_be_seen(deliveries: Deliveries, given_up: Delivery) -> None:
    with pytest.raises(Invalid):
        act(deliveries, actions.set_aside, delivery_id=given_up.pk, reason="  ")
    with pytest.raises(Invalid):
        act(deliveries, actions.set_aside, delivery_id=given_up.pk, reason="x" * 501)
    after = act(deliveries, actions.set_aside, delivery_id=given_up.pk, reason="Skickades med post.")
    assert (after.set_aside_by, after.set_aside_reason) == ("Olle Operatör", "Skickades med post.")
    with pytest.raises(Conflict):
        act(deliveries, actions.set_aside, delivery_id=given_up.pk, reason="Igen.")
    assert act(deliveries, lambda by: queries.deliveries(show="trouble").rows) == []
    assert act(deliveries, lambda by: [row.pk for row in queries.deliveries(show="set_aside").rows]) == [
        given_up.pk
    ]
    assert act(deliveries, actions.retry, delivery_id=given_up.pk).set_aside_reason == ""


@pytest.mark.parametrize(
    ("action", "how"),
    [(actions.retry, {}), (actions.set_aside, {"reason": "Nej."}), (actions.retry_all, {"kind": KIND})],
)
def test_only_an_operator_may(
    deliveries: Deliveries, given_up: Delivery, action: Callable[..., Any], how: dict[str, Any]
) -> None:
    if action is not actions.retry_all:
        how = {**how, "delivery_id": given_up.pk}
    with pytest.raises(NotAllowed):
        act(deliveries, action, by=CASEWORKER, **how)
    assert deliveries.again(given_up).state == DeliveryState.GIVEN_UP


@pytest.mark.parametrize("action", [actions.retry, actions.set_aside])
def test_another_tenants_delivery_does_not_exist(
    deliveries: Deliveries, given_up: Delivery, botkyrka: Principal, action: Callable[..., Any]
) -> None:
    how = {"reason": "Nej."} if action is actions.set_aside else {}
    with tenant_transaction(botkyrka.pk), pytest.raises(NotFound):
        action(delivery_id=given_up.pk, by=OPERATOR, **how)


@pytest.mark.parametrize(
    ("action", "how"),
    [(actions.retry, {}), (actions.set_aside, {"reason": "Nej."}), (actions.retry_all, {"kind": KIND})],
)
def test_where_the_log_cannot_be_written_nothing_changes(
    deliveries: Deliveries,
    given_up: Delivery,
    monkeypatch: pytest.MonkeyPatch,
    action: Callable[..., Any],
    how: dict[str, Any],
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("sambruk.platform.audit.actions.record_many", refuse)
    if action is not actions.retry_all:
        how = {**how, "delivery_id": given_up.pk}
    with tenant_transaction(deliveries.principal.pk), pytest.raises(IntegrityError), transaction.atomic():
        action(by=OPERATOR, **how)
    after = deliveries.again(given_up)
    assert (after.state, after.set_aside_at) == (DeliveryState.GIVEN_UP, None)
    assert len(jobs_of(given_up)) == 1


def test_each_is_logged_with_who(deliveries: Deliveries, given_up: Delivery) -> None:
    act(deliveries, actions.retry, delivery_id=given_up.pk)
    with tenant_transaction(deliveries.principal.pk):
        [event] = AuditEvent.objects.filter(object_id=given_up.pk)
    assert (event.event, event.actor_id, event.actor_name) == (
        "delivery.retried",
        OPERATOR.id,
        "Olle Operatör",
    )


def test_pages_are_newest_first_and_end(deliveries: Deliveries, recorder: Recorder) -> None:
    made = [deliveries.promise(f"n{n}") for n in range(5)]
    with tenant_transaction(deliveries.principal.pk):
        first = queries.deliveries(show="waiting", limit=2)
        second = queries.deliveries(show="waiting", limit=2, after=first.after)
        third = queries.deliveries(show="waiting", limit=2, after=second.after)
        seen = [row.pk for page in (first, second, third) for row in page.rows]
        assert queries.deliveries(show="waiting", kind="other").rows == []
    assert seen == [each.pk for each in reversed(made)]
    assert third.after is None


def test_counts_by_kind_and_what_is_late(
    deliveries: Deliveries, recorder: Recorder, given_up: Delivery
) -> None:
    recorder.fail = [Unavailable()]
    deliveries.run(deliveries.promise())
    with tenant_transaction(deliveries.principal.pk):
        [count] = queries.trouble_by_kind()
        assert (count.kind, count.label, count.given_up, count.retrying) == (KIND, "Prov", 1, 1)
        assert queries.overdue_since() is None
        late = deliveries.clock.at.replace(year=2020)
        Delivery.objects.filter(state="failed").update(next_at=late)
        assert queries.overdue_since() == late
