"""Reads of cases: the lists of staff and resident, search, and the case page's parts.

Lists use keyset paging on (day, id) and never count the whole set; secrecy is in the SQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import Invalid
from sambruk.platform.cases import access, list_marks
from sambruk.platform.cases.list_statement import (
    COUNT_CAP as COUNT_CAP,
)
from sambruk.platform.cases.list_statement import (
    Search,
    Shape,
    View,
    count_statement,
    page_statement,
    parties,
)
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.cases.models.case import case_number
from sambruk.platform.identity import protection

PAGE_SIZE = 50
NUMBER = re.compile(r"^\s*(\d{4})-(\d{1,9})\s*$")

VIEWS: dict[View, str] = {
    "mine": "Mina ärenden",
    "inbox": "Nya att ta",
    "unit": "Enhetens ärenden",
    "waiting": "Väntar på den sökande",
    "closed": "Avslutade",
}
#: The views whose number of cases stands on their chip.
COUNTED: tuple[View, ...] = ("mine", "inbox", "unit", "waiting")


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case as a row of the list shows it: the parties' names as the actor may see them, marks by label."""

    id: UUID
    number: str
    title: str
    station: str
    due_on: date
    is_open: bool
    assignee: str
    next_step: str
    parties: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `after` is the token of the next page, None on the last."""

    cases: list[ListedCase]
    after: str | None
    first: bool


def staff_list(
    actor: Actor, *, view: View, service: str = "", overdue: bool = False, search: str = "", after: str = ""
) -> Page:
    """Return a page of the cases that a member of staff sees in a view, most urgent first. One query.

    `after` is the token from the page before. Raises Invalid for a token that is not ours.
    """
    units, opened = access.units_of(actor)
    if not actor.is_staff or not units:
        return Page([], None, not after)
    kind, values = _search(search)
    if after:
        values["day"], values["key"] = _read_token(after)
    shape = Shape(view, bool(service), overdue, kind, bool(after), len(units), opened, PAGE_SIZE + 1)
    given = {**_named(units), **values, "actor": actor.id, "service": service, "today": today()}
    rows = page_statement(shape).rows(given)
    labels = [mark.label for mark in list_marks.registered()]
    cases = [_listed(row, actor, labels) for row in rows[:PAGE_SIZE]]
    more = len(rows) > PAGE_SIZE
    token = f"{cases[-1].due_on.isoformat()}_{cases[-1].id}" if more else None
    return Page(cases, token, not after)


def _named(units: list[UUID]) -> dict[str, UUID]:
    return {f"unit{n}": unit for n, unit in enumerate(units)}


def _search(text: str) -> tuple[Search, dict[str, Any]]:
    """Return what a search is for, a case number or words in Swedish, with its values."""
    if not text.strip():
        return "", {}
    if found := NUMBER.match(text):
        return "number", {"year": int(found[1]), "serial": int(found[2])}
    return "words", {"words": text[:200]}


def _listed(row: tuple[Any, ...], actor: Actor, labels: list[str]) -> ListedCase:
    key, year, serial, title, station, due_on, closed_at, assignee, next_step, shown, *marks = row
    return ListedCase(
        id=key,
        number=case_number(year, serial),
        title=title,
        station=station,
        due_on=due_on,
        is_open=closed_at is None,
        assignee=assignee or "",
        next_step=next_step or "",
        parties=tuple(name for name in (_name(one, actor) for one in parties(shown)) if name),
        marks=tuple(label for label, holds in zip(labels, marks, strict=True) if holds),
    )


def _name(party: dict[str, Any], actor: Actor) -> str:
    """Return a party's name; a protected one's is hidden, whatever was written when the case began."""
    if party["person"] is None:
        return str(party["name"])
    named = protection.Named(
        pk=UUID(party["person"]),
        given_name=party["given"],
        family_name=party["family"],
        protection=party["protection"],
    )
    return protection.visible_name(named, actor)


def _read_token(token: str) -> tuple[date, UUID]:
    day, _, key = token.partition("_")
    try:
        return date.fromisoformat(day), UUID(key)
    except ValueError:
        raise Invalid(
            "Länken till nästa sida går inte att läsa. Börja om från listans första sida."
        ) from None


def view_counts(actor: Actor) -> dict[str, int]:
    """Return how many cases each view holds; ``COUNT_CAP + 1`` is that or more. One query."""
    units, opened = access.units_of(actor)
    if not actor.is_staff or not units:
        return dict.fromkeys(COUNTED, 0)
    statement = count_statement(COUNTED, len(units), opened)
    [found] = statement.rows({**_named(units), "actor": actor.id})
    return dict(zip(COUNTED, found, strict=True))


def resident_cases(person_id: UUID, *, services: frozenset[str] | None = None, limit: int = 50) -> list[Case]:
    """Return a person's cases, newest first, with their open tasks for the person and latest decision.

    ``services`` are those whose cases are shown (a mandate's); None: all.
    """
    return list(
        Case.objects.filter(access.visible_to_resident(person_id, services))
        .order_by("-opened_at", "-id")
        .prefetch_related(
            Prefetch("tasks", Task.objects.filter(state="open", done_by_kind="resident")),
            "decisions__receipts",
            "deadlines",
        )[:limit]
    )
