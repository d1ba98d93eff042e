"""The main job: application, calculation, decision, letter, payment, file, close, with the worked example's
amount from first to last."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from lxml import etree
from tests.support import people
from tests.systems.financial_assistance.conftest import Office, letter_text, squeezed
from tests.systems.financial_assistance.test_pain001 import NS, schema

from sambruk.common.errors import Invalid
from sambruk.common.month import Month
from sambruk.platform.cases.models import Decision, LogEntry
from sambruk.platform.documents.queries import open_document
from sambruk.platform.tenancy.context import current_principal
from sambruk.systems.financial_assistance.actions import calculation, payment_files
from sambruk.systems.financial_assistance.actions.payments import pay_day
from sambruk.systems.financial_assistance.household_changes import Changes, LineChange
from sambruk.systems.financial_assistance.models import CalculationVersion, PaymentOrder


def test_application_to_payment_file_with_the_amount_of_the_worked_example(office: Office) -> None:
    case = office.review(office.apply())
    office.approve(case)
    kept = CalculationVersion.objects.get(case=case)
    assert kept.amount == Decimal("7340.00")
    assert kept.version == 1 and len(kept.content_hash) == 64

    office.decide(case, "grant", phrases=["calculation_attached"])
    decision = Decision.objects.get(case=case)
    assert decision.amount == Decimal("7340.00")
    assert decision.basis["calculation_version"] == 1

    assert decision.letter is not None
    letter = letter_text(decision)
    for words in ("7 340 kr", "december 2026", "Hyra", "5 400 kr", "Bostadsbidrag", "Om du vill överklaga"):
        assert squeezed(words) in letter, words
    assert "{" not in letter

    order = PaymentOrder.objects.get(case=case)
    assert (order.amount, order.state) == (Decimal("7340.00"), "ordered")
    assert order.ordered_by_id == office.decider.id
    assert order.proposed_by_id == office.caseworker.id

    office.do(case, "approve_payment", office.approver)
    assert case.closed_at is not None and case.station == "closed"
    assert case.disposal_on is not None

    made = payment_files.create(pay_on=order.pay_on, by=office.approver)
    document = etree.fromstring(open_document(made.document).read())
    schema().assertValid(document)
    assert [e.text for e in document.iterfind(".//p:InstdAmt", NS)] == ["7340.00"]
    assert document.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NS) == "7340.00"
    order.refresh_from_db()
    assert (order.state, order.file_id) == ("filed", made.pk)
    said = list(LogEntry.objects.filter(case=case).order_by("at", "id").values_list("text", flat=True))
    assert "Beräkningen godkändes (version 1)." in said
    assert "Utbetalningen skickades till banken." in said


def test_a_surplus_is_refused_without_payment(office: Office) -> None:
    income = {
        "row": "r1",
        "income_kind": "aktivitetsstod",
        "income_amount": "13100.00",
        "income_date": "2026-11-20",
        "income_person": "applicant",
    }
    case = office.review(office.apply(incomes=[income]))
    office.approve(case)
    office.decide(case, "refuse", motivation="Inkomsten räcker.", phrases=["income_over_norm"])
    decision = Decision.objects.get(case=case)
    assert decision.amount is None and decision.letter is not None
    letter = letter_text(decision)
    for words in ("13 100 kr", "Överskott", "1 660 kr", "Om du vill överklaga"):
        assert squeezed(words) in letter, words
    assert not PaymentOrder.objects.exists()
    assert case.closed_at is not None


def test_a_dismissal_needs_no_calculation(office: Office) -> None:
    case = office.apply()
    office.do(case, "do:review", office.caseworker, review_result="dismiss", adoption_or_placement="no")
    office.decide(case, "dismiss", motivation="Går inte att pröva.", phrases=["cannot_be_tried"])
    assert Decision.objects.get(case=case).letter is not None
    assert case.closed_at is not None


def test_a_part_is_granted_with_its_reason_in_the_letter(office: Office) -> None:
    case = office.review(office.apply())
    changes = Changes(
        lines={"cost.rent": LineChange(amount=Decimal("5000.00"), reason="Över kommunens högsta hyra.")}
    )
    calculation.change(case_id=case.pk, changes=changes, by=office.caseworker)
    office.approve(case)
    office.decide(case, "partial", motivation="Hyran är för hög.", phrases=["costs_too_high"])
    decision = Decision.objects.get(case=case)
    assert decision.amount == Decimal("6940.00") and decision.letter is not None
    letter = letter_text(decision)
    assert squeezed("Över kommunens högsta hyra.") in letter
    assert squeezed("6 940 kr") in letter


def test_what_was_struck_is_told_with_what_was_applied_for_and_why(office: Office) -> None:
    person = people.person("Maja", personal_number="199006022397")
    case = office.review(office.apply(person))
    struck = LineChange(amount=None, reason="Ingår i hyran.", struck=True)
    calculation.change(case_id=case.pk, changes=Changes(lines={"cost.power": struck}), by=office.caseworker)
    office.approve(case)
    with pytest.raises(Invalid, match="Hushållsel 310") as caught:
        office.do(case, "propose:propose", office.caseworker, kind="grant")
    assert "delvis bifall" in caught.value.field_errors["kind"]
    office.decide(case, "partial", motivation="Elen ingår i hyran.")
    decision = Decision.objects.get(case=case)
    said = "Ansökt 310 kr, godkänt 0 kr. Ingår i hyran."
    assert squeezed(said) in letter_text(decision)
    browser = people.browser(current_principal(), person)
    pages = (f"/mina-sidor/arenden/{case.pk}/", f"/mina-sidor/arenden/{case.pk}/beslut/{decision.pk}/")
    for address in pages:
        page = squeezed(browser.get(address).content.decode())
        # The whole calculation stands once on a page.
        assert page.count(squeezed(said)) == 1, address
        assert page.count(squeezed("Summa riksnorm")) == 1, address


def test_the_bank_pays_on_the_municipalitys_day_or_the_next_bank_day() -> None:
    december = Month(2026, 12)
    assert pay_day(december, 27, date(2026, 11, 20)) == date(2026, 11, 27)
    # The day itself is too late for the bank.
    assert pay_day(december, 27, date(2026, 11, 27)) == date(2026, 11, 30)
    # 27 December 2026 is a Sunday.
    assert pay_day(Month(2027, 1), 27, date(2026, 12, 1)) == date(2026, 12, 28)
