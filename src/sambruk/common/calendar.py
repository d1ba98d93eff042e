"""The Swedish calendar: holidays, bank days, months, legal deadlines, dates as text.

Also gives ``now``, ``today``, ``at_stockholm`` (from ``clock``) and ``Month`` (from ``month``), so that one
import is enough. Holidays: lag (1989:253) om allmänna helgdagar, dated by the holidays library.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

from sambruk.common.clock import STOCKHOLM, at_stockholm, day_bounds, local_date, now, to_stockholm, today
from sambruk.common.month import MONTH_NAMES, Month

__all__ = [
    "STOCKHOLM",
    "Month",
    "add_days_skipping_non_working",
    "add_months",
    "add_years",
    "at_stockholm",
    "day_bounds",
    "deadline_after",
    "format_date",
    "holiday_name",
    "is_bank_day",
    "is_public_holiday",
    "local_date",
    "next_bank_day",
    "next_working_day_from",
    "now",
    "previous_bank_day",
    "to_stockholm",
    "today",
]

WEEKDAY_NAMES = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


@lru_cache(maxsize=256)
def _holidays(year: int) -> dict[date, str]:
    """Public holidays other than plain Sundays, by date, with their Swedish names."""
    library = holidays.country_holidays("SE", years=year, language="sv")
    return {day: name for day, name in library.items() if name.lower() != "söndag"}


@lru_cache(maxsize=256)
def _eves(year: int) -> dict[date, str]:
    """The three eves that lag (1930:173) 2 § puts beside holidays, by date."""
    midsummer_eve = next(
        day for day in (date(year, 6, 19 + offset) for offset in range(7)) if day.weekday() == 4
    )
    return {midsummer_eve: "Midsommarafton", date(year, 12, 24): "Julafton", date(year, 12, 31): "Nyårsafton"}


def holiday_name(day: date) -> str | None:
    """Return the Swedish name of a public holiday or eve, else None (also for a plain Sunday)."""
    return _holidays(day.year).get(day) or _eves(day.year).get(day)


def is_public_holiday(day: date) -> bool:
    """True for Sundays and the holidays of lag (1989:253); not for the eves."""
    return day.weekday() == 6 or day in _holidays(day.year)


def is_bank_day(day: date) -> bool:
    """True unless it is a Saturday, a public holiday, midsommarafton, julafton or nyårsafton.

    The same days on which the Swedish payment systems are closed, and on which a legal time cannot end.
    """
    return day.weekday() < 5 and day not in _holidays(day.year) and day not in _eves(day.year)


def next_bank_day(day: date) -> date:
    """Return the first bank day after ``day``."""
    return next_working_day_from(day + timedelta(days=1))


def previous_bank_day(day: date) -> date:
    """Return the last bank day before ``day``."""
    day -= timedelta(days=1)
    while not is_bank_day(day):
        day -= timedelta(days=1)
    return day


def next_working_day_from(day: date) -> date:
    """Return ``day`` itself if it is a weekday that a legal time can end on, else the next such day."""
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def add_months(day: date, months: int) -> date:
    """Return the same day of the month so many months later; the month's last day where it has none such.

    31 January + 1 month = 28 (or 29) February: lag (1930:173) 1 §. Raises ValueError beyond years 1-9999.
    """
    target = Month.of(day) + months
    return date(target.year, target.month, min(day.day, target.days))


def add_years(day: date, years: int) -> date:
    """Return the same date so many years later; 28 February for a 29th that the year lacks."""
    return add_months(day, 12 * years)


def add_days_skipping_non_working(day: date, days: int) -> date:
    """Return the date that lies ``days`` bank days after ``day`` (before it, if negative)."""
    step = next_bank_day if days > 0 else previous_bank_day
    for _ in range(abs(days)):
        day = step(day)
    return day


def deadline_after(day: date, *, days: int = 0, weeks: int = 0, months: int = 0, years: int = 0) -> date:
    """Return the last day of a legal time that is counted from ``day`` (which is itself not counted).

    Lag (1930:173) om beräkning av lagstadgad tid: 1 §, a time in weeks, months or years ends on the day
    that answers by name or number to the first, or the month's last day if there is none such; 2 §, an
    end on a Saturday, Sunday, public holiday, midsommarafton, julafton or nyårsafton moves to the next
    weekday. Exactly one unit is given, not negative; raises ValueError otherwise.
    """
    given = [unit for unit in (days, weeks, months, years) if unit]
    if len(given) > 1 or any(unit < 0 for unit in given):
        raise ValueError("give one unit, not negative")
    end = add_months(day, months + 12 * years) if months or years else day + timedelta(days=days, weeks=weeks)
    return next_working_day_from(end)


def format_date(day: date, *, weekday: bool = False, year: bool = True) -> str:
    """Write a date in Swedish: ``5 december 2026``, ``lördag 5 december 2026``, ``lördag 5 december``."""
    text = f"{day.day} {MONTH_NAMES[day.month - 1]}"
    if year:
        text += f" {day.year}"
    return f"{WEEKDAY_NAMES[day.weekday()]} {text}" if weekday else text
