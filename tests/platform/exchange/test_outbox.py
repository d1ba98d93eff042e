"""A promise stands or falls with the transaction that makes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from tests.platform.exchange.conftest import Deliveries, jobs_of

from sambruk.common.calendar import now
from sambruk.common.ids import uuid7
from sambruk.platform.exchange import outbox
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.tenancy.context import NoTenant, tenant_transaction
from sambruk.platform.tenancy.models import Principal


def wanted(key: str) -> outbox.Wanted:
    return outbox.Wanted(kind="test.call", object_id=uuid7(), key=key)


def test_the_delivery_and_its_job_are_written_together(deliveries: Deliveries) -> None:
    delivery = deliveries.promise("notice:1")
    assert delivery.state == DeliveryState.WAITING
    [(_, status, scheduled_at, _args)] = jobs_of(delivery)
    assert (status, scheduled_at) == ("todo", None)


def test_a_rolled_back_transaction_leaves_neither(deliveries: Deliveries) -> None:
    with pytest.raises(RuntimeError), tenant_transaction(deliveries.principal.pk):
        delivery = outbox.enqueue(kind="test.call", object_id=uuid7(), key="x")
        assert len(jobs_of(delivery)) == 1
        raise RuntimeError
    assert jobs_of(delivery) == []
    with tenant_transaction(deliveries.principal.pk):
        assert not Delivery.objects.exists()


def test_a_job_carries_ids_and_nothing_else(deliveries: Deliveries) -> None:
    delivery = deliveries.promise("person:1")
    [(*_, args)] = jobs_of(delivery)
    found = args if isinstance(args, dict) else json.loads(args)
    assert found == {"tenant_id": str(deliveries.principal.pk), "delivery_id": str(delivery.pk)}


def test_the_same_key_is_promised_once(deliveries: Deliveries) -> None:
    first, second = deliveries.promise("same"), deliveries.promise("same")
    assert first.pk == second.pk
    assert len(jobs_of(first)) == 1


def test_two_tenants_have_each_its_own_keys(deliveries: Deliveries, botkyrka: Principal) -> None:
    first = deliveries.promise("same")
    with tenant_transaction(botkyrka.pk):
        second = outbox.enqueue(kind="test.call", object_id=uuid7(), key="same")
        assert [each.pk for each in Delivery.objects.all()] == [second.pk]
    assert first.pk != second.pk


def test_many_take_two_statements_however_many_they_are(tenant: Principal) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        made = outbox.enqueue_many([wanted(f"k{n}") for n in range(40)])
    assert len(queries) == 2
    assert [each.key for each in made] == [f"k{n}" for n in range(40)]
    assert all(len(jobs_of(each)) == 1 for each in made)


def test_many_give_back_in_order_what_stood_already_and_what_is_named_twice(tenant: Principal) -> None:
    old = outbox.enqueue(kind="test.call", object_id=uuid7(), key="old")
    made = outbox.enqueue_many([wanted("new"), wanted("old"), wanted("new")])
    assert [each.key for each in made] == ["new", "old", "new"]
    assert made[1].pk == old.pk
    assert made[0].pk == made[2].pk


def test_none_are_none(tenant: Principal) -> None:
    assert outbox.enqueue_many([]) == []


def test_what_shall_wait_has_its_time_in_row_and_job(tenant: Principal) -> None:
    later = now() + timedelta(days=2)
    delivery = outbox.enqueue(kind="test.call", object_id=uuid7(), key="later", run_at=later)
    assert delivery.next_at == later
    assert jobs_of(delivery)[0][2] == later


def test_without_a_tenant_there_is_an_error_and_no_job(committed_db: str) -> None:
    with pytest.raises(NoTenant):
        outbox.enqueue(kind="test.call", object_id=uuid7(), key="x")


@pytest.mark.parametrize("first_commits", [True, False])
def test_two_transactions_with_one_key_make_one_delivery(
    deliveries: Deliveries,
    as_tenant: Callable[[Principal], AbstractContextManager[Principal]],
    first_commits: bool,
) -> None:
    """The second waits for the first; if that is rolled back the promise is the second's."""
    entered, release, found = threading.Event(), threading.Event(), []

    def first() -> None:
        try:
            with tenant_transaction(deliveries.principal.pk):
                found.append(outbox.enqueue(kind="test.call", object_id=uuid7(), key="race"))
                entered.set()
                release.wait(10)
                if not first_commits:
                    raise RuntimeError
        except RuntimeError:
            pass
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    threading.Timer(0.3, release.set).start()
    second = deliveries.promise("race")
    thread.join(10)
    assert (second.pk == found[0].pk) is first_commits
    assert len(jobs_of(second)) == 1
