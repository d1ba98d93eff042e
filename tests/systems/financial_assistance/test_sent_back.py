"""The one who decides sends a proposal back; the caseworker reads why, mends it, and proposes again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from tests.support import people
from tests.systems.financial_assistance.conftest import FOLDER, Office, letter_text, squeezed

from sambruk.common.errors import Invalid
from sambruk.platform.cases import commands
from sambruk.platform.cases.models import Case, Decision, Task
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions import effective
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.tenancy.context import current_principal
from sambruk.systems.financial_assistance.actions import calculation
from sambruk.systems.financial_assistance.household_changes import Changes, LineChange
from sambruk.systems.financial_assistance.models import PaymentOrder
from sambruk.systems.financial_assistance.service import SERVICE

EARLIER = FOLDER.parent / "earlier" / SERVICE / "1.0.0"
WHY = "Kontrollera hyran mot kontraktet."


def browser(office: Office) -> Client:
    return people.browser(current_principal(), office.accounts["caseworker"])


def proposed(office: Office, kind: str = "grant", **data: object) -> Case:
    case = office.review(office.apply())
    office.approve(case)
    office.do(case, "propose:propose", office.caseworker, kind=kind, **data)
    return case


def test_the_caseworker_reads_why_and_finds_what_was_written(office: Office) -> None:
    case = proposed(office, motivation="Hyran är betald.", phrases=["calculation_attached"])
    office.do(case, "send_back:decide_other", office.decider, reason=WHY)
    assert not Decision.objects.filter(case=case).exists()
    page = browser(office).get(f"/handlaggning/arende/{case.pk}/")
    assert WHY in page.content.decode()
    assert office.accounts["decision_maker"].name in page.content.decode()
    form = browser(office).get(f"/handlaggning/arende/{case.pk}/gor/propose:propose/")
    text = form.content.decode()
    assert "Hyran är betald." in text
    for chosen in ('value="grant"', 'value="calculation_attached"'):
        field = text[text.index(chosen) - 200 : text.index(chosen) + 200]
        assert "checked" in field, chosen
    assert "7340" not in text, "the amount is the calculation's: nobody has to take it away"

    # What the proposal rested on can be opened again, since nothing is proposed any more.
    calculation.reopen(case_id=case.pk, reason="Hyran kontrolleras", by=office.caseworker)
    changes = Changes(lines={"cost.rent": LineChange(amount=Decimal("5000.00"), reason="Enligt kontraktet.")})
    calculation.change(case_id=case.pk, changes=changes, by=office.caseworker)
    with pytest.raises(Invalid):
        office.do(case, "propose:propose", office.caseworker, kind="grant")
    office.approve(case)
    office.decide(case, "partial", motivation="Hyran är lägre i kontraktet.")
    decision = Decision.objects.get(case=case)
    assert decision.amount == Decimal("6940.00")
    assert PaymentOrder.objects.get(case=case).amount == Decimal("6940.00")
    page = browser(office).get(f"/handlaggning/arende/{case.pk}/")
    assert WHY not in page.content.decode(), "the reason stands in the log from now on"


def test_it_is_sent_back_with_a_reason_and_by_another(office: Office) -> None:
    case = proposed(office)
    with pytest.raises(Invalid) as told:
        office.do(case, "send_back:decide_other", office.decider, reason=" ")
    assert "reason" in told.value.field_errors
    assert Decision.objects.filter(case=case).exists()
    assert not any(o.id.startswith("send_back") for o in commands.offers(case, office.caseworker))


def test_a_case_of_the_version_before_goes_on_as_it_began(office: Office) -> None:
    administrator = people.actor(people.staff("adam", "administrator", at=office.unit))
    newest = effective.for_service(SERVICE)
    definitions.publish_loaded(loaded=load_folder(EARLIER), by=administrator)
    units = {"default": office.unit.pk}
    definitions.adopt(service=SERVICE, version="1.0.0", units=units, by=administrator)
    case = office.review(office.apply())
    definitions.adopt(service=SERVICE, units=units, by=administrator)
    assert effective.for_service(SERVICE).hash == newest.hash != case.definition_hash

    office.approve(case)
    office.do(case, "propose:propose", office.caseworker, kind="grant", phrases=["grant_month"])
    offered = [o.id for o in commands.offers(case, office.decider)]
    assert "decide:decide_other" in offered
    assert "send_back:decide_other" not in offered, "its process has no arrow back"
    office.do(case, "decide:decide_other", office.decider)
    assert Decision.objects.get(case=case).letter is not None
    assert Task.objects.filter(case=case, element="approve_payment", state="open").exists()


SURPLUS = {
    "row": "r1",
    "income_kind": "aktivitetsstod",
    "income_amount": "13100.00",
    "income_date": "2026-11-20",
    "income_person": "applicant",
}


def test_a_grant_beyond_the_right_has_its_own_amount_and_says_why(office: Office) -> None:
    case = office.review(office.apply(incomes=[SURPLUS]))
    office.approve(case)
    why = "Barnen behöver vinterkläder och det finns inga pengar kvar."
    for amount, message in (("", "Skriv vilket belopp"), ("0", "Skriv vilket belopp"), ("x", "")):
        with pytest.raises(Invalid) as told:
            office.do(case, "propose:propose", office.caseworker, kind="grant_beyond_right", amount=amount,
                      motivation=why)  # fmt: skip
        assert message in told.value.field_errors["amount"]
    with pytest.raises(Invalid) as told:
        office.do(case, "propose:propose", office.caseworker, kind="grant_beyond_right", amount="2000")
    assert "motivation" in told.value.field_errors
    with pytest.raises(Invalid) as told:
        office.do(case, "propose:propose", office.caseworker, kind="refuse", amount="2000", motivation=why)
    assert "Lämna fältet tomt" in told.value.field_errors["amount"]

    office.decide(case, "grant_beyond_right", amount="2 000", motivation=why, phrases=["beyond_right"])
    decision = Decision.objects.get(case=case)
    assert decision.amount == Decimal("2000.00")
    assert decision.basis["beyond_right"] is True
    assert PaymentOrder.objects.get(case=case).amount == Decimal("2000.00")
    letter = letter_text(decision)
    for words in ("Därför får du bistånd ändå", why, "Överskott", "1 660 kr", "12 kap. 2 §"):
        assert squeezed(words) in letter, words
    assert letter.count(squeezed("2 000 kr")) == 1, "the amount stands once"


def test_the_granted_amount_stands_once_in_words(office: Office) -> None:
    case = proposed(office, phrases=["calculation_attached"])
    office.do(case, "decide:decide_other", office.decider)
    letter = letter_text(Decision.objects.get(case=case))
    assert letter.count(squeezed("Du får ekonomiskt bistånd")) == 1
    assert letter.count(squeezed("7 340 kr")) == 2, "in the decision, and as the calculation's sum"
    assert letter.count(squeezed("Så här har vi räknat")) == 1
