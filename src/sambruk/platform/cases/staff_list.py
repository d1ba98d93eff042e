"""What the staff's list shows, ready for its template."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.platform.cases import queries
from sambruk.platform.cases.list_statement import View
from sambruk.platform.cases.models.case import Station
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.ui.cells import tag_html
from sambruk.platform.ui.components import Chip, Column, Row, Table

COLUMNS = (
    Column(key="number", label="Ärende", kind="link"),
    Column(key="due", label="Klart senast", kind="due"),
    Column(key="title", label="Vad det gäller"),
    Column(key="who", label="Vem"),
    Column(key="next", label="Nästa steg"),
    Column(key="station", label="Läge", kind="tag"),
    Column(key="assignee", label="Handläggare"),
)


_STATIONS = dict(Station.choices)
_NIL = UUID(int=0)


def station_label(station: str) -> str:
    """Return where a case stands, in words."""
    return _STATIONS.get(station, station)


def list_context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Return the context of the list for the filters in the address. Three queries, whatever the size."""
    view = cast(View, request.GET.get("vy", "mine"))
    if view not in queries.VIEWS:
        view = "mine"
    service = request.GET.get("tjanst", "")
    overdue = request.GET.get("sen") == "1"
    search = request.GET.get("sok", "")[:200]
    page = queries.staff_list(
        actor, view=view, service=service, overdue=overdue, search=search, after=request.GET.get("efter", "")
    )
    links = _Links({"vy": view, "tjanst": service, "sen": "1" if overdue else "", "sok": search})
    counts = queries.view_counts(actor)
    return {
        "view": view,
        "heading": queries.VIEWS[view],
        "search": search,
        "kept": links.kept,
        "chips": _chips(links, counts, view, overdue),
        "services": _service_chips(links, service),
        "table": _table(page.cases, queries.VIEWS[view]),
        "empty": not page.cases,
        "elsewhere": _elsewhere(links, counts, view) if not page.cases else [],
        "filtered": bool(service or overdue or search),
        "clear_url": links.only(vy=view),
        "older_url": links.to(efter=page.after) if page.after else "",
        "newer_url": "" if page.first else links.to(),
    }


class _Links:
    """Addresses of the list that keep the filters that are chosen."""

    def __init__(self, kept: dict[str, str]) -> None:
        self.kept = kept
        self._base = reverse("cases:inbox") + "?"

    def to(self, **changed: str) -> str:
        """The list with these filters changed."""
        return self.only(**{**self.kept, **changed})

    def only(self, **query: str) -> str:
        """The list with these filters alone."""
        return self._base + urlencode({k: v for k, v in query.items() if v})


def _chips(links: _Links, counts: dict[str, int], view: str, overdue: bool) -> list[Chip]:
    chips = [
        Chip(label=label, url=links.to(vy=name), selected=name == view, count=_count(counts.get(name)))
        for name, label in queries.VIEWS.items()
    ]
    chips.append(Chip(label="Försenade", url=links.to(sen="" if overdue else "1"), selected=overdue))
    return chips


def _elsewhere(links: _Links, counts: dict[str, int], view: str) -> list[tuple[str, str, int | str | None]]:
    """Return the other views that hold something: label, address and count, where this one is empty."""
    return [
        (label, links.only(vy=name), _count(counts[name]))
        for name, label in queries.VIEWS.items()
        if name != view and counts.get(name)
    ]


def _count(cases: int | None) -> int | str | None:
    """Return how many cases a view holds as its chip says it: "200+" for more than are counted."""
    return f"{queries.COUNT_CAP}+" if cases is not None and cases > queries.COUNT_CAP else cases


def _service_chips(links: _Links, chosen: str) -> list[Chip]:
    return [
        Chip(
            label=say(service.title),
            url=links.to(tjanst="" if service.service == chosen else service.service),
            selected=service.service == chosen,
        )
        for service in (one.service for one in definitions.offered())
    ]


def _table(cases: list[queries.ListedCase], caption: str) -> Table:
    # Looking an address up costs as much as drawing a row: once a page, with a place for the id.
    address = reverse("cases:case", args=[_NIL]).split(str(_NIL))
    day = today()
    return Table(
        caption=caption,
        columns=COLUMNS,
        rows=[_row(case, str(case.id).join(address), case.is_open and case.due_on < day) for case in cases],
        list_keys=True,
        markable=True,
        caption_hidden=True,
    )


def _row(case: queries.ListedCase, url: str, late: bool) -> Row:
    return Row(
        cells={
            "number": case.number or "Numreras",
            "title": _title(case) if case.marks else case.title,
            "who": ", ".join(case.parties) or "Anonym",
            "next": case.next_step,
            "station": station_label(case.station),
            "assignee": case.assignee,
            "due": case.due_on,
        },
        url=url,
        id=f"case-{case.id}",
        attention=late,
    )


def _title(case: queries.ListedCase) -> str:
    """What the case is about, with its marks after it."""
    return format_html(
        "{} {}", case.title, format_html_join(" ", "{}", ((tag_html(label, "info"),) for label in case.marks))
    )
