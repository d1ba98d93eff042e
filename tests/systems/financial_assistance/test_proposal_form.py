"""The forms of proposing and deciding, over HTTP: what is decided stands above the button."""

from __future__ import annotations

from django.test import Client
from tests.support import people
from tests.systems.financial_assistance.conftest import Office, squeezed

from sambruk.platform.cases.models import Case
from sambruk.platform.tenancy.context import current_principal
from sambruk.systems.financial_assistance.actions import calculation
from sambruk.systems.financial_assistance.household_changes import Changes, LineChange

DECIDE = "decide:decide_other"


def browser(office: Office, role: str) -> Client:
    return people.browser(current_principal(), office.accounts[role])


def form(client: Client, case: Case, command: str, status: int = 200) -> str:
    answer = client.get(f"/handlaggning/arende/{case.pk}/gor/{command}/")
    assert answer.status_code == status
    return squeezed(answer.content.decode())


def calculated(office: Office) -> Case:
    case = office.review(office.apply())
    lower = LineChange(amount=None, reason="Ingår i hyran.", struck=True)
    calculation.change(case_id=case.pk, changes=Changes(lines={"cost.power": lower}), by=office.caseworker)
    office.approve(case)
    return case


def test_who_proposes_sees_the_amount_what_is_refused_and_the_sentences(office: Office) -> None:
    page = form(browser(office, "caseworker"), calculated(office), "propose:propose")
    for words in ("Maja", "december 2026", "7 030 kr", "Hushållsel 310 kr", "Föreslå delvis bifall",
                  "Längre ner ser du hur vi har räknat", "kan godkänna för december 2026."):  # fmt: skip
        assert squeezed(words) in page, words


def test_who_decides_sees_what_is_decided_and_who_proposed_may_not(office: Office) -> None:
    case = calculated(office)
    office.do(case, "propose:propose", office.caseworker, kind="partial", motivation="Elen ingår i hyran.",
              phrases=["costs_too_high"])  # fmt: skip
    page = form(browser(office, "decision_maker"), case, DECIDE)
    for words in ("Maja", "december 2026", "Delvis bifall", "7 030 kr", "Elen ingår i hyran.",
                  "Vi kan inte godkänna hela kostnaden", office.caseworker.name):  # fmt: skip
        assert squeezed(words) in page, words
    refused = form(browser(office, "caseworker"), case, DECIDE, 403)
    assert squeezed("Du har föreslagit beslutet. En annan person fattar det.") in refused
    assert squeezed("Någon annan hann före") not in refused
    # A task that waits for nobody is still told as gone on.
    assert squeezed("gått vidare") in form(browser(office, "caseworker"), case, "propose:propose", 409)
