"""Keyset paging: a page begins after the last row of the one before, so page 1,000 costs what page 1 does."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import AwareDatetime, Field

from sambruk.common.errors import Invalid

LIMIT, MAX_LIMIT = 50, 100
#: The instants that a list can ask for. Python's first and last years are others in the database's zone.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class PageParams(Schema):
    """Where in the list, and how much of it."""

    after: Annotated[str, Field(max_length=300, description="`next` från sidan före.")] = ""
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Antal på sidan.")] = LIMIT


@dataclass(frozen=True, slots=True)
class Key:
    """A column that the list is ordered by, and how its value is read from a token."""

    name: str
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page. ``next`` is the token of the page after, None on the last."""

    items: list[T]
    next: str | None


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    if read.tzinfo is None or not EARLIEST <= read <= LATEST:
        raise ValueError("no zone, or out of range")
    return read.astimezone(UTC)


Instant = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]


BY_ID = Key("id", UUID)


def by_instant(name: str) -> Key:
    """Return the key of a column of instants."""
    return Key(name, _instant)


def encode(values: Sequence[str]) -> str:
    """Return an opaque token of values."""
    return base64.urlsafe_b64encode("|".join(values).encode()).rstrip(b"=").decode("ascii")


def decode(token: str, readers: Sequence[Callable[[str], Any]]) -> list[Any]:
    """Return a token's values. Raises Invalid for one that is not ours."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        parts = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8").split("|")
        if len(parts) != len(readers):
            raise ValueError("wrong number of values")
        return [read(part) for read, part in zip(readers, parts, strict=True)]
    except (binascii.Error, ValueError, OverflowError):
        raise Invalid(
            {"after": "Det går inte att läsa var sidan börjar. Börja om från listans första sida."},
            code="bad_page_token",
        ) from None


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def page_of(rows: QuerySet[M], keys: Sequence[Key], params: PageParams) -> Page[M]:
    """Return a page of rows in ascending order of one or two keys, the last of which is unique. One query.

    Raises Invalid for a token that is not ours.
    """
    if params.after:
        values = decode(params.after, [key.read for key in keys])
        first = keys[0].name
        if len(keys) == 1:
            rows = rows.filter(**{f"{first}__gt": values[0]})
        else:
            last = Q(**{first: values[0], f"{keys[1].name}__gt": values[1]})
            # The plain bound beside is what lets the index begin at the right place.
            rows = rows.filter(Q(**{f"{first}__gt": values[0]}) | last, **{f"{first}__gte": values[0]})
    found = list(rows.order_by(*[key.name for key in keys])[: params.limit + 1])
    if len(found) <= params.limit:
        return Page(found, None)
    found = found[: params.limit]
    return Page(found, encode([_text(getattr(found[-1], key.name)) for key in keys]))


def page_of_list(items: Sequence[T], name: Callable[[T], str], params: PageParams) -> Page[T]:
    """Return a page of a short list that is in memory and ordered by ``name``."""
    after = decode(params.after, [str])[0] if params.after else ""
    rest = [item for item in sorted(items, key=name) if name(item) > after]
    if len(rest) <= params.limit:
        return Page(rest, None)
    found = rest[: params.limit]
    return Page(found, encode([name(found[-1])]))


def link_next(request: HttpRequest, response: HttpResponse, token: str | None) -> None:
    """Say where the next page is (RFC 8288). The other parameters of the address are kept."""
    if token is None:
        return
    query = request.GET.copy()
    query["after"] = token
    address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    response["Link"] = f'<{address}>; rel="next"'
