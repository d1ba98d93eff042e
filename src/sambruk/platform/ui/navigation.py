"""The navigation of both faces: nouns and systems register their items, a page shows what one may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from sambruk.common.actor import Actor

Face = Literal["resident", "staff"]
Badge = Callable[[HttpRequest], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """An item: on which face, its label, the name of its URL (without arguments), and its place.

    ``permission`` is one that the actor must hold, or several of which one is enough; "login" asks only for
    a login, empty shows it to all. ``badge`` counts what waits, once a page; None or 0 shows nothing.
    """

    face: Face
    label: str
    url_name: str
    order: int = 100
    permission: str | tuple[str, ...] = ""
    badge: Badge | None = None


@dataclass(frozen=True, slots=True)
class NavLink:
    """An item as a page shows it."""

    label: str
    url: str
    current: bool
    count: int | None


_items: dict[tuple[Face, str], NavItem] = {}


def register(item: NavItem) -> None:
    """Add an item; the same URL name on the same face replaces the former."""
    _items[item.face, item.url_name] = item


def registered(face: Face) -> list[NavItem]:
    """Return a face's items in order, then by label."""
    return sorted(
        (item for item in _items.values() if item.face == face), key=lambda item: (item.order, item.label)
    )


def _may_see(item: NavItem, actor: Actor | None) -> bool:
    if not item.permission:
        return True
    if actor is None:
        return False
    if item.permission == "login":
        return actor.id is not None
    wanted = (item.permission,) if isinstance(item.permission, str) else item.permission
    return any(actor.may(permission) for permission in wanted)


def links(face: Face, request: HttpRequest) -> list[NavLink]:
    """Return what this actor may open; the item whose address fits best is the current one.

    An item whose page is not installed is left out.
    """
    actor: Actor | None = getattr(request, "actor", None)
    found: list[tuple[str, NavItem]] = []
    for item in registered(face):
        if not _may_see(item, actor):
            continue
        try:
            found.append((reverse(item.url_name), item))
        except NoReverseMatch:
            continue
    fitting = [
        url for url, _item in found if request.path == url or (url != "/" and request.path.startswith(url))
    ]
    best = max(fitting, key=len, default="")
    return [
        NavLink(str(item.label), url, url == best, (item.badge(request) or None) if item.badge else None)
        for url, item in found
    ]
