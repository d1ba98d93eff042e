"""Whose request it is: what trusted proxies say, and nothing that anybody can make up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.config.networks import PRIVATE, client_address, networks

OURS = networks("10.0.0.0/8, ::1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        # Not through a proxy of ours: what is said is not heard.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("::1", " 198.51.100.1:4711 ", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::/64"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        # Nobody can say: no shared limit for all who come through the proxy.
        ("10.0.0.1", "", ""),
        ("10.0.0.1", "10.0.0.2", ""),
        ("10.0.0.1", "unknown", ""),
        ("10.0.0.1", "198.51.100.1, _hidden", ""),
        ("", "", ""),
        ("unix:", "198.51.100.1", ""),
    ],
)
def test_whose_it_is(peer: str, forwarded: str, found: str) -> None:
    assert client_address(peer, forwarded, OURS) == found


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_is_sent_breaks_it(peer: str, forwarded: str) -> None:
    client_address(peer, forwarded, OURS)
    assert client_address("203.0.113.9", forwarded, OURS) == "203.0.113.9"


def test_settings() -> None:
    assert networks("") == ()
    assert len(networks(PRIVATE)) == 6
    with pytest.raises(ValueError, match="does not appear"):
        networks("proxy.example")
