"""Where a webhook may go: https to the open internet, never to what stands inside our own network.

The check of the name when it is subscribed helps who typed it wrong. The check that counts is made when the
connection is opened, on the address that is connected to: a name may lead elsewhere by then.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings

from sambruk.common.errors import Invalid, Unavailable

MAX_URL = 500
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
#: Ways to write an IPv4 address as an IPv6 one, behind which a private one could hide: NAT64, 6to4.
_TRANSLATED = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))
_WRONG = "Ange en https-adress som kan nås från internet."

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(Unavailable):
    """The name leads to an address where we do not send. Trying again cannot help."""

    code = "webhook_address"

    def __init__(self) -> None:
        super().__init__(
            "Prenumerationens adress leder in i ett internt nät. Där skickar vi inte.", permanent=True
        )


def is_open(address: Address) -> bool:
    """Say whether an address is on the open internet. In test mode the loopback is, too."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_open(address.ipv4_mapped)
        if any(address in net for net in _TRANSLATED):
            return False
    if address.is_loopback:
        return bool(settings.TEST_MODE)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def check_url(url: str) -> str:
    """Return the address of a subscription. Raises Invalid with a sentence at ``url``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid({"url": _WRONG}) from None
    host = parts.hostname or ""
    local = settings.TEST_MODE and host in _LOOPBACK
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or len(url) > MAX_URL or not host or port == 0:
        raise Invalid({"url": _WRONG})
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise Invalid({"url": _WRONG})
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid({"url": "Adressen får inte innehålla användarnamn, lösenord eller #."})
    if not local and not _may_be_open(host):
        raise Invalid({"url": _WRONG})
    return url


def _may_be_open(host: str) -> bool:
    try:
        return is_open(ipaddress.ip_address(host))
    except ValueError:
        # A name of one word, or one that ends like a network of one's own, is nobody's on the internet.
        return "." in host and not host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, in the system's order.

    Raises AddressRefused if any of them is not open: a name that leads both out and in is meant to fool us.
    Raises OSError where the name is not found.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(is_open(ipaddress.ip_address(one.partition("%")[0])) for one in addresses):
        raise AddressRefused
    return addresses
