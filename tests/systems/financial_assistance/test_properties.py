"""Properties that hold for every household: sums to the öre, monotone, never negative, JSON both ways."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.systems.financial_assistance.households import compute

from sambruk.common.money import ore
from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.engine import calculate
from sambruk.systems.financial_assistance.calculation.household import Household, Settings
from sambruk.systems.financial_assistance.calculation.law import cost_kinds, income_kinds
from sambruk.systems.financial_assistance.calculation.norms import table_for
from sambruk.systems.financial_assistance.calculation.result import Result, RowKind, totals_of

MONTHS = st.builds(Month, st.integers(2006, 2026), st.integers(1, 12))
LUNCH_MONTHS = st.builds(Month, st.sampled_from([2014, 2015, 2019]), st.integers(1, 12))
AMOUNTS = st.decimals(0, 50_000, places=2)


@st.composite
def people(draw: st.DrawFn, lunch: bool = False) -> list[dict[str, Any]]:
    """One or two adults and up to eight children, some of them part of the month."""
    found: list[dict[str, Any]] = [{"id": f"a{n}", "role": "adult"} for n in range(draw(st.integers(1, 2)))]
    for number in range(draw(st.integers(0, 8))):
        residence = draw(st.sampled_from(["full", "full", "alternating", "visiting"]))
        found.append(
            {
                "id": f"c{number}",
                "role": "child",
                "age": draw(st.integers(0, 20)),
                "upper_secondary": True,
                "residence": residence,
                "days": draw(st.integers(0, 31)) if residence != "full" else None,
                "lunch_away": lunch and draw(st.booleans()),
            }
        )
    return found


@st.composite
def lines(draw: st.DrawFn, kinds: list[str], person: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "type": draw(st.sampled_from(kinds)),
            "amount": draw(AMOUNTS),
            "person": draw(st.sampled_from(person)),
        }
        for _ in range(draw(st.integers(0, 6)))
    ]


@st.composite
def households(draw: st.DrawFn, lunch: bool = False) -> Household:
    persons = draw(people(lunch))
    ids = [person["id"] for person in persons]
    stimulus = {"start": "2013-07", "end": "2015-06"} if draw(st.booleans()) else None
    persons[0] = {**persons[0], "job_stimulus": stimulus}
    return Household.model_validate(
        {
            "persons": persons,
            "dwelling": {"persons": draw(st.none() | st.integers(1, 15))},
            "costs": draw(lines(sorted(cost_kinds()), ids)),
            "incomes": draw(lines(sorted(income_kinds()), ids)),
            "reductions": [{"type": "assets", "amount": draw(AMOUNTS)}],
        }
    )


PRACTICE = st.builds(
    Settings,
    divisor=st.sampled_from(["thirty", "actual"]),
    visiting_child_in_common=st.sampled_from(["whole", "proportional"]),
    lodger_share=st.sampled_from(["included", "one"]),
    rounding=st.sampled_from(["half_up", "up", "down", "none"]),
)
COMPARED = st.builds(
    Settings,
    divisor=st.sampled_from(["thirty", "actual"]),
    visiting_child_in_common=st.sampled_from(["whole", "proportional"]),
)


@given(households(lunch=True), LUNCH_MONTHS | MONTHS, PRACTICE)
@settings(max_examples=150, deadline=None)
def test_rows_sum_to_the_total_to_the_ore(household: Household, month: Month, practice: Settings) -> None:
    result = calculate(household, month, practice)
    totals = result.totals
    assert sum(ore(row.amount) for row in result.rows) == ore(totals.total)
    assert totals.total == totals.norm + totals.costs - totals.incomes - totals.reductions + totals.rounding
    assert totals_of(result.rows) == totals
    assert (result.amount is None) == bool(result.gaps) == (result.outcome == "incomplete")
    if result.amount is not None:
        assert result.amount == max(totals.total, Decimal(0))
        assert practice.rounding == "none" or result.amount == result.amount.to_integral_value()
        assert abs(totals.rounding) < 1
    assert len({row.id for row in result.rows}) == len(result.rows)


@given(households(lunch=True), LUNCH_MONTHS | MONTHS, PRACTICE)
@settings(max_examples=80, deadline=None)
def test_json_both_ways(household: Household, month: Month, practice: Settings) -> None:
    result = calculate(household, month, practice)
    again = Result.from_json(result.to_json())
    assert again == result
    assert again.to_json() == result.to_json()
    assert calculate(again.household, again.month, again.settings) == result


@given(people(), st.integers(0, 20), st.none() | st.integers(1, 15), MONTHS, COMPARED)
@settings(max_examples=150, deadline=None)
def test_one_more_child_never_lowers_the_norm(
    persons: list[dict[str, Any]], age: int, dwelling: int | None, month: Month, practice: Settings
) -> None:
    extra = {"id": "extra", "role": "child", "age": age, "upper_secondary": True}
    small, large = (
        calculate(
            Household.model_validate({"persons": who, "dwelling": {"persons": dwelling}}), month, practice
        ).totals
        for who in (persons, [*persons, extra])
    )
    assert large.norm >= small.norm
    assert large.norm_personal > small.norm_personal


@given(people(), MONTHS, COMPARED)
@settings(max_examples=100, deadline=None)
def test_a_partner_never_lowers_the_norm(
    persons: list[dict[str, Any]], month: Month, practice: Settings
) -> None:
    children = [person for person in persons if person["role"] == "child"]
    single = calculate(Household.model_validate({"persons": [persons[0], *children]}), month, practice)
    couple = calculate(
        Household.model_validate({"persons": [persons[0], {"id": "partner", "role": "adult"}, *children]}),
        month,
        practice,
    )
    assert couple.totals.norm >= single.totals.norm


@given(households(lunch=True), LUNCH_MONTHS | MONTHS, PRACTICE)
@settings(max_examples=80, deadline=None)
def test_no_norm_is_negative(household: Household, month: Month, practice: Settings) -> None:
    result = calculate(household, month, practice)
    norms = {RowKind.NORM_ADULT, RowKind.NORM_CHILD, RowKind.NORM_COMMON, RowKind.COST}
    assert all(row.amount >= 0 for row in result.rows if row.kind in norms)
    assert result.totals.norm >= 0


@given(st.integers(0, 20), st.integers(0, 31), MONTHS, st.sampled_from(["thirty", "actual"]))
@settings(max_examples=150, deadline=None)
def test_days_scale_the_norm(age: int, days: int, month: Month, divisor: str) -> None:
    def norm(count: int) -> Decimal:
        person = {
            "id": "c",
            "role": "child",
            "age": age,
            "upper_secondary": True,
            "residence": "alternating",
            "days": count,
        }
        result = compute(str(month), {"id": "a", "role": "adult"}, person, settings={"divisor": divisor})
        return next(row.amount for row in result.rows if row.id == "norm.c")

    full = norm(31)
    length = 30 if divisor == "thirty" else month.days
    expected = full if days >= month.days else min(full, full * days / length)
    assert abs(norm(days) - expected) <= Decimal("0.005")
    assert norm(min(days + 1, 31)) >= norm(days)


@given(st.integers(1, 40), MONTHS)
@settings(max_examples=60, deadline=None)
def test_common_costs_rise_and_a_share_falls(persons: int, month: Month) -> None:
    table = table_for(month)
    here, more = table.common_for(persons).amount, table.common_for(persons + 1).amount
    assert more > here
    assert more / (persons + 1) < here / persons
