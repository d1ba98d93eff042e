"""The administration's start page: nouns and systems declare their pages, a page shows what one may open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.urls import NoReverseMatch, reverse

from sambruk.common.actor import Actor


class Group(StrEnum):
    """The headings of the start page, in order. The value is what people read."""

    PEOPLE = "Medarbetare och enheter"
    PRINCIPAL = "Kommunen"
    SERVICES = "E-tjänster"
    CONNECTIONS = "Kopplingar till andra system"
    SYSTEMS = "Verksamhetssystem"
    CONTROL = "Kontroll"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPage:
    """A page: its label, a sentence of what is done there, the name of its URL (without arguments).

    ``permission`` is one that the actor must hold, or several of which one is enough.
    """

    label: str
    description: str
    url_name: str
    permission: str | tuple[str, ...]
    group: Group
    order: int = 100


@dataclass(frozen=True, slots=True)
class AdminLink:
    """A page as the start page shows it."""

    label: str
    description: str
    url: str


_pages: dict[str, AdminPage] = {}


def register(page: AdminPage) -> None:
    """Add a page; the same URL name replaces the former."""
    _pages[page.url_name] = page


def permissions() -> tuple[str, ...]:
    """Return every permission that opens some page, in order."""
    found = {permission for page in _pages.values() for permission in _wanted(page)}
    return tuple(sorted(found))


def _wanted(page: AdminPage) -> tuple[str, ...]:
    wanted = (page.permission,) if isinstance(page.permission, str) else page.permission
    return tuple(str(permission) for permission in wanted)


def links(actor: Actor) -> list[tuple[str, list[AdminLink]]]:
    """Return what the actor may open, by group, without empty groups and pages not installed."""
    found: dict[Group, list[AdminLink]] = {group: [] for group in Group}
    for page in sorted(_pages.values(), key=lambda page: (page.order, str(page.label))):
        if not any(actor.may(permission) for permission in _wanted(page)):
            continue
        try:
            url = reverse(page.url_name)
        except NoReverseMatch:
            continue
        found[page.group].append(AdminLink(str(page.label), str(page.description), url))
    return [(str(group.value), pages) for group, pages in found.items() if pages]
