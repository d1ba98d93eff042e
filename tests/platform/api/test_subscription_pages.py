"""The administrator's pages of subscriptions: added, paused, tried again, ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.platform.api.conftest import System, Town
from tests.support import people
from tests.support.pages import text

from sambruk.platform.api.models import Subscription, WebhookEvent
from sambruk.platform.api.webhooks.emitting import KIND
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.exchange import runner
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.registry import Attempt, find_kind
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db
ROOT = "/admin-kommun/prenumerationer/"


@pytest.fixture
def ada(tenant: Principal) -> Client:
    return people.browser(tenant, people.staff("ada", "administrator"))


@pytest.fixture
def subscription(ada: Client, system: System) -> Subscription:
    response = add(ada, system)
    assert response.status_code == 200
    return Subscription.objects.get()


def add(ada: Client, system: System, **change: Any) -> Any:
    wanted = {
        "client": str(system.client.pk),
        "url": "https://gata.example/hook",
        "event_types": ["case.opened"],
        **change,
    }
    return ada.post(f"{ROOT}ny/", wanted)


def test_it_is_added_and_its_key_shown_once(ada: Client, system: System) -> None:
    response = add(ada, system)
    made = Subscription.objects.get()
    assert made.secret in text(response)
    assert "no-store" in response["Cache-Control"]
    page = text(ada.get(f"{ROOT}{made.pk}/"))
    assert made.secret not in page
    assert "https://gata.example/hook" in page
    assert "Gatubolaget" in text(ada.get(ROOT))
    assert AuditEvent.objects.get(event="subscription.created").actor_name == "Ada"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"client": "x"}, "Välj ett system"),
        ({"url": "http://10.0.0.1/"}, "https-adress"),
        ({"event_types": []}, "Välj minst en händelse"),
        ({"event_types": ["no.such"]}, "Händelsen finns inte"),
    ],
)
def test_what_cannot_be_is_said(ada: Client, system: System, change: dict[str, Any], says: str) -> None:
    response = add(ada, system, **change)
    assert response.status_code == 422
    assert says in text(response)
    assert not Subscription.objects.exists()


def test_a_system_is_told_of_nothing_that_it_may_not_read(ada: Client, system: System) -> None:
    system.client.scopes = ["report.handle"]
    system.client.save(update_fields=["scopes"])
    assert "har inte rätt att få veta" in text(add(ada, system))


def test_while_it_is_paused_nothing_new_is_promised_and_what_was_waits(
    ada: Client, subscription: Subscription, system: System, town: Town
) -> None:
    town.handed_over()
    subscription.client.client_units.create(unit=town.centre)
    town.report()
    assert WebhookEvent.objects.count() == 1
    assert "pausad" in text(ada.post(f"{ROOT}{subscription.pk}/paus/", {"paused": "yes"}, follow=True))
    town.report()
    assert WebhookEvent.objects.count() == 1
    delivery = Delivery.objects.get(kind=KIND)
    kind = find_kind(KIND)
    assert kind is not None
    assert kind.handler is not None
    attempt = Attempt(delivery.tenant_id, delivery.pk, KIND, delivery.object_id, delivery.key, 1)
    with pytest.raises(runner.SambrukError, match="pausad"):
        kind.handler.prepare(attempt)
    ada.post(f"{ROOT}{subscription.pk}/paus/", {"paused": "no"})
    assert kind.handler.prepare(attempt) is not None
    town.report()
    assert WebhookEvent.objects.count() == 2
    assert {"subscription.paused", "subscription.resumed"} <= set(
        AuditEvent.objects.values_list("event", flat=True)
    )


def test_what_gave_up_is_seen_and_sent_again(ada: Client, subscription: Subscription, town: Town) -> None:
    subscription.client.client_units.create(unit=town.centre)
    town.report()
    event = WebhookEvent.objects.get()
    Delivery.objects.filter(kind=KIND).update(
        state=DeliveryState.GIVEN_UP, next_at=None, attempts=9, last_error="Mottagaren svarade 500."
    )
    address = f"{ROOT}{subscription.pk}/"
    page = text(ada.get(address))
    assert "Mottagaren svarade 500." in page
    assert "Skicka igen" in page
    assert "skickas igen nu" in text(ada.post(f"{address}{event.pk}/skicka/", follow=True))
    assert Delivery.objects.get(kind=KIND).state == DeliveryState.WAITING
    assert "väntar, pågår eller är redan klar" in text(ada.post(f"{address}{event.pk}/skicka/", follow=True))


def test_it_is_ended(ada: Client, subscription: Subscription) -> None:
    ada.post(f"{ROOT}{subscription.pk}/avsluta/")
    subscription.refresh_from_db()
    assert subscription.ended_reason == "administrator"
    assert ada.post(f"{ROOT}{subscription.pk}/paus/", {"paused": "yes"}).status_code == 404


def test_nobody_else_sees_them(subscription: Subscription, tenant: Principal) -> None:
    operator = people.browser(tenant, people.staff("olle", "operator"))
    for path in (ROOT, f"{ROOT}ny/", f"{ROOT}{subscription.pk}/"):
        assert operator.get(path).status_code == 403
    assert operator.post(f"{ROOT}{subscription.pk}/avsluta/").status_code == 403
