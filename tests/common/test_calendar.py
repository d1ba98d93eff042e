from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common import calendar as c

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ((2026, 1, 6), "Trettondedag jul"),
        ((2026, 4, 3), "Långfredagen"),
        ((2026, 5, 14), "Kristi himmelsfärdsdag"),
        ((2026, 6, 6), "Nationaldagen"),
        ((2026, 6, 19), "Midsommarafton"),
        ((2026, 6, 20), "Midsommardagen"),
        ((2026, 10, 31), "Alla helgons dag"),
        ((2027, 6, 25), "Midsommarafton"),
        ((2027, 6, 18), None),
        ((2026, 12, 24), "Julafton"),
        ((2026, 12, 31), "Nyårsafton"),
        ((2026, 11, 24), None),
        ((2026, 11, 22), None),
    ],
)
def test_holidays_of_2026(day, name):
    assert c.holiday_name(date(*day)) == name


def test_eves_are_no_bank_days_but_no_public_holidays():
    for eve in (date(2026, 6, 19), date(2026, 12, 24), date(2026, 12, 31)):
        assert not c.is_bank_day(eve)
        assert not c.is_public_holiday(eve)
    assert c.is_public_holiday(date(2026, 11, 22))
    assert not c.is_public_holiday(date(2026, 11, 21))


def test_whit_monday_was_a_holiday_until_2004_and_national_day_since_2005():
    assert not c.is_bank_day(date(2004, 5, 31))
    assert c.is_bank_day(date(2005, 5, 16))
    assert c.is_bank_day(date(2003, 6, 6))
    assert not c.is_bank_day(date(2005, 6, 6))


def test_bank_days_over_christmas():
    assert c.next_bank_day(date(2026, 12, 23)) == date(2026, 12, 28)
    assert c.previous_bank_day(date(2026, 12, 28)) == date(2026, 12, 23)
    assert c.next_working_day_from(date(2026, 12, 23)) == date(2026, 12, 23)
    assert c.next_working_day_from(date(2026, 12, 24)) == date(2026, 12, 28)
    assert c.add_days_skipping_non_working(date(2026, 12, 22), 3) == date(2026, 12, 29)
    assert c.add_days_skipping_non_working(date(2026, 12, 29), -3) == date(2026, 12, 22)
    assert c.add_days_skipping_non_working(date(2026, 12, 26), 0) == date(2026, 12, 26)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 1, 31), 1, (2024, 2, 29)),
        ((2026, 3, 31), -1, (2026, 2, 28)),
        ((2026, 12, 15), 1, (2027, 1, 15)),
    ],
)
def test_month_ends(start, months, end):
    assert c.add_months(date(*start), months) == date(*end)


def test_leap_day():
    assert c.add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert c.add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("start", "unit", "end"),
    [
        ((2026, 11, 24), {"days": 21}, (2026, 12, 15)),
        ((2026, 5, 29), {"days": 21}, (2026, 6, 22)),  # midsommarafton, then Saturday and Sunday
        ((2026, 12, 3), {"days": 21}, (2026, 12, 28)),  # julafton, juldagen, Saturday, Sunday
        ((2026, 12, 10), {"weeks": 3}, (2027, 1, 4)),  # nyårsafton, nyårsdagen, Saturday, Sunday
        ((2026, 3, 13), {"days": 21}, (2026, 4, 7)),  # långfredagen to annandag påsk
        ((2026, 1, 31), {"months": 1}, (2026, 3, 2)),  # 28 February 2026 is a Saturday
        ((2026, 10, 30), {"months": 1}, (2026, 11, 30)),
        ((2024, 2, 29), {"years": 1}, (2025, 2, 28)),
        ((2026, 11, 20), {"days": 0}, (2026, 11, 20)),
    ],
)
def test_legal_deadlines(start, unit, end):
    assert c.deadline_after(date(*start), **unit) == date(*end)


@pytest.mark.parametrize("unit", [{"days": 1, "months": 1}, {"days": -1}, {"years": -1}])
def test_one_unit_not_negative(unit):
    with pytest.raises(ValueError):
        c.deadline_after(date(2026, 1, 1), **unit)


@given(DAYS, st.integers(0, 400))
def test_a_legal_time_ends_on_a_weekday_and_never_early(day, days):
    end = c.deadline_after(day, days=days)
    assert c.is_bank_day(end)
    assert end >= day + timedelta(days=days)
    assert not any(c.is_bank_day(day + timedelta(days=n)) for n in range(days, (end - day).days))


@given(DAYS)
def test_next_and_previous_are_inverse_on_bank_days(day):
    following = c.next_bank_day(day)
    assert following > day
    assert c.next_bank_day(c.previous_bank_day(following)) == following
    assert (following - day).days <= 6


@given(DAYS, st.integers(-600, 600))
def test_adding_months_lands_in_the_right_month(day, months):
    moved = c.add_months(day, months)
    assert c.Month.of(day).months_until(c.Month.of(moved)) == months
    assert moved.day == min(day.day, c.Month.of(moved).days)


def test_dates_as_text():
    assert c.format_date(date(2026, 12, 5)) == "5 december 2026"
    assert c.format_date(date(2025, 12, 5), weekday=True, year=False) == "fredag 5 december"
    assert c.format_date(date(2026, 12, 5), weekday=True) == "lördag 5 december 2026"
