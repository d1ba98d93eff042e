"""Work inside the database, work at set times, and the jobs of workers that died."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from tests.platform.exchange.conftest import Deliveries, Recorder, jobs_of

from sambruk.common.calendar import now
from sambruk.common.errors import Unavailable
from sambruk.platform.exchange import jobs, registry, runner, upkeep
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.tenancy.context import current_tenant_id, tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

NAME = "test.periodic"


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    registry.remove_kind(NAME)
    registry.remove_periodic(NAME)


def run(timestamp: int = 1_700_000_000) -> int:
    return jobs.run_periodic(registry.periodic_work()[NAME], timestamp)


def promised(principal: Principal) -> list[Delivery]:
    with tenant_transaction(principal.pk):
        return list(Delivery.objects.all())


def test_a_task_runs_later_with_its_object(deliveries: Deliveries) -> None:
    @jobs.tenant_task(NAME, label="Prov")
    def rename(object_id: UUID) -> None:
        Authority.objects.filter(pk=object_id).update(name="Nytt namn")

    with tenant_transaction(deliveries.principal.pk):
        authority = Authority.objects.first()
        assert authority is not None
        delivery = rename.defer(authority.pk)
        rename.defer(authority.pk, key="once")
        assert rename.defer(authority.pk, key="once").key == "once"
        assert Delivery.objects.count() == 2
    deliveries.run(delivery)
    with tenant_transaction(deliveries.principal.pk):
        assert Authority.objects.filter(pk=authority.pk, name="Nytt namn").exists()
        rename(authority.pk)


def test_a_name_is_registered_once() -> None:
    jobs.tenant_task(NAME, label="Prov")(lambda object_id: None)
    with pytest.raises(ValueError, match="twice"):
        jobs.tenant_task(NAME, label="Prov")(lambda object_id: None)


def test_periodic_work_is_done_in_every_tenant(committed_db: str, jarfalla: Principal) -> None:
    seen = []

    @jobs.periodic("0 3 * * *", name=NAME, label="Prov")
    def work(tenant_id: UUID) -> None:
        assert current_tenant_id() == tenant_id
        seen.append(tenant_id)

    assert run() == 0
    assert set(seen) == set(Principal.objects.values_list("id", flat=True))
    assert promised(jarfalla) == []


@pytest.mark.parametrize("in_transaction", [True, False])
def test_one_tenants_fault_stops_no_other_and_becomes_a_delivery(
    committed_db: str, jarfalla: Principal, botkyrka: Principal, in_transaction: bool
) -> None:
    seen, broken = [], [True]

    @jobs.periodic("0 3 * * *", name=NAME, label="Prov", in_transaction=in_transaction)
    def work(tenant_id: UUID) -> None:
        assert connection.in_atomic_block is in_transaction
        if tenant_id == jarfalla.pk and broken:
            raise Unavailable("Arkivet svarar inte.")
        seen.append(tenant_id)

    assert run() == 1
    assert run() == 1
    assert botkyrka.pk in seen
    [delivery] = promised(jarfalla)
    assert promised(botkyrka) == []
    broken.clear()
    outcome = runner.run(tenant_id=jarfalla.pk, delivery_id=delivery.pk)
    assert (outcome, seen[-1]) == (runner.Outcome.DONE, jarfalla.pk)


def test_a_lost_database_stops_the_round(committed_db: str) -> None:
    @jobs.periodic("0 3 * * *", name=NAME, label="Prov")
    def work(tenant_id: UUID) -> None:
        raise OperationalError

    with pytest.raises(OperationalError):
        run()


def test_heavy_work_is_spread_as_one_delivery_a_tenant_and_occasion(
    committed_db: str, jarfalla: Principal
) -> None:
    @jobs.periodic("0 3 * * *", name=NAME, label="Prov", spread=True)
    def work(tenant_id: UUID) -> None:
        raise AssertionError("not in the round itself")

    run()
    run()
    assert len(promised(jarfalla)) == 1
    run(1_700_086_400)
    assert len(promised(jarfalla)) == 2


def test_shared_work_is_done_once(committed_db: str) -> None:
    seen = []

    @jobs.shared_periodic("0 3 * * *", name=NAME, label="Prov")
    def work() -> None:
        seen.append(1)

    run()
    assert seen == [1]
    with pytest.raises(ValueError, match="twice"):
        jobs.shared_periodic("0 3 * * *", name=NAME, label="Prov")(work)


def doing(delivery: Delivery, *, silent_for: timedelta) -> int:
    """Let a worker have fetched the delivery's job, and have been silent since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers VALUES (DEFAULT, now() - %s) RETURNING id", [silent_for]
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s"
            " WHERE queueing_lock = %s RETURNING id",
            [worker, str(delivery.pk)],
        )
        return int(cursor.fetchone()[0])


def test_a_dead_workers_job_comes_back_and_a_living_ones_stays(
    deliveries: Deliveries, recorder: Recorder
) -> None:
    dead, alive = deliveries.promise(), deliveries.promise()
    doing(dead, silent_for=timedelta(minutes=1))
    doing(alive, silent_for=timedelta(0))
    assert jobs.return_stalled() == 1
    assert jobs_of(dead)[0][1] == "todo"
    assert jobs_of(alive)[0][1] == "doing"
    assert jobs.return_stalled() == 0


def test_where_another_job_waits_already_the_dead_one_is_closed(
    deliveries: Deliveries, recorder: Recorder
) -> None:
    delivery = deliveries.promise()
    job_id = doing(delivery, silent_for=timedelta(minutes=1))
    recorder.fail = [Unavailable()]
    deliveries.run(delivery, job_id=job_id)
    assert jobs.return_stalled() == 1
    assert [status for _, status, *_ in jobs_of(delivery)] == ["aborted", "todo"]


def test_what_was_done_long_ago_is_removed_and_nothing_else(
    deliveries: Deliveries, recorder: Recorder
) -> None:
    recorder.fail = [Unavailable(permanent=True)]
    given_up, old, new, waiting = (deliveries.promise() for _ in range(4))
    for each in (given_up, old, new):
        deliveries.run(each)
    with tenant_transaction(deliveries.principal.pk):
        Delivery.objects.update(created_at=now() - timedelta(days=400))
        Delivery.objects.filter(pk=old.pk).update(done_at=now() - upkeep.KEEP_DONE - timedelta(days=1))
    upkeep.prune(deliveries.principal.pk)
    left = {each.pk: each.state for each in promised(deliveries.principal)}
    assert left == {
        given_up.pk: DeliveryState.GIVEN_UP,
        new.pk: DeliveryState.DONE,
        waiting.pk: DeliveryState.WAITING,
    }
