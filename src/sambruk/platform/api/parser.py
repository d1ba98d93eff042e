"""A body as JSON, strictly: what two readers could take for two things is refused (RFC 7493, I-JSON)."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

#: Far above what any answer needs; the reader itself gives up near a thousand.
DEEPEST = 32
#: NUL, which PostgreSQL has no place for, and halves of a character, which UTF-8 has none for.
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
_JSON = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json", re.IGNORECASE)


class Unreadable(ValueError):  # noqa: N818 - reads as what happened
    """The body is no JSON that we take. HTTP 400."""


class StrictParser(Parser):
    """Reads UTF-8 JSON: no name twice, no NaN or infinity, no NUL, no half character, bounded depth."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body. Raises Unreadable (or UnicodeDecodeError, RecursionError)."""
        # Decoded by ourselves: the library would guess UTF-16 and UTF-32 from the first bytes.
        return parse(request.body.decode("utf-8"))


def is_json(request: HttpRequest) -> bool:
    """Say whether the request says that its body is JSON, or has none. Asks nothing of the body itself."""
    empty = str(request.META.get("CONTENT_LENGTH") or "0") == "0"
    return empty or _JSON.fullmatch((request.content_type or "").strip()) is not None


def parse(text: str) -> Any:
    """Return what a text says. Raises ValueError or RecursionError."""
    read = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    _look_through(read)
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a name twice")
    return found


def _no_constant(name: str) -> Any:
    raise Unreadable(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable("a number out of range")
    return number


def _look_through(read: Any) -> None:
    """Refuse texts that cannot be kept, and what is too deep, without recursion."""
    level = [read]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                if _UNKEEPABLE.search(one):
                    raise Unreadable("a character that cannot be kept")
            elif isinstance(one, dict):
                below += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                below += one
        if not below:
            return
        level = below
    raise Unreadable("too deep")
