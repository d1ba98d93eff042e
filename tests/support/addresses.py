"""Every address of the platform and its systems, from the URL configuration itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_PART = re.compile(r"<(?:(?P<type>\w+):)?(?P<name>\w+)>")


def all_routes() -> list[str]:
    """Return the routes, such as ``mina-sidor/arenden/<uuid:case_id>/``."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: Any, prefix: str) -> Iterator[str]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route


def parts_of(route: str) -> dict[str, str]:
    """Return a route's parameters with their types (``str`` unless it says)."""
    return {match["name"]: match["type"] or "str" for match in _PART.finditer(route)}


def address(route: str, values: Mapping[str, object]) -> str:
    """Return the address of a route with its parameters filled in; regular expressions become one example.

    A parameter that ``values`` does not name is one of nothing: a new route is tried from its first day.
    """
    if route.startswith("^"):
        sample = route.removeprefix("^").replace(r"(?P<digest>[0-9a-f]{64})", "0" * 64)
        return "/" + sample.replace("\\", "").rstrip("$")
    return "/" + _PART.sub(lambda match: str(values.get(match["name"], _nothing(match["type"]))), route)


def _nothing(kind: str | None) -> str:
    return {"uuid": "01a20fb4-3b4d-716a-b9f0-dec03c6ef73d", "int": "4711"}.get(kind or "str", "finns-inte")
