from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.errors import Invalid
from sambruk.common.month import Month

MONTHS = st.builds(Month, st.integers(1900, 2200), st.integers(1, 12))


def test_a_month():
    month = Month.parse("2026-11")
    assert (month.first, month.last, month.days) == (date(2026, 11, 1), date(2026, 11, 30), 30)
    assert month.label == "november 2026"
    assert str(month) == "2026-11"
    assert date(2026, 11, 30) in month
    assert date(2025, 11, 30) not in month
    assert len(list(month.dates())) == 30
    assert Month.parse(" 202602 ").last == date(2026, 2, 28)
    assert Month(2024, 2).days == 29


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "0000-01", "november", "26-11", "2026-1", "２０２６-11"]
)
def test_what_is_no_month(text):
    with pytest.raises(Invalid, match="till exempel 2026-11"):
        Month.parse(text)


def test_year_ends():
    assert Month(2026, 12) + 1 == Month(2027, 1)
    assert Month(2026, 1) - 1 == Month(2025, 12)
    with pytest.raises(ValueError):
        Month(9999, 12) + 1


@given(MONTHS, st.integers(-1000, 1000))
def test_arithmetic(month, n):
    assert (month + n) - n == month
    assert month.months_until(month + n) == n
    assert (month + n > month) == (n > 0)
    assert Month.parse(str(month)) == month
    assert Month.of(month.last) == month
