"""When jobbstimulans begins and ends: six months of support in a row, then 24 months."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.fields import MonthPeriod
from sambruk.systems.financial_assistance.calculation.job_stimulus import (
    job_stimulus_in,
    job_stimulus_periods,
)


def run(start: Month, months: int) -> list[Month]:
    return [start + n for n in range(months)]


def test_six_months_give_twentyfour_from_the_seventh() -> None:
    granted = run(Month(2025, 8), 6)
    assert job_stimulus_periods(granted) == (MonthPeriod(start=Month(2026, 2), end=Month(2028, 1)),)
    assert job_stimulus_in(granted, Month(2026, 1)) is None
    assert job_stimulus_in(granted, Month(2026, 2)) is not None
    assert job_stimulus_in(granted, Month(2028, 1)) is not None
    assert job_stimulus_in(granted, Month(2028, 2)) is None


def test_five_months_or_a_refused_month_give_nothing() -> None:
    assert job_stimulus_periods(run(Month(2025, 8), 5)) == ()
    broken = [*run(Month(2025, 1), 5), *run(Month(2025, 7), 5)]
    assert job_stimulus_periods(broken) == ()
    assert job_stimulus_periods([*broken, Month(2025, 12)])[0].start == Month(2026, 1)


def test_months_during_a_period_do_not_qualify_for_the_next() -> None:
    granted = run(Month(2020, 1), 60)
    assert job_stimulus_periods(granted) == (
        MonthPeriod(start=Month(2020, 7), end=Month(2022, 6)),
        MonthPeriod(start=Month(2023, 1), end=Month(2024, 12)),
    )


def test_self_supporting_months_do_not_end_it_and_order_does_not_matter() -> None:
    granted = run(Month(2025, 8), 6)
    assert job_stimulus_periods([*reversed(granted), *granted, Month(2027, 5)]) == job_stimulus_periods(
        granted
    )


def test_months_before_the_rule_do_not_count() -> None:
    assert job_stimulus_periods(run(Month(2013, 2), 6)) == ()
    assert job_stimulus_periods(run(Month(2013, 7), 6))[0].start == Month(2014, 1)
    assert job_stimulus_periods([]) == ()


@given(st.sets(st.integers(0, 120)))
@settings(max_examples=200)
def test_every_period_stands_on_six_months_in_a_row(offsets: set[int]) -> None:
    granted = {Month(2014, 1) + offset for offset in offsets}
    periods = job_stimulus_periods(granted)
    for period in periods:
        assert all(period.start - back in granted for back in range(1, 7))
        assert period.start.months_until(period.end) == 23
    assert all(later.start > earlier.end for earlier, later in pairwise(periods))
