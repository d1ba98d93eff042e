"""Payments: four eyes by page and by database, changed accounts, stops, files and who may see them."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from lxml import etree
from tests.support import people
from tests.systems.financial_assistance.conftest import Office
from tests.systems.financial_assistance.test_pain001 import NS, schema

from sambruk.common import crypto
from sambruk.common.bank_account import parse_account
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.common.ids import uuid7
from sambruk.common.money import format_kr
from sambruk.platform.cases import commands
from sambruk.platform.cases.models import Decision, PeriodClaim
from sambruk.platform.documents import access
from sambruk.platform.documents.queries import open_document
from sambruk.platform.identity.models import Membership
from sambruk.platform.identity.rotation import encrypted_models, rotate_batch
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance import payments_pain001
from sambruk.systems.financial_assistance.actions import payment_files, payments
from sambruk.systems.financial_assistance.models import PaymentOrder


def codes(order: PaymentOrder) -> set[str]:
    return {warning["code"] for warning in order.warnings}


def other_account() -> dict[str, str]:
    """Another account of the same bank that its check digit allows."""
    for last in range(10):
        try:
            found = parse_account("5001", f"765432{last}")
        except Invalid:
            continue
        return {"clearing": found.clearing, "account": found.account}
    raise AssertionError("no account")


@pytest.mark.parametrize("role", ["caseworker", "decision_maker"])
def test_neither_who_proposed_nor_who_decided_approves(office: Office, role: str) -> None:
    """Even with the permission, since one person may hold several roles."""
    case = office.ordered()
    Membership.objects.create(
        staff=office.accounts[role], unit=office.unit, role="payment_approver", valid_from="2020-01-01"
    )
    actor = people.actor(office.accounts[role])
    order = PaymentOrder.objects.get(case=case)
    assert "approve_payment" not in {offer.id for offer in commands.offers(case, actor)}
    with pytest.raises(NotAllowed, match="En annan person godkänner"):
        payments.approve(order_id=order.pk, by=actor)
    order.refresh_from_db()
    assert order.state == "ordered"


@pytest.mark.parametrize(
    ("field", "constraint"),
    [
        ("ordered_by_id", "payment_four_eyes"),
        ("proposed_by_id", "payment_proposer_not_approver"),
        ("decided_by_id", "payment_decider_not_approver"),
        ("account_by_id", "payment_account_not_by_approver"),
    ],
)
def test_the_database_refuses_the_same_person(office: Office, field: str, constraint: str) -> None:
    order = PaymentOrder.objects.get(case=office.ordered())
    # Each stands alone: what this one refuses, no other does.
    order.ordered_by_id, order.proposed_by_id, order.account_by_id = uuid7(), uuid7(), uuid7()
    order.decided_by_id = uuid7()
    order.save()
    order.approved_by_id, order.approved_at, order.state = getattr(order, field), now(), "approved"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        order.save(update_fields=["approved_by_id", "approved_at", "state"])
    order.approved_by_id = office.approver.id
    order.save(update_fields=["approved_by_id", "approved_at", "state"])


def test_an_approver_who_lands_where_nothing_is_sees_the_way_to_the_payments(
    office: Office, tenant: Principal
) -> None:
    office.ordered()
    browser = people.browser(tenant, office.accounts["payment_approver"])
    part = browser.get("/handlaggning/").content.decode().partition('<div class="sb-empty">')[2]
    link = '<a class="ds-link" href="/ekonomiskt-bistand/utbetalningar/">Utbetalningar</a>'
    assert f'{link} <span class="sb-count">1</span>' in part


def test_it_is_approved_once(office: Office) -> None:
    case = office.ordered()
    order = PaymentOrder.objects.get(case=case)
    office.do(case, "approve_payment", office.approver)
    with pytest.raises(Conflict):
        payments.approve(order_id=order.pk, by=office.approver)


def test_a_decision_is_ordered_once(office: Office) -> None:
    case = office.ordered()
    order = PaymentOrder.objects.get(case=case)
    assert payments.order(case=case, decision=order.decision).pk == order.pk
    values = {f.attname: getattr(order, f.attname) for f in order._meta.fields if f.name != "id"}
    with pytest.raises(IntegrityError, match="payment_once_a_decision"), transaction.atomic():
        PaymentOrder.objects.create(**values)


def test_an_account_that_was_not_there_before_is_checked_by_a_person(office: Office) -> None:
    person = people.person("Maja", personal_number="199006022397")
    first = office.ordered(person, month=date(2026, 10, 1))
    assert codes(PaymentOrder.objects.get(case=first)) == {"first_account"}
    office.do(first, "approve_payment", office.approver)

    second = office.ordered(person, month=date(2026, 11, 1), account=other_account())
    order = PaymentOrder.objects.get(case=second)
    assert codes(order) == {"account_changed"}
    with pytest.raises(Invalid):
        office.do(second, "approve_payment", office.approver, checked=" ")
    with pytest.raises(Invalid, match="kontrollerat kontot"):
        payments.approve(order_id=order.pk, by=office.approver)
    office.do(second, "approve_payment", office.approver, checked="Ringde Maja på känt nummer.")
    order.refresh_from_db()
    assert order.state == "approved"

    third = office.ordered(person, month=date(2026, 12, 1), account=other_account())
    assert codes(PaymentOrder.objects.get(case=third)) == set()


def test_the_account_is_known_again_when_the_key_was_changed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = people.person("Maja", personal_number="199006022397")
    first = office.ordered(person, month=date(2026, 10, 1))
    office.do(first, "approve_payment", office.approver)
    old, new = os.environ[crypto.ENVIRONMENT], crypto.new_key_entry("b")
    monkeypatch.setenv(crypto.ENVIRONMENT, f"{new},{old}")
    while sum(rotate_batch(model) for model in encrypted_models()):
        pass
    # The old key is gone: only what was written anew is known.
    monkeypatch.setenv(crypto.ENVIRONMENT, new)
    second = office.ordered(person, month=date(2026, 11, 1))
    assert codes(PaymentOrder.objects.get(case=second)) == set()


def test_a_changed_account_is_another_order_and_stays_a_warning(office: Office) -> None:
    case = office.ordered()
    first = PaymentOrder.objects.get(case=case)
    office.do(case, "change_account", office.caseworker, **other_account(), reason="Den sökande ringde.")
    first.refresh_from_db()
    assert (first.state, first.stopped_reason) == ("stopped", "Den sökande ringde.")
    second = PaymentOrder.objects.get(case=case, state="ordered")
    assert codes(second) == {"account_changed"}
    assert second.ordered_by_id == office.caseworker.id
    # Sent back and ordered anew: the account of the application again, and still another than before.
    office.do(case, "return_payment", office.approver, reason="Fel konto")
    third = PaymentOrder.objects.get(case=case, state="ordered")
    assert third.account == first.account
    assert "account_changed" in codes(third)


def test_a_month_that_is_paid_twice_is_told(office: Office) -> None:
    person = people.person("Maja", personal_number="199006022397")
    office.ordered(person)
    PeriodClaim.objects.all().delete()
    second = office.ordered(person)
    assert "double_month" in codes(PaymentOrder.objects.get(case=second))


def test_without_an_account_it_is_paid_otherwise(office: Office) -> None:
    case = office.ordered(payment_method="other", payment_text="Rekvisition", account=None)
    order = PaymentOrder.objects.get(case=case)
    assert codes(order) == {"no_account"} and order.account_fingerprint == ""
    said = office.do(case, "approve_payment", office.approver)
    assert "annat sätt" in said
    order.refresh_from_db()
    assert order.state == "otherwise"
    with pytest.raises(Conflict):
        payment_files.create(pay_on=order.pay_on, by=office.approver)


def test_a_file_holds_what_is_approved_and_its_sum(office: Office) -> None:
    cases = [
        office.ordered(people.person(name), rent=rent)
        for name, rent in (("Maja", "5400.00"), ("Åsa", "6000.50"), ("Bo", "5000.00"))
    ]
    for case in cases[:2]:
        office.do(case, "approve_payment", office.approver)
    day = PaymentOrder.objects.filter(state="approved").first()
    assert day is not None
    made = payment_files.create(pay_on=day.pay_on, by=office.approver)
    orders = PaymentOrder.objects.filter(file=made)
    total = sum((one.amount for one in orders), Decimal(0))
    # 7 340 + (6 000.50 − 5 400 rounded to whole kronor, half up)
    assert (made.count, made.total, total) == (2, Decimal("15281.00"), Decimal("15281.00"))
    document = etree.fromstring(open_document(made.document).read())
    schema().assertValid(document)
    assert [e.text for e in document.iterfind(".//p:GrpHdr/p:CtrlSum", NS)] == ["15281.00"]
    with pytest.raises(Conflict):
        payment_files.create(pay_on=day.pay_on, by=office.approver)
    assert PaymentOrder.objects.get(case=cases[2]).state == "ordered"


def test_a_file_that_does_not_add_up_is_not_made(office: Office, monkeypatch: Any) -> None:
    case = office.ordered()
    office.do(case, "approve_payment", office.approver)
    order = PaymentOrder.objects.get(case=case)
    real = payments_pain001.build_file

    def wrong(**values: Any) -> Any:
        made = real(**values)
        return type(made)(
            message_id=made.message_id,
            xml=made.xml.replace(b"7340.00", b"7341.00"),
            total=made.total,
            count=made.count,
        )

    monkeypatch.setattr(payments_pain001, "build_file", wrong)
    with pytest.raises(Invalid, match="summa"):
        payment_files.create(pay_on=order.pay_on, by=office.approver)
    order.refresh_from_db()
    assert order.state == "approved"


def test_a_municipality_without_an_account_is_told_what_is_missing(office: Office) -> None:
    case = office.ordered()
    office.do(case, "approve_payment", office.approver)
    principal = current_principal()
    Principal.objects.filter(pk=principal.pk).update(settings={})
    principal.refresh_from_db()
    with pytest.raises(Invalid, match="IBAN"):
        payment_files.create(pay_on=PaymentOrder.objects.get(case=case).pay_on, by=office.approver)


def test_an_approved_payment_is_stopped_and_ordered_again(office: Office) -> None:
    case = office.ordered()
    office.do(case, "approve_payment", office.approver)
    order = PaymentOrder.objects.get(case=case)
    with pytest.raises(Invalid):
        payments.stop(order_id=order.pk, reason=" ", by=office.approver)
    payments.stop(order_id=order.pk, reason="Den sökande har avlidit.", by=office.approver)
    with pytest.raises(Conflict):
        payment_files.create(pay_on=order.pay_on, by=office.approver)
    again = payments.order_again(order_id=order.pk, by=office.caseworker)
    assert (again.state, again.ordered_by_id) == ("ordered", office.caseworker.id)
    # The case has ended: it is approved all the same, by another person.
    payments.approve(order_id=again.pk, by=office.approver)
    again.refresh_from_db()
    assert again.state == "approved"


def test_what_is_with_the_bank_is_not_stopped(office: Office) -> None:
    case = office.ordered()
    office.do(case, "approve_payment", office.approver)
    order = PaymentOrder.objects.get(case=case)
    payment_files.create(pay_on=order.pay_on, by=office.approver)
    with pytest.raises(Conflict):
        payments.stop(order_id=order.pk, reason="Ångrar mig", by=office.approver)


def test_another_units_approver_finds_nothing(office: Office) -> None:
    case = office.ordered()
    order = PaymentOrder.objects.get(case=case)
    other = people.unit("annan")
    stranger = people.actor(people.staff("frammande", "payment_approver", "caseworker", at=other))
    with pytest.raises(NotFound):
        payments.approve(order_id=order.pk, by=stranger)
    office.do(case, "approve_payment", office.approver)
    with pytest.raises(Conflict):
        payment_files.create(pay_on=order.pay_on, by=stranger)
    made = payment_files.create(pay_on=order.pay_on, by=office.approver)
    assert access.grant_for(made.document, stranger) is None
    assert access.grant_for(made.document, office.caseworker) is None
    assert access.grant_for(made.document, office.approver) is not None


def test_the_file_is_made_by_whoever_may_approve(office: Office) -> None:
    case = office.ordered()
    office.do(case, "approve_payment", office.approver)
    pay_on = PaymentOrder.objects.get(case=case).pay_on
    for actor in (office.caseworker, office.decider):
        with pytest.raises(NotAllowed):
            payment_files.create(pay_on=pay_on, by=actor)


def test_the_page_shows_masked_accounts_and_makes_the_file(office: Office) -> None:
    case = office.ordered()
    browser = people.browser(current_principal(), office.accounts["payment_approver"])
    page = browser.get("/ekonomiskt-bistand/utbetalningar/").content.decode()
    assert "Maja Andersson" in page and case.number in page and format_kr(Decimal(7340)) in page
    assert "1234563" not in page
    office.do(case, "approve_payment", office.approver)
    order = PaymentOrder.objects.get(case=case)
    answer = browser.post("/ekonomiskt-bistand/utbetalningar/fil/", {"pay_on": str(order.pay_on)})
    assert answer.status_code == 302
    page = browser.get("/ekonomiskt-bistand/utbetalningar/").content.decode()
    order.refresh_from_db()
    assert order.file is not None and order.file.message_id in page
    answer = browser.post("/ekonomiskt-bistand/utbetalningar/fil/", {"pay_on": str(order.pay_on)})
    assert answer.status_code == 422
    got = browser.get(f"/dokument/{order.file.document_id}/")
    assert b"7340.00" in b"".join(got.streaming_content)


def test_the_page_is_for_those_who_pay(office: Office) -> None:
    browser = people.browser(current_principal(), office.accounts["decision_maker"])
    assert browser.get("/ekonomiskt-bistand/utbetalningar/").status_code == 403


def test_the_page_dates_the_decision_in_swedish_time(office: Office, tenant: Principal) -> None:
    case = office.ordered()
    order = PaymentOrder.objects.get(case=case)
    Decision.objects.filter(pk=order.decision_id).update(
        decided_at=datetime(2026, 11, 24, 23, 42, tzinfo=UTC)
    )
    browser = people.browser(tenant, office.accounts["payment_approver"])
    page = browser.get(f"/ekonomiskt-bistand/utbetalningar/{order.pk}/").content.decode()
    assert "25 november 2026" in page
    assert "24 november 2026" not in page
