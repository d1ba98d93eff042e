"""The worked examples of the sources, each figure as written there."""

from __future__ import annotations

from decimal import Decimal

from tests.systems.financial_assistance.households import ADULT, PARTNER, amounts, child, compute

from sambruk.systems.financial_assistance.calculation.marks import Mark

COUPLE_COSTS = [
    {"type": "hyra", "amount": 7200},
    {"type": "el", "amount": 420},
    {"type": "hemforsakring", "amount": 150},
]
COUPLE_INCOMES = [
    {"type": "lon", "amount": 11200, "person": "a"},
    {"type": "aktivitetsstod", "amount": 4800, "person": "b"},
    {"type": "bostadsbidrag", "amount": 1900},
]


def test_example_1_single_2026() -> None:
    result = compute(
        "2026-03",
        costs=[
            {"type": "hyra", "amount": 5400},
            {"type": "el", "amount": 310},
            {"type": "hemforsakring", "amount": 120},
            {"type": "a_kassa", "amount": 390},
        ],
        incomes=[{"type": "bostadsbidrag", "amount": 1250}, {"type": "aktivitetsstod", "amount": 2850}],
    )
    assert (result.totals.norm_personal, result.totals.norm_common) == (3940, 1280)
    assert (result.totals.norm, result.totals.costs, result.totals.incomes) == (5220, 6220, 4100)
    assert (result.outcome, result.amount) == ("deficit", 7340)


def test_example_2a_couple_with_job_stimulus() -> None:
    stimulus = {"start": "2026-01", "end": "2027-12"}
    result = compute(
        "2026-03", {**ADULT, "job_stimulus": stimulus}, PARTNER, costs=COUPLE_COSTS, incomes=COUPLE_INCOMES
    )
    assert (result.totals.norm_personal, result.totals.norm_common) == (7100, 1410)
    assert amounts(result)["norm.a"] == amounts(result)["norm.b"] == 3550
    assert amounts(result)["job_stimulus.a"] == 2800
    assert (result.totals.norm, result.totals.costs, result.totals.incomes) == (8510, 7770, 15100)
    assert (result.outcome, result.amount) == ("deficit", 1180)


def test_example_2b_couple_without_job_stimulus() -> None:
    result = compute("2026-03", ADULT, PARTNER, costs=COUPLE_COSTS, incomes=COUPLE_INCOMES)
    assert (result.totals.incomes, result.totals.total) == (17900, -1620)
    assert (result.outcome, result.amount) == ("surplus", 0)
    assert "inkomst över norm" in result.outcome_text


def test_example_3_single_parent_2019() -> None:
    result = compute(
        "2019-10",
        ADULT,
        child("c5", 5, lunch_away=True),
        child("c12", 12),
        costs=[
            {"type": "hyra", "amount": 6100},
            {"type": "el", "amount": 350},
            {"type": "hemforsakring", "amount": 130},
            {"type": "barnomsorg", "amount": 260},
        ],
        incomes=[
            {"type": "barnbidrag", "amount": 2650},
            {"type": "underhallsstod", "amount": 1573, "person": "c5"},
            {"type": "underhallsstod", "amount": 1573, "person": "c12"},
            {"type": "bostadsbidrag", "amount": 2600},
        ],
    )
    assert [amounts(result)[key] for key in ("norm.a", "norm.c5", "norm.c12", "norm.common")] == [
        3090,
        2120,
        3440,
        1380,
    ]
    assert (result.totals.norm, result.totals.costs, result.totals.incomes) == (10030, 6840, 8396)
    assert (result.outcome, result.amount) == ("deficit", 8474)
    explained = {row.id: row.explanation.replace("\u00a0", " ") for row in result.rows}
    assert explained["norm.c12"] == "Norm för barn 11–14 år, 2019 års riksnorm: 3 440 kr."
    assert result.norm_mark is Mark.OFFICIAL
    assert "8 474 kr" in result.outcome_text.replace("\u00a0", " ")


def test_example_4_lodger_2019_and_the_official_one_of_2014() -> None:
    lodger = {"persons": 5, "lodger": True}
    assert compute("2019-05", dwelling=lodger).totals.norm == Decimal(3452)
    assert compute("2014-05", dwelling=lodger).totals.norm == Decimal(3292)


def test_example_5_two_friends_2026() -> None:
    assert compute("2026-03", dwelling={"persons": 2, "lodger": True}).totals.norm == Decimal(4645)
    assert compute("2026-03", dwelling={"persons": 2}).totals.norm == Decimal(4645)


def test_example_6_income_over_norm_2026() -> None:
    result = compute(
        "2026-03",
        costs=[{"type": "hyra", "amount": 5400}],
        incomes=[{"type": "lon", "amount": 13100, "person": "a"}],
    )
    assert (result.totals.norm, result.totals.norm + result.totals.costs) == (5220, 10620)
    assert (result.outcome, result.totals.total) == ("surplus", -2480)


def test_job_stimulus_is_kept_unrounded() -> None:
    period = {"start": "2026-01", "end": "2027-12"}
    result = compute(
        "2026-03", {**ADULT, "job_stimulus": period}, incomes=[{"type": "lon", "amount": 333, "person": "a"}]
    )
    assert result.totals.incomes == Decimal("249.75")
    assert amounts(result)["rounding"] == Decimal("-0.25")
    assert result.amount == Decimal("4970.00")
