"""The control of incomes: which month, filler, the 12 percent, and the authority that did not answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.income_control import (
    IncomeControl,
    Observation,
    change_percent,
    comparison_month,
    control_incomes,
    control_month,
)

APPLIED = Month(2026, 3)
CONTROL, COMPARISON = Month(2026, 2), Month(2026, 1)


def seen(
    amount: str | None, month: Month = CONTROL, benefit: str = "Bostadsbidrag", person: str = "a"
) -> Observation:
    answer = "unanswered" if amount is None else "answered"
    return Observation(
        person=person,
        benefit=benefit,
        month=month,
        amount=None if amount is None else Decimal(amount),
        answer=answer,
    )


def codes(control: IncomeControl) -> list[str]:
    return [note.code for note in control.notes]


def test_months() -> None:
    assert (control_month(APPLIED), comparison_month(APPLIED)) == (CONTROL, COMPARISON)
    assert control_month(Month(2026, 1)) == Month(2025, 12)


@pytest.mark.parametrize(
    ("before", "now", "warned"),
    [
        ("1000", "1120", False),
        ("1000", "1120.10", True),
        ("1000", "880", False),
        ("1000", "879.90", True),
        ("0", "0", False),
    ],
)
def test_more_than_twelve_percent_is_a_warning(before: str, now: str, warned: bool) -> None:
    control = control_incomes(APPLIED, [seen(before, COMPARISON), seen(now)])
    assert (codes(control) == ["changed"]) == warned
    assert control.incomes[0].amount == Decimal(now)
    assert not control.incomes[0].filler
    assert control.complete


def test_the_sentence_says_what_changed() -> None:
    higher = control_incomes(APPLIED, [seen("1000", COMPARISON), seen("1200")]).notes[0]
    lower = control_incomes(APPLIED, [seen("1000", COMPARISON), seen("666.67")]).notes[0]
    assert higher.text.replace("\u00a0", " ") == (
        "Bostadsbidrag: 1 200 kr i februari 2026 är 20 procent högre än i januari 2026."
    )
    assert "33,33 procent lägre" in lower.text


def test_a_benefit_may_have_its_own_threshold() -> None:
    observations = [seen("1000", COMPARISON), seen("1150")]
    assert codes(control_incomes(APPLIED, observations, thresholds={"Bostadsbidrag": Decimal(20)})) == []
    assert codes(control_incomes(APPLIED, observations, threshold=Decimal(15))) == []
    assert codes(control_incomes(APPLIED, observations, thresholds={"Annat": Decimal(20)})) == ["changed"]


def test_a_benefit_only_in_the_earlier_month_is_carried_over() -> None:
    control = control_incomes(APPLIED, [seen("1900", COMPARISON)])
    income = control.incomes[0]
    assert (income.amount, income.month, income.filler, income.change) == (1900, COMPARISON, True, None)
    assert codes(control) == ["filler"]


def test_a_new_benefit_is_said() -> None:
    assert codes(control_incomes(APPLIED, [seen("1900")])) == ["new"]
    assert codes(control_incomes(APPLIED, [seen("0")])) == []


def test_no_answer_is_not_no_income() -> None:
    control = control_incomes(
        APPLIED, [seen("1900", COMPARISON), seen(None), seen("5", benefit="Sjukpenning")]
    )
    assert not control.complete
    assert [income.benefit for income in control.incomes] == ["Sjukpenning"]
    assert codes(control) == ["unanswered", "new"]
    assert "svarade inte" in control.notes[0].text
    earlier = control_incomes(APPLIED, [seen("1900"), seen(None, COMPARISON)])
    assert earlier.complete
    assert codes(earlier) == ["new"]


def test_payments_of_a_month_are_added_by_person_and_other_months_left_out() -> None:
    control = control_incomes(
        APPLIED,
        [
            seen("100"),
            seen("50"),
            seen("7", person="b"),
            seen("999", Month(2025, 12)),
            seen("150", COMPARISON),
        ],
    )
    assert [(income.person, income.amount) for income in control.incomes] == [("a", 150), ("b", 7)]


def test_change_in_percent() -> None:
    assert change_percent(Decimal(300), Decimal(400)) == Decimal("33.33")
    assert change_percent(Decimal(0), Decimal(400)) is None
