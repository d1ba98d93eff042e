"""What the staff's list shows, ready for its template."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.platform.cases import queries
from sambruk.platform.cases.models import Case
from sambruk.platform.cases.names import party_names
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
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


def list_context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Return the context of the list for the filters in the address. Six queries, whatever the size."""
    view = request.GET.get("vy", "mine")
    if view not in queries.VIEWS:
        view = "mine"
    service = request.GET.get("tjanst", "")
    overdue = request.GET.get("sen") == "1"
    search = request.GET.get("sok", "")[:200]
    page = queries.staff_list(
        actor,
        view=cast(queries.View, view),
        service=service,
        overdue=overdue,
        search=search,
        after=request.GET.get("efter", ""),
    )
    kept = {"vy": view, "tjanst": service, "sen": "1" if overdue else "", "sok": search}
    counts = queries.view_counts(actor)
    return {
        "view": view,
        "heading": queries.VIEWS[cast(queries.View, view)],
        "search": search,
        "kept": kept,
        "chips": _chips(kept, counts, view, overdue),
        "services": _service_chips(kept, service),
        "table": _table(page.cases, actor, queries.VIEWS[cast(queries.View, view)]),
        "empty": not page.cases,
        "filtered": bool(service or overdue or search),
        "clear_url": _url({"vy": view}),
        "older_url": _url({**kept, "efter": page.after}) if page.after else "",
        "newer_url": "" if page.first else _url(kept),
    }


def _url(query: dict[str, str]) -> str:
    return reverse("cases:inbox") + "?" + urlencode({k: v for k, v in query.items() if v})


def _chips(kept: dict[str, str], counts: dict[str, int], view: str, overdue: bool) -> list[Chip]:
    chips = [
        Chip(label=label, url=_url({**kept, "vy": name}), selected=name == view, count=counts.get(name))
        for name, label in queries.VIEWS.items()
    ]
    chips.append(Chip(label="Försenade", url=_url({**kept, "sen": "" if overdue else "1"}), selected=overdue))
    return chips


def _service_chips(kept: dict[str, str], chosen: str) -> list[Chip]:
    return [
        Chip(
            label=say(service.title),
            url=_url({**kept, "tjanst": "" if service.service == chosen else service.service}),
            selected=service.service == chosen,
        )
        for service in (one.service for one in definitions.offered())
    ]


def _table(cases: list[Case], actor: Actor, caption: str) -> Table:
    return Table(
        caption=caption,
        columns=COLUMNS,
        rows=[_row(c, actor) for c in cases],
        list_keys=True,
        markable=True,
        caption_hidden=True,
    )


def _row(case: Case, actor: Actor) -> Row:
    open_tasks = [t for t in case.tasks.all() if t.done_by_kind != "system"]
    return Row(
        cells={
            "number": case.number or "Numreras",
            "title": case.title,
            "who": ", ".join(party_names(case, actor)) or "Anonym",
            "next": open_tasks[0].title if open_tasks else "",
            "station": case.get_station_display(),
            "assignee": case.assignee.name if case.assignee else "",
            "due": case.due_on,
        },
        url=reverse("cases:case", args=[case.pk]),
        id=f"case-{case.pk}",
        attention=case.is_open and case.due_on < today(),
    )
