"""Amounts, dates and times as people read them in Swedish."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sambruk.common.calendar import Month
from sambruk.common.personal_number import parse
from sambruk.platform.ui import formats

NBSP = "\u00a0"
AT = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "form", "written"),
    [
        (Decimal("5400"), "auto", f"5{NBSP}400{NBSP}kr"),
        (5400, "always", f"5{NBSP}400,00{NBSP}kr"),
        ("249.75", "auto", f"249,75{NBSP}kr"),
        (Decimal("249.75"), "never", f"250{NBSP}kr"),
        (Decimal("-300"), "auto", f"−300{NBSP}kr"),
        (None, "auto", ""),
        ("", "auto", ""),
        ("fem tusen", "auto", "fem tusen"),
        (Decimal("NaN"), "auto", "NaN"),
    ],
)
def test_kr(value: Any, form: str, written: str) -> None:
    assert formats.kr(value, form) == written


def test_a_date_is_written_in_the_form_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "today", lambda: date(2026, 11, 24))
    day = date(2026, 12, 5)
    assert formats.datum(day) == "5 december 2026"
    assert formats.datum(day, "veckodag") == "lördag 5 december 2026"
    assert formats.datum(day, "kort") == f"5{NBSP}dec"
    assert formats.datum(date(2025, 1, 9), "kort") == f"9{NBSP}jan{NBSP}2025"
    assert formats.datum(day, "iso") == "2026-12-05"
    assert formats.datum(day, "utan_ar") == "5 december"
    assert formats.datum("2026-12-05") == "5 december 2026"
    assert formats.datum("snart") == "snart"
    assert formats.datum(None) == ""


def test_an_instant_is_shown_at_swedish_time() -> None:
    assert formats.datum(AT) == "25 november 2026"
    assert formats.tid(AT) == "00.05"
    assert formats.tid(datetime(2026, 1, 1, 9, 5)) == "09.05"
    assert formats.tid(None) == ""
    assert formats.tid("nio") == "nio"
    assert formats.datum_tid(AT) == "25 november 2026 kl. 00.05"
    assert formats.datum_tid(date(2026, 1, 2)) == "2 januari 2026"
    assert formats.as_date(datetime(2026, 1, 1, 9, 5)) == date(2026, 1, 1)


@pytest.mark.parametrize("value", [Month(2026, 12), date(2026, 12, 31), "2026-12"])
def test_a_month(value: Any) -> None:
    assert formats.month(value) == "december 2026"


def test_what_is_no_month_is_shown_or_empty() -> None:
    assert formats.month("vintern") == "vintern"
    assert formats.month(None) == ""


def test_a_last_day_counts_no_days_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "today", lambda: date(2025, 11, 24))
    assert formats.due(date(2025, 12, 5)) == "senast fredag 5 december"
    assert formats.due(date(2026, 1, 2)) == "senast fredag 2 januari 2026"
    assert formats.due(None) == ""


def test_sizes_and_numbers() -> None:
    assert formats.size(0) == f"0{NBSP}byte"
    assert formats.size(642_118) == f"642{NBSP}kB"
    assert formats.size("3400000") == f"3,4{NBSP}MB"
    assert formats.size("stor") == ""
    assert formats.number(12345) == f"12{NBSP}345"
    assert formats.number("0.5") == "0,5"
    assert formats.number("många") == "många"
    assert formats.number(None) == ""


def test_a_personal_number_is_masked_in_every_form() -> None:
    assert formats.masked(parse("199006022397", test_mode=True)) == "19900602-****"
    assert formats.masked("19900602-2397") == "19900602-****"
    assert formats.masked("9006022397") == "900602-****"
    assert formats.masked("12") == "****"
    assert formats.masked(None) == "****"
