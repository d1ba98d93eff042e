"""A page token is read back as it was written, and anything else is refused in words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.errors import Invalid
from sambruk.platform.api.paging import BY_ID, PageParams, by_instant, decode, encode, page_of_list

AT = by_instant("at")


@given(
    st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(2199, 1, 1)),
    st.integers(-14, 14),
    st.uuids(),
)
def test_round_trip(local: datetime, hours: int, key: UUID) -> None:
    at = local.replace(tzinfo=timezone(timedelta(hours=hours)))
    token = encode([at.isoformat(), str(key)])
    assert token.isascii()
    assert decode(token, [AT.read, BY_ID.read]) == [at, key]


@given(st.text(max_size=60))
def test_anything_else_is_refused_in_words(token: str) -> None:
    with pytest.raises(Invalid):
        decode(token, [AT.read, BY_ID.read])


@given(st.sets(st.text(alphabet="abcdef-", min_size=1, max_size=5)), st.integers(1, 5))
def test_the_pages_of_a_list_are_the_list(names: set[str], limit: int) -> None:
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = page_of_list(list(names), str, PageParams(after=after, limit=limit))
        assert len(page.items) <= limit
        found += page.items
        after = page.next
    assert found == sorted(names)
