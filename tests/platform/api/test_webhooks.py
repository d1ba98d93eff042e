"""A subscriber is told, signed and with ids only, and tried again until it has heard."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from tests.platform.api.conftest import System, Town, build_town, connect
from tests.platform.api.receiver import Received, Receiver
from tests.platform.api.test_errors import problem

from sambruk.common.clock import now
from sambruk.platform.api import jobs
from sambruk.platform.api.models import Subscription, WebhookEvent
from sambruk.platform.api.webhooks import sending
from sambruk.platform.api.webhooks.emitting import KIND
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.actions.opening import NewParty
from sambruk.platform.cases.models import Case
from sambruk.platform.exchange import runner
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.identity.actions.api_clients import set_api_client_active
from sambruk.platform.identity.models import ApiClient, ApiClientUnit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

T = TypeVar("T")
ALL = ["case.opened", "case.closed", "decision.made"]


@dataclass
class World:
    """Järfälla with real transactions, a subscriber's system, and its server."""

    principal: Principal
    town: Town
    system: System
    receiver: Receiver

    def within(self, work: Callable[[], T]) -> T:
        with tenant_transaction(self.principal.pk):
            return work()

    def subscribe(self, *types: str) -> dict[str, Any]:
        body = {"url": f"{self.receiver.url}hook?from=sambruk", "eventTypes": list(types or ALL)}
        response = self.system.post("/subscriptions", body)
        assert response.status_code == 201, response.content.decode()
        made: dict[str, Any] = response.json()
        return made

    def deliver(self, after: timedelta = timedelta()) -> list[runner.Outcome]:
        """Run what waits, as a worker would after so long."""
        waiting = self.within(
            lambda: list(Delivery.objects.filter(kind=KIND, state__in=["waiting", "failed"]).order_by("id"))
        )
        return [
            runner.run(tenant_id=self.principal.pk, delivery_id=one.pk, clock=lambda: now() + after)
            for one in waiting
        ]


@pytest.fixture
def world(committed_db: str, jarfalla: Principal) -> Iterator[World]:
    with tenant_transaction(jarfalla.pk):
        town = build_town()
        system = connect(town.centre, town.street)
    with Receiver() as receiver:
        yield World(jarfalla, town, system, receiver)


def verify(received: Received, secret: str) -> dict[str, Any]:
    """Check a message as its receiver does (Standard Webhooks, by hand), and return what it says."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode()
    expected = base64.b64encode(hmac.new(key, head + received.body, hashlib.sha256).digest()).decode()
    assert received.headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(received.headers["webhook-timestamp"]) - time.time()) < 60
    told: dict[str, Any] = json.loads(received.body)
    return told


def test_the_subscriber_is_told_with_ids_only_and_can_check_it(world: World) -> None:
    made = world.subscribe("case.opened")
    case = world.within(world.town.report)
    assert world.receiver.received == []
    assert world.deliver() == [runner.Outcome.DONE]
    (received,) = world.receiver.received
    assert received.path == "/hook?from=sambruk"
    assert received.headers["content-type"].startswith("application/cloudevents+json")
    told = verify(received, made["secret"])
    assert told.pop("time").endswith("Z")
    assert told == {
        "specversion": "1.0",
        "id": received.headers["webhook-id"],
        "source": "http://jarfalla.localhost/api/v1",
        "type": "case.opened",
        "subject": str(case.pk),
        "datacontenttype": "application/json",
        "data": {"caseId": str(case.pk)},
    }
    assert world.within(lambda: WebhookEvent.objects.get().delivered_at) is not None
    assert world.deliver() == []


def test_a_receiver_that_fails_is_tried_again_with_the_same_id(world: World) -> None:
    made = world.subscribe()
    world.receiver.statuses = [500, 404]
    world.within(world.town.report)
    assert world.deliver() == [runner.Outcome.RETRY]
    assert world.deliver() == [runner.Outcome.EARLY]
    assert world.deliver(timedelta(hours=1)) == [runner.Outcome.RETRY]
    assert world.deliver(timedelta(hours=2)) == [runner.Outcome.DONE]
    assert len(world.receiver.received) == 3
    assert len({one.headers["webhook-id"] for one in world.receiver.received}) == 1
    for one in world.receiver.received:
        verify(one, made["secret"])


def test_a_redirect_is_not_followed(world: World) -> None:
    world.subscribe()
    world.receiver.statuses = [307]
    world.within(world.town.report)
    assert world.deliver() == [runner.Outcome.RETRY]
    assert [one.path for one in world.receiver.received] == ["/hook?from=sambruk"]


def test_a_receiver_that_drips_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.5)
    world.subscribe()
    world.receiver.hang = threading.Event()
    world.within(world.town.report)
    begun = time.monotonic()
    assert world.deliver() == [runner.Outcome.RETRY]
    assert time.monotonic() - begun < 5


def test_a_receiver_that_is_gone_ends_its_subscription(world: World) -> None:
    world.subscribe()
    world.receiver.statuses = [410]
    world.within(world.town.report)
    assert world.deliver() == [runner.Outcome.GAVE_UP]
    ended = world.within(lambda: Subscription.objects.get())
    assert (ended.ended_reason, ended.ended_at is not None) == ("gone", True)
    assert world.within(lambda: AuditEvent.objects.filter(event="subscription.ended").count()) == 1
    world.within(world.town.report)
    assert world.within(lambda: WebhookEvent.objects.count()) == 1


def test_nobody_is_listening(world: World) -> None:
    world.subscribe()
    world.within(lambda: Subscription.objects.update(url="http://127.0.0.1:9/hook"))
    world.within(world.town.report)
    assert world.deliver() == [runner.Outcome.RETRY]
    assert world.within(lambda: Delivery.objects.get(kind=KIND).last_code) == "webhook_failed"


def test_an_inner_address_is_refused_when_it_is_connected_to(world: World, settings: Any) -> None:
    world.subscribe()
    world.within(world.town.report)
    settings.TEST_MODE = False
    assert world.deliver() == [runner.Outcome.GAVE_UP]
    assert world.within(lambda: Delivery.objects.get(kind=KIND).last_code) == "webhook_address"
    assert world.receiver.received == []


def _close_client(world: World) -> None:
    from tests.platform.api.conftest import administrator

    set_api_client_active(by=administrator(), client_id=world.system.client.pk, active=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda world: ApiClientUnit.objects.all().delete(),
        lambda world: ApiClient.objects.update(scopes=[str(Permission.REPORT_HANDLE)]),
        _close_client,
        lambda world: Case.objects.update(secrecy="protected"),
        lambda world: Case.objects.all().update(unit=_elsewhere()),
        lambda world: Subscription.objects.update(ended_at=now(), ended_reason="client"),
    ],
    ids=["units", "scope", "client", "protected", "moved", "ended"],
)
def test_who_may_no_longer_know_is_not_told(world: World, change: Callable[[World], object]) -> None:
    world.subscribe()
    world.within(world.town.report)
    world.within(lambda: change(world))
    assert world.deliver() == [runner.Outcome.DONE]
    assert world.receiver.received == []


def _elsewhere() -> Any:
    from tests.support import people

    return people.unit("annan", "technical")


def test_only_what_was_asked_for_and_only_of_the_systems_units(world: World) -> None:
    world.subscribe("case.closed")
    world.within(world.town.report)
    assert world.within(lambda: WebhookEvent.objects.count()) == 0
    other = world.within(lambda: connect(world.town.street))
    body = {"url": world.receiver.url, "eventTypes": ["case.opened"]}
    assert other.post("/subscriptions", body).status_code == 201
    world.within(world.town.report)
    assert world.within(lambda: WebhookEvent.objects.count()) == 0


def test_a_protected_case_is_never_told_of(world: World) -> None:
    world.subscribe()
    hidden = NewParty(role="reporter", name="Hemliga", protected=True)
    world.within(lambda: world.town.report(parties=(hidden,)))
    assert world.within(lambda: WebhookEvent.objects.count()) == 0


def test_what_is_rolled_back_is_not_told(world: World) -> None:
    world.subscribe()

    def failing() -> None:
        world.town.report()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.within(failing)
    assert world.within(lambda: (WebhookEvent.objects.count(), Delivery.objects.count())) == (0, 0)


def test_the_secret_is_told_once_and_lies_encrypted(world: World) -> None:
    from django.db import connection

    made = world.subscribe()
    (listed,) = world.system.get("/subscriptions").json()["items"]
    assert listed == {key: value for key, value in made.items() if key != "secret"}
    with tenant_transaction(world.principal.pk), connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM api_subscription")
        assert made["secret"].encode() not in bytes(cursor.fetchall()[0][0])


def test_a_system_sees_and_ends_its_own_alone(world: World) -> None:
    made = world.subscribe()
    other = world.within(lambda: connect(world.town.centre))
    assert other.get("/subscriptions").json()["items"] == []
    problem(other.delete(f"/subscriptions/{made['id']}"), 404, "not_found")
    assert world.system.delete(f"/subscriptions/{made['id']}").status_code == 204
    problem(world.system.delete(f"/subscriptions/{made['id']}"), 404, "not_found")
    assert world.system.get("/subscriptions").json()["items"] == []


def test_sent_again_with_a_key_it_is_one_subscription(world: World) -> None:
    body = {"url": world.receiver.url, "eventTypes": ["case.opened"]}
    first = world.system.post("/subscriptions", body, **{"idempotency-key": "s"})
    again = world.system.post("/subscriptions", body, **{"idempotency-key": "s"})
    assert first.json() == again.json()
    assert again.status_code == 201
    assert len(world.system.get("/subscriptions").json()["items"]) == 1


def test_there_is_an_end_to_how_many(world: World) -> None:
    for _ in range(20):
        world.subscribe("case.opened")
    body = {"url": world.receiver.url, "eventTypes": ["case.opened"]}
    problem(world.system.post("/subscriptions", body), 409, "too_many_subscriptions")


def test_an_event_that_does_not_exist(world: World) -> None:
    body = {"url": world.receiver.url, "eventTypes": ["case.burnt"]}
    found = problem(world.system.post("/subscriptions", body), 422, "invalid")
    assert "case.opened" in found["errors"][0]["detail"]


def test_closed_is_told_when_the_case_ends(world: World) -> None:
    from tests.support import people

    from sambruk.platform.cases import commands

    world.subscribe("case.closed")

    def walk() -> None:
        case = world.town.report()
        agent = people.actor(people.staff("ali", "contact_centre", at=world.town.centre))
        commands.run(case_id=case.pk, command="do:sort", data={"sorting": "answer"}, by=agent)
        commands.run(case_id=case.pk, command="do:answer", data={"message": "Lagat."}, by=agent)

    world.within(walk)
    assert world.deliver() == [runner.Outcome.DONE]
    assert json.loads(world.receiver.received[0].body)["type"] == "case.closed"


def test_what_was_received_long_ago_is_forgotten(world: World) -> None:
    world.subscribe()
    world.within(world.town.report)
    world.within(world.town.report)
    world.deliver()

    def age() -> int:
        first = WebhookEvent.objects.order_by("id").first()
        assert first is not None
        WebhookEvent.objects.filter(pk=first.pk).update(delivered_at=now() - jobs.KEEP_EVENTS * 2)
        jobs.sweep(world.principal.pk)
        return WebhookEvent.objects.count()

    assert world.within(age) == 1
    assert world.within(lambda: Delivery.objects.filter(kind=KIND, state=DeliveryState.DONE).count()) == 2
