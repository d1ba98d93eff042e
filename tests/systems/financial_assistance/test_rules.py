"""The rules of the calculation one by one: persons, days, dwelling, costs, incomes, reductions, rounding."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.systems.financial_assistance.households import (
    ADULT,
    PARTNER,
    amounts,
    child,
    codes,
    compute,
    household,
)

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.engine import calculate, round_result
from sambruk.systems.financial_assistance.calculation.errors import (
    CalculationError,
    MissingFigure,
    NoNormTable,
)
from sambruk.systems.financial_assistance.calculation.findings import Work
from sambruk.systems.financial_assistance.calculation.household import Settings
from sambruk.systems.financial_assistance.calculation.marks import Mark
from sambruk.systems.financial_assistance.calculation.norms import table_for
from sambruk.systems.financial_assistance.calculation.personal import age_on

PERIOD = {"start": "2025-01", "end": "2026-12"}


def wage(amount: float | str, person: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": "lon", "amount": amount, "person": person, **more}


def test_days_are_divided_by_the_setting() -> None:
    visiting = child("c", 12, residence="alternating", days=10)
    actual = compute("2019-10", ADULT, visiting)
    thirty = compute("2019-10", ADULT, visiting, settings={"divisor": "thirty"})
    assert amounts(actual)["norm.c"] == Decimal("1109.68")  # 3440 × 10/31
    assert amounts(thirty)["norm.c"] == Decimal("1146.67")  # 3440 × 10/30
    explanation = {row.id: row.explanation for row in actual.rows}["norm.c"]
    assert "10 av 31 dagar" in explanation
    assert "1\u00a0109,68" in explanation


@pytest.mark.parametrize(
    ("month", "days"), [("2019-10", 30), ("2019-10", 31), ("2019-02", 28), ("2019-02", 30)]
)
def test_never_more_than_the_whole_month(month: str, days: int) -> None:
    result = compute(month, ADULT, child("c", 12, days=days), settings={"divisor": "thirty"})
    assert amounts(result)["norm.c"] == 3440
    assert ("days_capped" in codes(result)) == (days == 30 and month == "2019-02")


def test_zero_days_give_nothing_and_adults_have_days_too() -> None:
    result = compute("2019-10", {**ADULT, "days": 0})
    assert amounts(result)["norm.a"] == 0
    assert amounts(compute("2019-06", {**ADULT, "days": 15}))["norm.a"] == 1545


def test_couple_is_two_halves_and_one_may_be_left_out() -> None:
    assert amounts(compute("2019-06", ADULT, PARTNER))["norm.b"] == Decimal("2785.00")
    alone = compute("2019-06", ADULT, {**PARTNER, "included": False, "excluded_reason": "Studerar med CSN."})
    assert "norm.b" not in amounts(alone)
    assert amounts(alone)["norm.common"] == 550  # two in the dwelling, one counted
    assert any("Studerar med CSN." in warning.text for warning in alone.warnings)


@pytest.mark.parametrize(
    ("age", "study", "counted"), [(17, False, True), (18, False, False), (18, True, True), (20, True, True)]
)
def test_from_eighteen_only_in_upper_secondary_school(age: int, study: bool, counted: bool) -> None:
    result = compute("2019-06", ADULT, {"id": "c", "role": "child", "age": age, "upper_secondary": study})
    assert ("norm.c" in amounts(result)) == counted
    assert ("not_counted" in codes(result)) != counted
    assert amounts(result)["norm.common"] == (1100 if counted else 550)


def test_child_by_birthday_and_the_setting_of_the_day() -> None:
    born = {"id": "c", "role": "child", "born": date(2012, 10, 15)}
    first = compute("2019-10", ADULT, born)
    last = compute("2019-10", ADULT, born, settings={"age_on": "last_day"})
    assert amounts(first)["norm.c"] == 2380
    assert amounts(last)["norm.c"] == 2990
    assert "age_band_changes" in codes(first) & codes(last)
    assert "age_band_changes" not in codes(compute("2019-11", ADULT, born))


def test_newborn_unborn_and_grown_up() -> None:
    def norm(born: date) -> Decimal | None:
        return amounts(
            compute("2019-10", ADULT, {"id": "c", "role": "child", "born": born, "upper_secondary": True})
        ).get("norm.c")

    assert norm(date(2019, 10, 31)) == 2130
    assert norm(date(2019, 11, 1)) is None
    assert norm(date(1998, 10, 1)) is None
    assert norm(date(1998, 10, 2)) == 3910
    unborn = compute("2019-10", ADULT, {"id": "c", "role": "child", "born": date(2019, 11, 1)})
    assert amounts(unborn)["norm.common"] == 990


def test_age_of_a_leap_day_child() -> None:
    assert age_on(date(2012, 2, 29), date(2019, 2, 28)) == 6
    assert age_on(date(2012, 2, 29), date(2019, 3, 1)) == 7


def test_lunch_from_seven_years_changes_nothing_but_is_said() -> None:
    result = compute("2019-10", ADULT, child("c", 8, lunch_away=True))
    assert amounts(result)["norm.c"] == 2990
    assert "lunch_ignored" in codes(result)


def test_unknown_lunch_amount_is_a_gap_and_the_caseworker_can_fill_it() -> None:
    result = compute("2026-03", ADULT, child("c", 5, lunch_away=True, name="Elsa"))
    assert (result.outcome, result.amount) == ("incomplete", None)
    assert [gap.figure for gap in result.gaps] == ["riksnorm-2026:child_without_lunch.4-6"]
    assert "norm.c" not in amounts(result)
    assert "1 uppgift saknas" in result.outcome_text
    with pytest.raises(MissingFigure, match="4–6 år"):
        result.require_complete()
    filled = compute(
        "2026-03", ADULT, child("c", 5, lunch_away=True, decided_norm=2790, decided_norm_reason="Ny tabell.")
    )
    assert amounts(filled)["norm.c"] == 2790
    row = next(row for row in filled.rows if row.id == "norm.c")
    assert (row.mark, row.note) == (Mark.CASE, "Ny tabell.")
    assert "bestämd av handläggaren" in row.explanation
    assert filled.require_complete() is filled


def test_dwelling_shared_with_others_gives_the_members_share() -> None:
    result = compute("2019-06", ADULT, child("c", 12), dwelling={"persons": 5})
    assert amounts(result)["norm.common"] == 724  # 1810 × 2/5
    assert "hushållets andel 2 av 5" in {row.id: row.explanation for row in result.rows}["norm.common"]


def test_lodger_has_one_share_or_one_a_person() -> None:
    dwelling = {"persons": 5, "lodger": True}
    included = compute("2019-06", ADULT, child("c", 12), dwelling=dwelling)
    one = compute("2019-06", ADULT, child("c", 12), dwelling=dwelling, settings={"lodger_share": "one"})
    assert amounts(included)["norm.common"] == 724
    assert amounts(one)["norm.common"] == 362
    assert "den inneboendes andel 1 av 5" in {row.id: row.explanation for row in one.rows}["norm.common"]


def test_too_small_dwelling_uses_the_household() -> None:
    result = compute("2019-06", ADULT, child("c", 12), dwelling={"persons": 1})
    assert amounts(result)["norm.common"] == 1100
    assert "dwelling_too_small" in codes(result)


def test_visiting_child_counts_whole_or_by_days() -> None:
    visiting = child("c", 12, residence="visiting", days=15)
    whole = compute("2019-06", ADULT, visiting)
    part = compute("2019-06", ADULT, visiting, settings={"visiting_child_in_common": "proportional"})
    assert amounts(whole)["norm.common"] == 1100
    assert amounts(part)["norm.common"] == 1045  # halfway between 990 and 1100
    assert "1,5 personer" in {row.id: row.explanation for row in part.rows}["norm.common"]
    away = compute("2019-06", ADULT, {**visiting, "included": False})
    assert amounts(away)["norm.common"] == 990


def test_costs_keep_applied_process_and_caseworker_apart() -> None:
    result = compute(
        "2019-06",
        costs=[
            {"type": "hyra", "applied": 7000, "process": 6500, "caseworker": 6000, "reason": "Högsta hyra."},
            {"type": "el", "applied": 500, "process": 400},
            {"type": "internet", "process": 300},
            {"type": "medicin", "applied": 100, "process": 150},
            {"type": "fack", "amount": 900, "struck": True},
        ],
    )
    assert [amounts(result)[f"cost.{n}"] for n in (1, 2, 3, 4)] == [6000, 400, 300, 150]
    assert "cost.5" not in amounts(result)
    texts = {row.id: row.explanation.replace("\u00a0", " ") for row in result.rows}
    assert texts["cost.1"] == "Hyra: godkänt 6 000 kr av ansökta 7 000 kr. Högsta hyra."
    assert [warning.row for warning in result.warnings if warning.code == "refusal_without_reason"] == [
        "cost.2",
        "cost.5",
    ]
    assert [warning.row for warning in result.warnings if warning.code == "more_than_applied"] == ["cost.4"]
    citations = {row.id: row.citation for row in result.rows}
    assert citations["cost.1"].startswith("4 kap. 3 §")
    assert citations["cost.4"].startswith("4 kap. 1 §")


def test_what_nobody_assessed_is_a_gap() -> None:
    result = compute(
        "2019-06",
        costs=[{"type": "hyra", "applied": 7000, "id": "rent"}],
        incomes=[
            {"type": "lon", "applied": 700, "person": "a"},
            {"type": "lon", "applied": 1, "struck": True},
        ],
    )
    assert [gap.figure for gap in result.gaps] == ["assessment:rent", "assessment:income.1"]
    assert "2 uppgifter" in result.outcome_text


def test_incomes_counted_and_not() -> None:
    result = compute(
        "2019-06",
        ADULT,
        {"id": "c", "role": "child", "age": 19},
        incomes=[
            {"type": "handikappersattning", "amount": 1000},
            {"type": "annan", "amount": 200, "counted": False, "reason": "Gåva."},
            {"type": "csn_extra_tillagg", "amount": 300, "counted": True},
            {"type": "lon", "amount": 400, "person": "c", "gross": 500},
            {
                "type": "lon",
                "applied": 1,
                "process": 10,
                "caseworker": 40,
                "reason": "Enligt lönespec.",
                "person": "a",
            },
        ],
    )
    assert [amounts(result)[f"income.{n}"] for n in range(1, 6)] == [0, 0, -300, 0, -40]
    texts = {row.id: row.explanation.replace("\u00a0", " ") for row in result.rows}
    assert "räknas inte. Skattefri handikappersättning" in texts["income.1"]
    assert texts["income.2"].endswith("räknas inte. Gåva.")
    assert "500 kr före skatt" in texts["income.4"]
    assert "gymnasiestudier" in texts["income.4"]
    assert texts["income.5"] == "Lön: 40 kr efter skatt. Enligt lönespec."


def test_job_stimulus_only_in_its_period_and_for_its_person() -> None:
    person = {**ADULT, "job_stimulus": {"start": "2025-03", "end": "2026-02"}}
    assert amounts(compute("2026-02", person, incomes=[wage(1000), wage(333)]))["job_stimulus.a"] == Decimal(
        "333.25"
    )
    assert "job_stimulus.a" not in amounts(compute("2026-03", person, incomes=[wage(1000)]))
    assert "job_stimulus.a" not in amounts(compute("2025-02", person, incomes=[wage(1000)]))
    assert "job_stimulus.b" not in amounts(compute("2026-02", person, PARTNER, incomes=[wage(1000, "b")]))
    nobodys = compute("2026-02", person, incomes=[{"type": "lon", "amount": 1000}])
    assert "earner_unknown" in codes(nobodys)
    row = next(
        row for row in compute("2026-02", person, incomes=[wage(1000)]).rows if row.kind == "job_stimulus"
    )
    assert row.citation_mark is Mark.UNVERIFIED
    old = next(
        row for row in compute("2025-06", person, incomes=[wage(1000)]).rows if row.kind == "job_stimulus"
    )
    assert old.citation == "4 kap. 1 b § socialtjänstlagen (2001:453)"


def test_job_stimulus_does_not_touch_other_incomes_or_uncounted_wages() -> None:
    person = {**ADULT, "job_stimulus": PERIOD}
    result = compute(
        "2026-02",
        person,
        incomes=[
            {"type": "sjukpenning", "amount": 1000, "person": "a"},
            wage(500, counted=False, reason="Fel månad."),
        ],
    )
    assert "job_stimulus.a" not in amounts(result)


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ({"start": "2026-02", "end": "2026-01"}, "före sin början"),
        ({"start": "2024-01", "end": "2026-01"}, "högst 24 månader"),
        ({"start": "2013-06", "end": "2013-07"}, "Regeln om jobbstimulans finns inte"),
    ],
)
def test_impossible_period_of_job_stimulus(period: dict[str, str], sentence: str) -> None:
    with pytest.raises(CalculationError, match=sentence):
        compute("2026-02", {**ADULT, "job_stimulus": period})


@pytest.mark.parametrize(
    ("earlier", "now", "disregarded"),
    [(0, 5000, 5000), (59000, 5000, 200), (59200, 5000, 0), (70000, 5000, 0)],
)
def test_childrens_work_income_up_to_the_yearly_limit(earlier: int, now: int, disregarded: int) -> None:
    result = compute(
        "2026-07", ADULT, child("c", 17, work_income_this_year=earlier), incomes=[wage(now, "c")]
    )
    assert amounts(result)["child_work_income.c"] == disregarded
    row = next(row for row in result.rows if row.id == "child_work_income.c")
    assert row.mark is Mark.UNVERIFIED
    assert "59\u00a0200" in row.explanation


def test_childs_wage_of_nothing_and_a_childs_job_stimulus() -> None:
    result = compute("2026-07", ADULT, child("c", 17, job_stimulus=PERIOD), incomes=[wage(0, "c")])
    assert "child_work_income.c" not in amounts(result)
    assert "child_job_stimulus" in codes(result)


def test_childs_work_income_before_the_rule_is_a_gap() -> None:
    result = compute("2013-06", ADULT, child("c", 17), incomes=[wage(100, "c")])
    assert [gap.figure for gap in result.gaps] == ["child_work_income"]


def test_reductions_and_surplus_of_last_month() -> None:
    result = compute(
        "2019-06",
        reductions=[
            {"type": "assets", "amount": 1000},
            {"type": "excess_last_month", "amount": 500, "id": "surplus"},
            {"type": "other", "amount": 80, "reason": "Matlåda.", "label": "Kost"},
            {"type": "assets", "amount": 9000, "struck": True},
        ],
    )
    assert result.totals.reductions == 1580
    assert result.amount == 2500
    assert amounts(result)["surplus"] == -500
    assert {row.id: row.explanation.replace("\u00a0", " ") for row in result.rows}[
        "reduction.3"
    ] == "Kost: 80 kr dras av. Matlåda."


@pytest.mark.parametrize(
    ("rounding", "amount", "expected"),
    [
        ("half_up", "10.49", "10"),
        ("half_up", "10.50", "11"),
        ("up", "10.01", "11"),
        ("down", "10.99", "10"),
        ("none", "10.99", "10.99"),
        ("up", "10.00", "10"),
    ],
)
def test_rounding(rounding: str, amount: str, expected: str) -> None:
    assert round_result(Decimal(amount), rounding) == Decimal(expected)
    income = Decimal(4080) - Decimal(amount)
    result = compute(
        "2019-06", incomes=[{"type": "annan", "amount": income}], settings={"rounding": rounding}
    )
    assert result.amount == result.totals.total == Decimal(expected)
    assert ("rounding" in amounts(result)) == (Decimal(amount) != Decimal(expected))


def test_exactly_zero_is_refused_and_a_few_ore_are_said() -> None:
    zero = compute("2019-06", incomes=[{"type": "annan", "amount": 4080}])
    assert (zero.outcome, zero.amount) == ("surplus", 0)
    ore = compute("2019-06", incomes=[{"type": "annan", "amount": "4079,60"}])
    assert (ore.outcome, ore.amount) == ("deficit", 0)
    assert "rounds_to_zero" in codes(ore)


@pytest.mark.parametrize(
    ("month", "citation"),
    [
        ("2025-06", "4 kap. 3 § socialtjänstlagen (2001:453)"),
        ("2025-07", "12 kap. 7 § socialtjänstlagen (2025:400)"),
    ],
)
def test_citation_follows_the_month(month: str, citation: str) -> None:
    assert {row.citation for row in compute(month).rows} == {citation}


def test_reform_is_said_from_its_month() -> None:
    reform = {"activity_requirement", "medical_certificate"}
    assert not reform & codes(compute("2026-06"))
    assert reform <= codes(compute("2026-07"))
    with pytest.raises(NoNormTable):
        compute("2027-01")


def test_households_that_cannot_be_computed() -> None:
    with pytest.raises(CalculationError, match="Ingen i hushållet"):
        compute("2019-06", {**ADULT, "included": False})
    with pytest.raises(CalculationError, match=r"samma id: norm\.a"):
        compute("2019-06", costs=[{"type": "hyra", "amount": 1, "id": "norm.a"}])


def test_without_settings_the_defaults_hold_and_nothing_is_changed() -> None:
    given = household(ADULT)
    before = given.model_dump_json()
    result = calculate(given, Month(2019, 6))
    assert result.household == given
    assert given.model_dump_json() == before
    assert result == calculate(given, Month(2019, 6))
    assert result.engine_version in result.rules_version
    assert len(result.rules_version) <= 40


def test_nobody_there_any_day_has_no_common_costs() -> None:
    result = compute(
        "2019-06",
        {**ADULT, "included": False},
        child("c", 12, residence="visiting", days=0),
        settings={"visiting_child_in_common": "proportional"},
    )
    assert amounts(result) == {"norm.c": 0}
    assert result.outcome == "surplus"


def test_a_rule_without_paragraph_has_none() -> None:
    work = Work(household(ADULT), Month(2013, 6), Settings(), table_for(Month(2013, 6)))
    assert work.cite("job_stimulus") == {"citation": "", "citation_mark": Mark.UNVERIFIED}


def test_the_lodgers_setting_does_not_touch_a_shared_dwelling() -> None:
    result = compute(
        "2019-06", ADULT, child("c", 12), dwelling={"persons": 5}, settings={"lodger_share": "one"}
    )
    assert amounts(result)["norm.common"] == 724


def test_a_surplus_keeps_its_ore() -> None:
    result = compute("2019-06", incomes=[{"type": "annan", "amount": "4100,40"}])
    assert result.totals.total == Decimal("-20.40")
    assert "rounding" not in amounts(result)
