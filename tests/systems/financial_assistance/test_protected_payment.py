"""A protected person's payment is approved by whoever approves payments, who sees no more than that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support import people
from tests.support.pages import text
from tests.systems.financial_assistance.conftest import Office

from sambruk.common.errors import NotAllowed, NotFound
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Case
from sambruk.platform.identity.models import Protection
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance.actions import payments
from sambruk.systems.financial_assistance.models import PaymentOrder

pytestmark = pytest.mark.django_db
LIST = "/ekonomiskt-bistand/utbetalningar/"
STREET = "Hemliga gatan 7"


@pytest.fixture
def order(office: Office) -> PaymentOrder:
    """Ordered, and protected since: the protection came while the case ran."""
    person = people.person("Maja", personal_number="199006022397", street=STREET, city="Undangömda")
    case = office.ordered(person)
    person.protection = Protection.PROTECTED_REGISTRATION
    person.save(update_fields=["protection"])
    Case.objects.filter(pk=case.pk).update(secrecy="protected")
    return PaymentOrder.objects.get(case=case)


def test_it_is_reviewed_and_approved_without_who_or_where(
    office: Office, order: PaymentOrder, tenant: Principal
) -> None:
    browser = people.browser(tenant, office.accounts["payment_approver"])
    address = f"{LIST}{order.pk}/"
    listed, page = text(browser.get(LIST)), text(browser.get(address))
    assert address in listed
    for shown in (listed, page):
        assert "Skyddad identitet" in shown
        assert f"konto som slutar på {order.account['account'][-2:]}" in shown
        for hidden in ("Maja", "Andersson", STREET, "Undangömda", "19900602", order.account["clearing"]):
            assert hidden not in shown.replace(order.case.number, "")
        assert f"/handlaggning/arende/{order.case_id}/" not in shown
    assert browser.get(f"/handlaggning/arende/{order.case_id}/").status_code == 404
    response = browser.post(f"{address}godkann/", {}, follow=True)
    assert "kommer med i nästa betalfil" in text(response)
    order.refresh_from_db()
    assert (order.state, order.approved_by_name) == ("approved", "Payment_Approver-Ekonomi")
    read = AuditEvent.objects.filter(event="payment_order.read", person_id=order.payee_id)
    assert read.count() >= 2


def test_it_is_given_back_and_stopped_the_same_way(
    office: Office, order: PaymentOrder, tenant: Principal
) -> None:
    browser = people.browser(tenant, office.accounts["payment_approver"])
    address = f"{LIST}{order.pk}/lamna-tillbaka/"
    response = browser.post(address, {"reason": ""})
    assert response.status_code == 422
    assert "Skriv varför" in text(response)
    assert browser.post(address, {"reason": "Fel månad"}).status_code == 302
    order.refresh_from_db()
    assert order.state == "stopped"


def test_an_account_that_is_new_is_asked_about_at_the_caseworkers(
    office: Office, order: PaymentOrder, tenant: Principal
) -> None:
    order.warnings = [{"code": "account_changed", "text": "Kontot är ett annat."}]
    order.save(update_fields=["warnings"])
    browser = people.browser(tenant, office.accounts["payment_approver"])
    address = f"{LIST}{order.pk}/"
    assert "Fråga den som handlägger ärendet" in text(browser.get(address))
    assert browser.post(f"{address}godkann/", {"checked": ""}).status_code == 422
    assert browser.post(f"{address}godkann/", {"checked": "Karin ringde i dag"}).status_code == 302


def test_four_eyes_hold_here_too(office: Office, order: PaymentOrder) -> None:
    with pytest.raises(NotAllowed):
        payments.approve(order_id=order.pk, by=replace(office.approver, id=order.ordered_by_id))


def test_nobody_else_gets_further_by_it(office: Office, order: PaymentOrder, tenant: Principal) -> None:
    """The caseworker without the right to open protected cases, and the approver of another unit."""
    with pytest.raises(NotFound):
        payments.change_account(
            order_id=order.pk, clearing="5001", account="7654321", reason="x", by=office.approver
        )
    elsewhere = people.staff("elsa", "payment_approver", at=people.unit("annan"))
    browser = people.browser(tenant, elsewhere)
    assert browser.get(f"{LIST}{order.pk}/").status_code == 404
    assert browser.post(f"{LIST}{order.pk}/godkann/").status_code == 404
    with pytest.raises(NotFound):
        payments.approve(order_id=order.pk, by=people.actor(elsewhere))
