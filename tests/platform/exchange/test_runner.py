"""A delivery is carried out step by step; whatever happens between, nothing is lost or hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from tests.platform.exchange.conftest import KIND, Clock, Deliveries, Recorder, jobs_of

from sambruk.common.errors import Conflict, Invalid, Unavailable
from sambruk.platform.exchange import registry
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.runner import Interrupted, Outcome
from sambruk.platform.exchange.schedule import STANDARD, Schedule
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority


def take_jobs(delivery: Delivery) -> None:
    """Do as a worker does when it has fetched the delivery's job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE queueing_lock = %s AND status = 'todo'",
            [str(delivery.pk)],
        )


def waiting_jobs(delivery: Delivery) -> list[object]:
    return [at for _, status, at, _ in jobs_of(delivery) if status == "todo"]


def test_the_three_phases_in_order_and_done(deliveries: Deliveries, recorder: Recorder) -> None:
    delivery = deliveries.promise()
    assert deliveries.run(delivery) is Outcome.DONE
    assert recorder.steps == ["prepare", "call", "finish"]
    after = deliveries.again(delivery)
    assert (after.state, after.attempts, after.next_at) == (DeliveryState.DONE, 1, None)
    assert after.done_at is not None


def test_done_is_not_done_again(deliveries: Deliveries, recorder: Recorder) -> None:
    delivery = deliveries.promise()
    deliveries.run(delivery)
    assert deliveries.run(delivery) is Outcome.OVER
    assert recorder.steps.count("call") == 1


def test_nothing_left_to_do_is_done_without_a_call(deliveries: Deliveries, recorder: Recorder) -> None:
    recorder.nothing = True
    delivery = deliveries.promise()
    assert deliveries.run(delivery) is Outcome.DONE
    assert recorder.steps == ["prepare"]


def test_a_job_without_its_delivery_does_nothing(deliveries: Deliveries, recorder: Recorder) -> None:
    ghost = Delivery(tenant_id=deliveries.principal.pk, kind=KIND, key="ghost", object_id=UUID(int=1))
    assert deliveries.run(ghost) is Outcome.GONE


def test_a_failure_is_tried_again_by_the_schedule(
    deliveries: Deliveries, recorder: Recorder, clock: Clock
) -> None:
    recorder.fail = [Unavailable("Servern svarar inte.", "smtp")]
    delivery = deliveries.promise()
    take_jobs(delivery)
    assert deliveries.run(delivery) is Outcome.RETRY
    after = deliveries.again(delivery)
    assert (after.state, after.last_error, after.last_code) == ("failed", "Servern svarar inte.", "smtp")
    assert after.next_at == STANDARD.next_at(1, clock.at, delivery.pk)
    assert waiting_jobs(delivery) == [after.next_at]
    clock.forward(minutes=2)
    take_jobs(delivery)
    assert deliveries.run(delivery) is Outcome.DONE
    assert deliveries.again(delivery).last_error == ""


def test_every_attempt_has_the_same_key_and_no_other_delivery_has_it(
    deliveries: Deliveries, recorder: Recorder, clock: Clock
) -> None:
    recorder.fail = [Unavailable()]
    first, second = deliveries.promise(), deliveries.promise()
    deliveries.run(first)
    clock.forward(hours=1)
    deliveries.run(first)
    deliveries.run(second)
    assert recorder.keys[0] == recorder.keys[1] != recorder.keys[2]


@pytest.mark.parametrize("error", [Unavailable(permanent=True), Invalid("Fel adress.")])
def test_what_cannot_be_helped_gives_up_at_once(
    deliveries: Deliveries, recorder: Recorder, error: Exception
) -> None:
    recorder.fail = [error]
    delivery = deliveries.promise()
    take_jobs(delivery)
    assert deliveries.run(delivery) is Outcome.GAVE_UP
    after = deliveries.again(delivery)
    assert (after.state, after.attempts, after.next_at) == (DeliveryState.GIVEN_UP, 1, None)
    assert waiting_jobs(delivery) == []
    assert recorder.gave_up_with == [error]


@pytest.mark.parametrize("error", [Conflict(), ValueError("850101-1234 Anna"), Unavailable()])
def test_what_may_pass_is_tried_as_often_as_the_schedule_says(
    deliveries: Deliveries, register_kind: Callable[..., None], clock: Clock, error: Exception
) -> None:
    recorder = Recorder(fail=[error] * 10)
    register_kind(handler=recorder, schedule=Schedule((timedelta(minutes=1), timedelta(minutes=1))))
    delivery = deliveries.promise()
    outcomes = []
    for _ in range(3):
        take_jobs(delivery)
        outcomes.append(deliveries.run(delivery))
        clock.forward(minutes=2)
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.GAVE_UP]
    assert len(recorder.gave_up_with) == 1


def test_what_an_unexpected_error_says_is_kept_from_row_and_log(
    deliveries: Deliveries, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.fail = [ValueError("19850101-1234 Anna Andersson")]
    delivery = deliveries.promise()
    deliveries.run(delivery)
    after = deliveries.again(delivery)
    assert "ValueError" in after.last_error
    assert "Anna" not in after.last_error
    assert "ValueError" in caplog.text
    assert "Anna" not in caplog.text


def test_a_fault_when_giving_up_is_followed_up_does_not_hide_it(
    deliveries: Deliveries, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.fail = [Unavailable(permanent=True)]

    def fault(*_: object) -> None:
        Authority.objects.create(name="half")
        raise RuntimeError

    monkeypatch.setattr(recorder, "gave_up", fault)
    delivery = deliveries.promise()
    assert deliveries.run(delivery) is Outcome.GAVE_UP
    assert deliveries.again(delivery).state == DeliveryState.GIVEN_UP
    with tenant_transaction(deliveries.principal.pk):
        assert not Authority.objects.filter(name="half").exists()


def test_a_failing_finish_leaves_nothing_half_done(deliveries: Deliveries, recorder: Recorder) -> None:
    recorder.fail_finish = Unavailable("Nej.", "no")
    delivery = deliveries.promise()
    take_jobs(delivery)
    assert deliveries.run(delivery) is Outcome.RETRY
    assert deliveries.again(delivery).done_at is None


def test_a_lost_database_records_nothing_and_reaches_the_worker(
    deliveries: Deliveries, recorder: Recorder
) -> None:
    recorder.fail = [OperationalError("gone")]
    delivery = deliveries.promise()
    with pytest.raises(OperationalError):
        deliveries.run(delivery, job_id=7)
    assert deliveries.again(delivery).state == DeliveryState.RUNNING
    assert deliveries.run(delivery, job_id=7) is Outcome.DONE


def test_a_run_that_another_has_taken_over_records_nothing(
    deliveries: Deliveries, recorder: Recorder
) -> None:
    delivery = deliveries.promise()

    def meanwhile() -> None:
        recorder.during_call = None
        assert deliveries.run(delivery) is Outcome.DONE

    recorder.during_call = meanwhile
    assert deliveries.run(delivery) is Outcome.OVER
    assert recorder.steps.count("finish") == 1
    assert deliveries.again(delivery).attempts == 2


def test_a_run_that_another_still_carries_out_records_nothing(
    deliveries: Deliveries, recorder: Recorder
) -> None:
    delivery = deliveries.promise()

    def taken_over() -> None:
        with tenant_transaction(deliveries.principal.pk):
            Delivery.objects.update(attempts=2)

    recorder.during_call = taken_over
    recorder.fail_finish = AssertionError("must not be asked to finish")
    assert deliveries.run(delivery) is Outcome.OVER
    after = deliveries.again(delivery)
    assert (after.state, after.attempts) == (DeliveryState.RUNNING, 2)


def test_one_that_another_living_job_runs_is_left_alone(deliveries: Deliveries, recorder: Recorder) -> None:
    delivery = deliveries.promise()
    take_jobs(delivery)
    [(job_id, *_)] = jobs_of(delivery)
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
        cursor.execute(
            "UPDATE procrastinate_jobs SET worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    with tenant_transaction(deliveries.principal.pk):
        Delivery.objects.update(state="running", job_id=job_id, attempts=1)
    assert deliveries.run(delivery, job_id=job_id + 1) is Outcome.BUSY
    assert recorder.steps == []
    assert len(waiting_jobs(delivery)) == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert deliveries.run(delivery, job_id=job_id + 1) is Outcome.DONE


def test_one_that_always_kills_its_process_gives_up(
    deliveries: Deliveries, register_kind: Callable[..., None]
) -> None:
    recorder = Recorder()
    register_kind(handler=recorder, schedule=Schedule((timedelta(0),)))
    delivery = deliveries.promise()
    with tenant_transaction(deliveries.principal.pk):
        Delivery.objects.update(state="running", attempts=2)
    assert deliveries.run(delivery) is Outcome.GAVE_UP
    assert [type(error) for error in recorder.gave_up_with] == [Interrupted]


def test_a_job_that_comes_early_waits_again(deliveries: Deliveries, recorder: Recorder, clock: Clock) -> None:
    later = clock.at + timedelta(minutes=30)
    delivery = deliveries.promise(run_at=later)
    take_jobs(delivery)
    assert deliveries.run(delivery) is Outcome.EARLY
    assert deliveries.run(delivery) is Outcome.EARLY
    assert waiting_jobs(delivery) == [later]
    assert recorder.steps == []


def test_what_no_installed_system_knows_waits_until_it_is_installed(
    deliveries: Deliveries, recorder: Recorder, clock: Clock
) -> None:
    delivery = deliveries.promise()
    registry.remove_kind(KIND)
    for _ in range(50):
        take_jobs(delivery)
        assert deliveries.run(delivery) is Outcome.ABSENT
        clock.forward(hours=1)
    after = deliveries.again(delivery)
    assert (after.state, after.attempts, after.last_code) == (DeliveryState.WAITING, 0, "no_handler")
    registry.add_kind(registry.Kind(KIND, "Prov", STANDARD, handler=recorder))
    assert deliveries.run(delivery) is Outcome.DONE


def test_work_in_the_database_and_its_mark_are_one(
    deliveries: Deliveries, register_kind: Callable[..., None], clock: Clock
) -> None:
    fail = [True]

    def work(object_id: UUID) -> None:
        Authority.objects.create(name=f"made {object_id}")
        if fail.pop():
            fail.append(False)
            raise ValueError

    register_kind(function=work)
    delivery = deliveries.promise()
    take_jobs(delivery)
    assert deliveries.run(delivery) is Outcome.RETRY
    clock.forward(hours=1)
    assert deliveries.run(delivery) is Outcome.DONE
    with tenant_transaction(deliveries.principal.pk):
        assert Authority.objects.filter(name__startswith="made").count() == 1


def test_an_outage_of_an_hour_loses_nothing(deliveries: Deliveries, recorder: Recorder, clock: Clock) -> None:
    """Fifty deliveries meet a server that is dead for an hour; each is delivered, once, without a person."""
    begin = clock.at
    waiting = {each.pk: each for each in (deliveries.promise() for _ in range(50))}
    due = dict.fromkeys(waiting, begin)

    def dead() -> None:
        if clock.at < begin + timedelta(hours=1):
            raise Unavailable("Servern svarar inte.")

    recorder.during_call = dead
    while due:
        pk = min(due, key=lambda key: due[key])
        clock.at = max(clock.at, due.pop(pk))
        take_jobs(waiting[pk])
        if deliveries.run(waiting[pk]) is Outcome.RETRY:
            again = deliveries.again(waiting[pk]).next_at
            assert again is not None
            due[pk] = again
    assert clock.at < begin + timedelta(hours=3)
    with tenant_transaction(deliveries.principal.pk):
        assert Delivery.objects.filter(state=DeliveryState.DONE).count() == 50
    assert recorder.steps.count("finish") == 50
