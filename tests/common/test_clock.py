from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.clock import STOCKHOLM, at_stockholm, day_bounds, local_date, now, to_stockholm, today


def test_the_hour_that_does_not_exist_moves_forward():
    instant = at_stockholm(date(2026, 3, 29), time(2, 30))
    assert instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert to_stockholm(instant).time() == time(3, 30)


def test_the_hour_that_comes_twice_means_the_first_unless_told():
    assert at_stockholm(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert at_stockholm(date(2026, 10, 25), time(2, 30), second=True) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 7, 1)])
def test_second_changes_nothing_elsewhere(day):
    assert at_stockholm(day, time(2, 30), second=True) == at_stockholm(day, time(2, 30))


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 1), 24)])
def test_length_of_days(day, hours):
    start, end = day_bounds(date(*day))
    assert end - start == timedelta(hours=hours)
    assert local_date(start) == date(*day)
    assert local_date(end - timedelta(microseconds=1)) == date(*day)


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)))
def test_there_and_back(moment):
    instant = at_stockholm(moment.date(), moment.time())
    assert instant.tzinfo is UTC
    back = to_stockholm(instant).replace(tzinfo=None)
    assert back == moment or back - moment == timedelta(hours=1)


def test_refuses_naive_instants_and_zoned_clocks():
    with pytest.raises(ValueError):
        to_stockholm(datetime(2026, 1, 1))
    with pytest.raises(ValueError):
        at_stockholm(date(2026, 1, 1), time(1, tzinfo=UTC))


def test_new_year_is_swedish():
    assert local_date(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2027, 1, 1)


def test_today_and_now_agree():
    assert now().tzinfo is UTC
    assert today() in {
        now().astimezone(STOCKHOLM).date(),
        (now() - timedelta(minutes=1)).astimezone(STOCKHOLM).date(),
    }
