"""Whose request it is, by network address: through the proxies that are trusted, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

#: A proxy of our own stands on the same machine or in the same private network (RFC 1918, RFC 4193).
PRIVATE = "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7"
#: What one subscriber is given of IPv6 (RFC 6177): the addresses inside are one and the same asker.
_SUBSCRIBER_BITS = 64


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a setting, split at spaces and commas. Raises ValueError for what is none."""
    return tuple(ip_network(part, strict=False) for part in text.replace(",", " ").split())


def client_address(peer: str, forwarded_for: str, trusted: Iterable[Network]) -> str:
    """Return whose request it is, as a text to count by; empty where nobody can say.

    ``peer`` is who is connected. Where that is a trusted proxy, ``forwarded_for`` (`X-Forwarded-For`) is read
    from its end, past further trusted proxies: what stands before them the client may have made up. An IPv6
    address counts by its /64.
    """
    known = tuple(trusted)
    address = _parsed(peer)
    hops = [part.strip() for part in forwarded_for.split(",")] if forwarded_for else []
    while address is not None and _among(address, known):
        if not hops:
            # The proxy itself asks, or does not say for whom: many people must not share one limit.
            return ""
        address = _parsed(hops.pop())
    if address is None:
        return ""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _SUBSCRIBER_BITS), strict=False))
    return str(address)


def _among(address: Address, known: tuple[Network, ...]) -> bool:
    return any(address in network for network in known if network.version == address.version)


def _parsed(text: str) -> Address | None:
    """Read an address, with the port or brackets that some proxies write."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
