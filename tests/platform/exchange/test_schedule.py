"""When a delivery that failed is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.platform.exchange.schedule import SHORT, STANDARD, Schedule

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
ONE = UUID(int=1)


def test_waits_grow_and_it_gives_up_after_the_last() -> None:
    plain = Schedule((timedelta(minutes=1), timedelta(minutes=5)), jitter=0)
    assert plain.attempts == 3
    assert plain.next_at(1, NOW, ONE) == NOW + timedelta(minutes=1)
    assert plain.next_at(2, NOW, ONE) == NOW + timedelta(minutes=5)
    assert plain.next_at(3, NOW, ONE) is None


def test_nothing_has_failed_yet_is_a_fault_in_the_code() -> None:
    with pytest.raises(ValueError, match="nothing has failed"):
        STANDARD.next_at(0, NOW, ONE)


def test_the_standard_survives_a_week_end_and_an_hour_without_giving_up() -> None:
    assert sum(STANDARD.waits, timedelta()) > timedelta(days=3)
    assert sum(SHORT.waits, timedelta()) > timedelta(hours=1)


@given(st.uuids(), st.integers(1, len(STANDARD.waits)))
def test_the_jitter_only_lengthens_and_never_by_more_than_its_share(delivery_id: UUID, failed: int) -> None:
    wait = STANDARD.waits[failed - 1]
    at = STANDARD.next_at(failed, NOW, delivery_id)
    assert at is not None
    assert wait <= at - NOW <= wait * (1 + STANDARD.jitter)
    assert at == STANDARD.next_at(failed, NOW, delivery_id)
