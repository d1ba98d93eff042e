"""Reads of cases: the lists of staff and resident, search, and the case page's parts.

Lists use keyset paging on (day, id) and never count the whole set; secrecy is in the SQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import Invalid
from sambruk.platform.cases import access
from sambruk.platform.cases.models import Case, Party, Task

PAGE_SIZE = 50
COUNT_CAP = 1000
SEARCH_CAP = 500
NUMBER = re.compile(r"^\s*(\d{4})-(\d{1,9})\s*$")

View = Literal["inbox", "mine", "unit", "waiting", "closed"]

VIEWS: dict[View, str] = {
    "mine": "Mina ärenden",
    "inbox": "Nya att ta",
    "unit": "Enhetens ärenden",
    "waiting": "Väntar på den sökande",
    "closed": "Avslutade",
}


@dataclass(frozen=True)
class Page:
    """A page of a list. `after` is the token of the next page, None on the last."""

    cases: list[Case]
    after: str | None
    first: bool


def staff_list(
    actor: Actor, *, view: View, service: str = "", overdue: bool = False, search: str = "", after: str = ""
) -> Page:
    """Return a page of the cases that a member of staff sees in a view, most urgent first.

    `after` is the token from the page before. A constant number of queries, whatever the size.
    Raises Invalid for a token that is not ours.
    """
    cases = access.visible(actor)
    closed = view == "closed"
    cases = cases.filter(closed_at__isnull=not closed)
    if view == "mine":
        cases = cases.filter(assignee_id=actor.id)
    elif view == "inbox":
        cases = cases.filter(assignee__isnull=True)
    elif view == "waiting":
        cases = cases.filter(station="waiting")
    if service:
        cases = cases.filter(service_id=service)
    if overdue:
        cases = cases.filter(due_on__lt=today())
    if search.strip():
        cases = cases.filter(_search(search))
    return _page(cases, after, descending=closed)


def _search(text: str) -> Q:
    """Return the predicate of a search: a case number, or words in Swedish."""
    if found := NUMBER.match(text):
        return Q(year=int(found[1]), serial=int(found[2]))
    # Under row security only leakproof operators reach an index; full text is not one. The function
    # takes the tenant from tenant() itself and returns ids, which are read again under row security.
    return Q(pk__in=RawSQL("SELECT id FROM cases_search(%s, %s)", [text[:200], SEARCH_CAP]))


# What a row of the list shows, and what decides whether it may; the rest of a person is not read.
_PARTIES = (
    Party.objects.select_related("person")
    .only(
        "tenant", "case", "role", "name", "person",
        "person__tenant", "person__protection", "person__given_name", "person__family_name",
    )
    .order_by("role", "id")
)  # fmt: skip
_TASKS = (
    Task.objects.filter(state="open").only("tenant", "case", "title", "done_by_kind").order_by("opened_at")
)


def _page(cases: QuerySet[Case], after: str, *, descending: bool) -> Page:
    order = ("-due_on", "-id") if descending else ("due_on", "id")
    if after:
        day, key = _read_token(after)
        if descending:
            cases = cases.filter(Q(due_on__lt=day) | Q(due_on=day, id__lt=key), due_on__lte=day)
        else:
            cases = cases.filter(Q(due_on__gt=day) | Q(due_on=day, id__gt=key), due_on__gte=day)
    rows = list(
        cases.order_by(*order)
        .defer("process_state", "search_text", "search")
        .select_related("assignee", "unit")
        .prefetch_related(
            Prefetch("parties", _PARTIES),
            Prefetch("tasks", _TASKS),
        )[: PAGE_SIZE + 1]
    )
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    token = f"{rows[-1].due_on.isoformat()}_{rows[-1].pk}" if more else None
    return Page(rows, token, not after)


def _read_token(token: str) -> tuple[date, UUID]:
    day, _, key = token.partition("_")
    try:
        return date.fromisoformat(day), UUID(key)
    except ValueError:
        raise Invalid(
            "Länken till nästa sida går inte att läsa. Börja om från listans första sida."
        ) from None


def view_counts(actor: Actor) -> dict[str, int]:
    """Return how many cases each view holds, capped (a count over a large set is not worth its cost)."""
    found = access.visible(actor).filter(closed_at__isnull=True)
    return {
        "mine": found.filter(assignee_id=actor.id)[:COUNT_CAP].count(),
        "inbox": found.filter(assignee__isnull=True)[:COUNT_CAP].count(),
        "unit": found[:COUNT_CAP].count(),
        "waiting": found.filter(station="waiting")[:COUNT_CAP].count(),
    }


def resident_cases(person_id: UUID, *, limit: int = 50) -> list[Case]:
    """Return a person's cases, newest first, with their open tasks for the person and latest decision."""
    return list(
        Case.objects.filter(access.visible_to_resident(person_id))
        .order_by("-opened_at", "-id")
        .prefetch_related(
            Prefetch("tasks", Task.objects.filter(state="open", done_by_kind="resident")),
            "decisions",
            "deadlines",
        )[:limit]
    )
