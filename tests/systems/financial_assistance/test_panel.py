"""The calculation on the case page and in Mina sidor, over HTTP: with htmx, and without any script."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import lxml.html
import pytest
from django.test import Client
from tests.support import people
from tests.systems.financial_assistance.conftest import Office
from tests.systems.financial_assistance.test_working_calculation import SPECIAL, total

from sambruk.common.money import format_kr
from sambruk.platform.cases.models import Case
from sambruk.platform.tenancy.context import current_principal
from sambruk.systems.financial_assistance.models import CalculationVersion, WorkingCalculation


@pytest.fixture
def browser(office: Office) -> Client:
    return people.browser(current_principal(), office.accounts["caseworker"])


def panel(browser: Client, case: Case) -> str:
    answer = browser.get(f"/handlaggning/arende/{case.pk}/?flik=calculation")
    assert answer.status_code == 200
    return str(answer.content.decode())


def form_of(page: str) -> dict[str, str]:
    """What the calculation's form sends as it stands on the page."""
    form = lxml.html.fromstring(page).get_element_by_id("calculation-form")
    return {name: str(value) for name, value in form.form_values() if value is not None}


def send(browser: Client, case: Case, data: dict[str, str], **headers: str) -> Any:
    return browser.post(f"/ekonomiskt-bistand/arende/{case.pk}/berakning/", data, headers=headers)


def test_the_whole_calculation_stands_on_the_page(office: Office, browser: Client) -> None:
    case = office.review(office.apply())
    page = panel(browser, case)
    for words in ("Underskott", format_kr(Decimal(7340)), "Hyra", "Bostadsbidrag", "data-grid", "Räkna om",
                  "Godkänn beräkningen", "Pengar på konton"):  # fmt: skip
        assert words in page, words
    # The norm's table of the year is no official one, and the page says so.
    assert "tredje part" in page or "uppskattning" in page


def test_without_script_it_is_changed_and_approved(office: Office, browser: Client) -> None:
    case = office.review(office.apply())
    data = form_of(panel(browser, case))
    data |= {"amount-cost.rent": "5 000", "reason-cost.rent": "Högsta hyra", "do": "save"}
    assert send(browser, case, data).status_code == 302
    assert total(case) == Decimal("6940.00")
    data = form_of(panel(browser, case)) | {"do": "approve"}
    assert send(browser, case, data).status_code == 302
    assert CalculationVersion.objects.get(case=case).amount == Decimal("6940.00")
    page = panel(browser, case)
    assert "calculation-form" not in page and "Öppna igen" in page


def test_with_htmx_the_part_comes_back(office: Office, browser: Client) -> None:
    case = office.review(office.apply())
    data = form_of(panel(browser, case)) | {"struck-cost.power": "on", "do": "save"}
    answer = send(browser, case, data, **{"HX-Request": "true"})
    body = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in body
    assert format_kr(Decimal(7030)) in body
    # What is struck needs a reason, and the page says so before anybody presses.
    assert "ange varför 310 kr stryks" in body.replace("\xa0", " ")
    without = send(browser, case, form_of(body) | {"do": "approve"}, **{"HX-Request": "true"})
    assert without.status_code == 422 and not CalculationVersion.objects.exists()
    # Pressed again with what the part now holds: the revision has followed.
    given = {"do": "approve", "reason-cost.power": "Ingår i hyran."}
    again = send(browser, case, form_of(body) | given, **{"HX-Request": "true"})
    assert again.headers["HX-Redirect"].endswith("flik=calculation")


def test_a_row_is_added_and_an_application_read_again(office: Office, browser: Client) -> None:
    case = office.review(office.apply())
    data = form_of(panel(browser, case))
    data |= {
        "new-kind": "incomes:barnbidrag",
        "new-amount": "100",
        "new-text": "Sågs på kontot",
        "do": "save",
    }
    assert send(browser, case, data).status_code == 302
    assert total(case) == Decimal("7240.00")
    assert send(browser, case, form_of(panel(browser, case)) | {"do": "refresh"}).status_code == 302
    assert total(case) == Decimal("7240.00")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount-cost.rent": "5.400"}, "utan punkt mellan tusental"),
        ({"amount-cost.rent": "-1"}, "mindre än noll"),
        ({"new-amount": "100"}, "Välj vad den nya raden är"),
        ({"new-kind": "reductions:other", "new-amount": "100"}, "Skriv skälet till avdraget"),
        ({"days-applicant": "40"}, "0 till 31"),
        ({"dwelling_persons": "0"}, "1 till 50"),
        ({"stimulus-from-applicant": "juni"}, "år och månad"),
        (
            {"stimulus-from-applicant": "2026-06", "stimulus-to-applicant": "2026-01"},
            "slutar före sin början",
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    office: Office, browser: Client, changed: dict[str, str], words: str
) -> None:
    case = office.review(office.apply())
    data = form_of(panel(browser, case)) | {"amount-cost.power": "299,50"} | changed
    for headers in ({}, {"HX-Request": "true"}):
        answer = send(browser, case, data | {"do": "save"}, **headers)
        body = answer.content.decode()
        assert answer.status_code == 422
        assert words in body
        assert 'value="299,50"' in body
        assert ("<html" in body) is (not headers)
    assert total(case) == Decimal("7340.00")


def test_approving_with_something_missing_saves_nothing_and_says_what(
    office: Office, browser: Client
) -> None:
    case = office.review(office.apply(**SPECIAL))
    before = WorkingCalculation.objects.get(case=case).revision
    data = form_of(panel(browser, case)) | {"amount-cost.power": "300", "do": "approve"}
    answer = send(browser, case, data)
    assert answer.status_code == 422 and "inte bedömd" in answer.content.decode()
    assert WorkingCalculation.objects.get(case=case).revision == before


def test_somebody_elses_change_is_not_written_over(office: Office, browser: Client) -> None:
    case = office.review(office.apply())
    mine = form_of(panel(browser, case))
    send(browser, case, form_of(panel(browser, case)) | {"amount-cost.power": "300", "do": "save"})
    answer = send(browser, case, mine | {"amount-cost.rent": "1", "do": "save"})
    assert answer.status_code == 422 and "har ändrat beräkningen" in answer.content.decode()
    assert total(case) == Decimal("7330.00")


def test_last_months_amounts_stand_beside(office: Office, browser: Client) -> None:
    person = people.person("Maja", personal_number="199006022397")
    office.ordered(person, month=date(2026, 11, 1), rent="5200.00")
    case = office.review(office.apply(person))
    page = panel(browser, case)
    assert "november 2026" in page and format_kr(Decimal(5200)) in page
    assert "ändrat sedan förra månaden" in page


def test_text_that_looks_like_markup_is_text(office: Office, browser: Client) -> None:
    case = office.review(office.apply(stays_here=False, stay_text="<script>alert(1)</script>"))
    page = panel(browser, case)
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_a_month_without_a_norm_is_said_on_the_page(office: Office, browser: Client) -> None:
    case = office.review(office.apply(month=date(2027, 1, 1)))
    assert "Läs in årets riksnorm" in panel(browser, case)


def test_the_resident_reads_how_it_was_calculated_and_when_it_is_paid(office: Office) -> None:
    person = people.person("Maja", personal_number="199006022397")
    case = office.review(office.apply(person))
    mine = people.browser(current_principal(), person)
    address = f"/mina-sidor/arenden/{case.pk}/"
    assert "Så räknade vi" not in mine.get(address).content.decode()
    office.approve(case)
    office.decide(case)
    office.do(case, "approve_payment", office.approver)
    page = mine.get(address).content.decode()
    for words in ("Så räknade vi", "Hyra", format_kr(Decimal(5400)), format_kr(Decimal(7340)),
                  "Godkänd, skickas till banken"):  # fmt: skip
        assert words in page, words
    assert "1234563" not in page and "63" in page
    decision = case.decisions.get()
    letter = mine.get(f"{address}beslut/{decision.pk}/").content.decode()
    # The decision itself holds the calculation: it stands there once.
    assert letter.count("Summa riksnorm") == 1 and "Om du vill överklaga" in letter
    stranger = people.browser(current_principal(), people.person("Nils"))
    assert stranger.get(address).status_code == 404
