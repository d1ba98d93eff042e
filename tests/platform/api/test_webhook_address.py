"""Where a webhook may go: the open internet, never an inner network, however it is written."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.errors import Invalid
from sambruk.platform.api.webhooks import address


@pytest.fixture(autouse=True)
def _in_production(settings: Any) -> None:
    settings.TEST_MODE = False


@pytest.mark.parametrize(
    "url",
    ["https://example.se/hook", "https://example.se:8443/a?b=c", "https://93.184.215.14/", "https://a.se"],
)
def test_the_open_internet(url: str) -> None:
    assert address.check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.se/",
        "ftp://example.se/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "//example.se/",
        "example.se",
        "",
        "https://localhost/",
        "https://localhost:8000/",
        "https://127.0.0.1/",
        "http://127.0.0.1/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://255.255.255.255/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://user:secret@example.se/",
        "https://user@example.se/",
        "https://example.se/#part",
        "https://example.se:0/",
        "https://example.se:99999/",
        "https://example.se:x/",
        "https://[::1/",
        "https://exam ple.se/",
        "https://example.se/\r\nX: y",
        "https://example.se\\@10.0.0.1/",
        "https://exämple.se/",
        "https://server/",
        "https://server.local/",
        "https://db.internal/",
        "https://example.se/" + "a" * 500,
    ],
)
def test_what_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        address.check_url(url)
    assert list(refused.value.field_errors) == ["url"]


def test_the_loopback_in_test_mode_alone(settings: Any) -> None:
    settings.TEST_MODE = True
    assert address.check_url("http://127.0.0.1:8000/x")
    for url in ("http://10.0.0.1/", "http://example.se/", "https://192.168.0.1/"):
        with pytest.raises(Invalid):
            address.check_url(url)


NETS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
INNER = [ipaddress.ip_network(net) for net in NETS]


@given(st.sampled_from(INNER).flatmap(lambda net: st.ip_addresses(network=net)))
def test_no_inner_address_is_open_in_any_disguise(inner: Any) -> None:
    assert not address.is_open(inner)
    number = int(inner)
    for disguise in (
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(0x64FF9B << 96 | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80),
    ):
        assert not address.is_open(disguise)


def found(*addresses: str) -> Any:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]
    return lambda *_args, **_how: answer


def test_a_name_that_leads_in_is_refused_even_if_it_also_leads_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", found("93.184.215.14"))
    assert address.resolve("example.se", 443) == ["93.184.215.14"]
    for inner in ("10.0.0.1", "127.0.0.1", "169.254.169.254", "fe80::1%eth0"):
        monkeypatch.setattr(socket, "getaddrinfo", found("93.184.215.14", inner))
        with pytest.raises(address.AddressRefused) as refused:
            address.resolve("example.se", 443)
        assert refused.value.permanent
