"""The operator's pages over HTTP: what gave up is seen, and can be tried again or set aside."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.support import people

from sambruk.common.calendar import now
from sambruk.common.ids import uuid7
from sambruk.platform.exchange import faults, outbox
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.tenancy.models import Principal


@pytest.fixture
def operator(tenant: Principal) -> Client:
    return people.browser(tenant, people.staff("olle", "operator"))


@pytest.fixture
def given_up(tenant: Principal) -> Delivery:
    delivery = outbox.enqueue(kind="messaging.email", object_id=uuid7(), key="notice:1")
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.GIVEN_UP, next_at=None, attempts=11, last_error="E-postservern <svarar> inte."
    )
    return delivery


def test_what_gave_up_is_on_the_first_page_with_its_error_escaped(
    operator: Client, given_up: Delivery
) -> None:
    page = operator.get("/drift/").content.decode()
    assert "Avisering med e-post" in page
    assert "E-postservern &lt;svarar&gt; inte." in page
    assert "Försök alla igen" in page
    assert reverse("operator-delivery", args=[given_up.pk]) in page


def test_an_empty_page_says_so(operator: Client) -> None:
    page = operator.get("/drift/?visa=done").content.decode()
    assert "Inget har misslyckats." in page
    assert "Inga leveranser här" in page


def test_one_is_tried_again(operator: Client, given_up: Delivery) -> None:
    answer = operator.post(reverse("operator-retry", args=[given_up.pk]))
    assert answer.status_code == 302
    given_up.refresh_from_db()
    assert given_up.state == DeliveryState.WAITING
    assert "försöks igen nu" in operator.get(answer["Location"]).content.decode()


def test_all_of_a_kind_are_tried_again(operator: Client, given_up: Delivery) -> None:
    operator.post("/drift/forsok-alla/", {"kind": "messaging.email"})
    given_up.refresh_from_db()
    assert given_up.state == DeliveryState.WAITING


def test_set_aside_without_a_reason_comes_back_with_the_error_at_the_field(
    operator: Client, given_up: Delivery
) -> None:
    address = reverse("operator-set-aside", args=[given_up.pk])
    answer = operator.post(address, {"reason": " "})
    assert answer.status_code == 422
    assert "Skriv varför leveransen läggs åt sidan." in answer.content.decode()
    assert operator.post(address, {"reason": "Ringde."}).status_code == 302
    given_up.refresh_from_db()
    assert given_up.set_aside_reason == "Ringde."
    assert given_up.set_aside_by == "Olle"


def test_one_that_was_retried_meanwhile_is_a_conflict(operator: Client, given_up: Delivery) -> None:
    operator.post(reverse("operator-retry", args=[given_up.pk]))
    assert operator.post(reverse("operator-retry", args=[given_up.pk])).status_code == 409


@pytest.mark.parametrize("role", ["caseworker", "administrator"])
def test_nobody_else_sees_or_does_anything(tenant: Principal, given_up: Delivery, role: str) -> None:
    browser = people.browser(tenant, people.staff("karin", role))
    assert browser.get("/drift/").status_code == 403
    assert browser.get(reverse("operator-delivery", args=[given_up.pk])).status_code == 403
    assert browser.post(reverse("operator-retry", args=[given_up.pk])).status_code == 403
    assert browser.post("/drift/forsok-alla/", {"kind": "messaging.email"}).status_code == 403
    given_up.refresh_from_db()
    assert given_up.state == DeliveryState.GIVEN_UP
    assert people.browser(tenant).get("/drift/").status_code in (302, 403)


def test_a_form_from_elsewhere_is_refused(tenant: Principal, given_up: Delivery) -> None:
    browser = people.browser(tenant, people.staff("olle", "operator"))
    browser.handler.enforce_csrf_checks = True
    assert browser.post(reverse("operator-retry", args=[given_up.pk])).status_code == 403


@pytest.mark.parametrize("query", ["?efter=x", "?efter=1"])
def test_a_bad_address_is_not_found(operator: Client, query: str) -> None:
    assert operator.get(f"/drift/{query}").status_code == 404
    assert operator.get(reverse("operator-delivery", args=[uuid7()])).status_code == 404


def test_named_faults_of_others_stand_here_too(operator: Client) -> None:
    found = [faults.Fault(f"Fel <{n}>.", now()) for n in range(faults.SHOWN + 1)]
    faults.source("test.faults", label="Provfel")(lambda limit: found[:limit])
    try:
        page = operator.get("/drift/").content.decode()
        assert "Provfel" in page
        assert "Fel &lt;0&gt;." in page
        assert "Det finns fler." in page
        with pytest.raises(ValueError, match="twice"):
            faults.source("test.faults", label="Annat")(lambda limit: [])
    finally:
        faults._sources.pop("test.faults")


def test_a_late_delivery_tells_that_no_worker_runs(operator: Client, given_up: Delivery) -> None:
    Delivery.objects.update(state="waiting", next_at=now().replace(year=2020))
    assert "arbetsprocessen" in operator.get("/drift/").content.decode()
