"""From answers to a household: every answer becomes a row or a sentence, whatever was written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.systems.financial_assistance.conftest import FOLDER, example

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.engine import calculate
from sambruk.systems.financial_assistance.calculation.fields import MonthPeriod
from sambruk.systems.financial_assistance.household_from_application import Translated, translate
from sambruk.systems.financial_assistance.local_practice import settings_of

DECEMBER = Month(2026, 12)


def read(**answers: Any) -> Translated:
    return translate({**example("01-ensam-bifall.yaml"), **answers}, DECEMBER)


def test_the_single_household_of_the_examples_has_the_worked_examples_amount() -> None:
    found = read()
    result = calculate(found.household, DECEMBER, settings_of({}))
    assert result.amount == Decimal("7340.00")
    assert [cost.type for cost in found.household.costs] == ["hyra", "el", "hemforsakring", "a_kassa"]
    assert {income.origin for income in found.household.incomes} == {"applicant"}


@pytest.mark.parametrize("name", sorted(path.name for path in (FOLDER / "examples").glob("0*.yaml")))
def test_every_example_of_the_service_can_be_calculated(name: str) -> None:
    found = translate(example(name), DECEMBER)
    assert calculate(found.household, DECEMBER).outcome in {"deficit", "surplus", "incomplete"}


def test_a_couple_with_children_by_residence_days_and_lunch() -> None:
    found = translate(example("02-par-med-barn-avslag.yaml"), DECEMBER)
    people = {person.id: person for person in found.household.persons}
    assert list(people) == ["applicant", "co_applicant", "child.r1", "child.r2", "child.r3"]
    assert (people["child.r2"].residence, people["child.r2"].days, people["child.r2"].lunch_away) == (
        "alternating",
        15,
        True,
    )
    assert people["child.r3"].residence == "visiting"
    # Born 2008-01-01: eighteen, without a school in the application.
    assert people["child.r3"].upper_secondary is False
    assert any("Extrajobb i kiosk" in remark for remark in found.remarks)
    assert found.household.dwelling.persons == 5


def test_an_income_after_the_month_applied_for_is_asked_about() -> None:
    income = {"row": "r1", "income_kind": "lon", "income_amount": "500.00", "income_person": "applicant"}
    said = [
        [
            one
            for one in read(has_income=True, incomes=[{**income, "income_date": day}]).remarks
            if "Lön" in one
        ]
        for day in ("2026-12-31", "2027-11-20")
    ]
    assert said[0] == []
    assert "20 november 2027" in said[1][0] and "efter december 2026" in said[1][0]


def test_ordinary_costs_are_allowed_and_the_others_wait_for_an_assessment() -> None:
    cost = {"row": "r1", "cost_kind": "glasogon", "cost_amount": "1500.00", "cost_whom": "Maja"}
    found = read(has_special_costs=True, special_costs=[cost])
    by_type = {cost.type: cost for cost in found.household.costs}
    assert by_type["hyra"].process == Decimal("5400.00")
    assert by_type["glasogon"].applied == Decimal("1500.00") and by_type["glasogon"].process is None
    assert "Maja" in by_type["glasogon"].label


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"norm_kind": "supplement", "supplement_text": "Bara tandvård"}, "Bara tandvård"),
        ({"stays_here": False, "stay_text": "Malmö i en vecka"}, "Malmö i en vecka"),
        ({"others_in_home": True, "others_text": "Min bror"}, "Min bror"),
        ({"rent_debt": True, "rent_debt_amount": "3000.00"}, "3\u00a0000\u00a0kr"),
        ({"bank_assets": "25000.00"}, "25\u00a0000\u00a0kr"),
        (
            {"has_assets": True, "assets": [{"row": "r1", "asset_kind": "vehicle", "registration": "ABC 123",
             "asset_value": "20000.00"}]},
            "ABC 123",
        ),
        ({"has_pending_benefit": True, "pending_benefits": [{"row": "r1", "pending_benefit": "Sjukpenning",
          "pending_person": "applicant"}]}, "Sjukpenning"),
        ({"rent": "2000000.00"}, "kan inte vara en kostnad"),
        ({"rent": "mycket"}, "gick inte att läsa"),
        (
            {"incomes": [{"row": "r1", "income_kind": "guld", "income_amount": "10.00",
             "income_person": "applicant"}]},
            "står som annan inkomst",
        ),
        (
            {"incomes": [{"row": "r1", "income_kind": "lon", "income_amount": "10.00",
             "income_person": "child"}]},
            "ange vem i hushållet",
        ),
        ({"housing": "lodger", "persons_in_home": 1}, "inneboende"),
        ({"has_children": True, "children": [{"row": "r1", "child": {"given_name": "Bo"},
          "child_residence": "whole"}]}, "Bo är inte med"),
        (
            {"has_children": True, "children": [{"row": "r1", "child_residence": "half", "child": {
                "given_name": "Bo", "personal_number": "201901012383"}}]},
            "Bo: ange hur många dagar",
        ),
    ],
)  # fmt: skip
def test_what_is_no_row_is_a_sentence(answers: dict[str, Any], words: str) -> None:
    assert any(words in remark for remark in read(**answers).remarks), read(**answers).remarks


def test_jobbstimulans_and_local_practice_reach_the_calculation() -> None:
    wage = {"row": "r1", "income_kind": "lon", "income_amount": "1000.00", "income_person": "applicant"}
    period = MonthPeriod(start=Month(2026, 6), end=Month(2028, 5))
    found = translate(
        {**example("01-ensam-bifall.yaml"), "incomes": [wage]}, DECEMBER, job_stimulus={"applicant": period}
    )
    rows = {row.id: row.amount for row in calculate(found.household, DECEMBER).rows}
    assert rows["job_stimulus.applicant"] == Decimal("250.00")
    chosen = settings_of({"divisor": "thirty", "visiting_children": "none"})
    assert (chosen.divisor, chosen.visiting_child_in_common) == ("thirty", "none")


def test_a_visiting_child_that_does_not_count_raises_no_common_costs() -> None:
    visit = {
        "row": "r1",
        "child": {"given_name": "Bo", "personal_number": "201901012383"},
        "child_residence": "visits",
        "child_days": 4,
    }
    found = read(has_children=True, children=[visit])
    rows = {
        row.id: row.amount
        for row in calculate(found.household, DECEMBER, settings_of({"visiting_children": "none"})).rows
    }
    assert rows["norm.common"] == Decimal("1280.00")
    assert rows["norm.child.r1"] > 0


def test_two_rows_of_one_id_are_both_kept() -> None:
    row = {"row": "r1", "income_kind": "barnbidrag", "income_amount": "10.00", "income_person": "applicant"}
    assert len(read(incomes=[row, row]).household.incomes) == 2


_SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 60),
    st.text(max_size=12),
    st.sampled_from(["10.00", "-3.00", "NaN"]),
)
_ROW = st.dictionaries(
    st.sampled_from(
        ["row", "income_kind", "income_amount", "income_person", "income_date", "cost_kind", "cost_amount",
         "child", "child_residence", "child_days", "asset_value", "asset_kind"]
    ),
    st.one_of(_SCALAR, st.dictionaries(st.sampled_from(["given_name", "personal_number"]), _SCALAR)),
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from([*example("02-par-med-barn-avslag.yaml"), "special_costs", "assets"]),
        st.one_of(_SCALAR, st.lists(_ROW, max_size=4)),
    )
)
def test_whatever_was_written_there_is_a_household(answers: dict[str, Any]) -> None:
    given_answers = {"has_children": True, "has_income": True, "has_special_costs": True, **answers}
    assert translate(given_answers, DECEMBER).household.persons[0].id == "applicant"
