"""What Mina sidor shows of a case: its line of stations, what happens next, what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse

from sambruk.common.actor import Actor
from sambruk.common.calendar import format_date
from sambruk.common.clock import local_date
from sambruk.platform.cases.models import Case, CaseDocument, Decision, LogEntry, Task
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.ui.components import FileCard, LogLine, Station, Todo
from sambruk.platform.ui.fields import FieldView

TodoSource = Callable[[Actor], list[Todo]]
DraftSource = Callable[[Actor], list[Any]]
_todo_sources: list[TodoSource] = []
_draft_sources: list[DraftSource] = []


def add_todo_source(source: TodoSource) -> None:
    """Register what else a resident has to do (the forms: something to sign)."""
    if source not in _todo_sources:
        _todo_sources.append(source)


def add_draft_source(source: DraftSource) -> None:
    """Register where a resident's drafts come from."""
    if source not in _draft_sources:
        _draft_sources.append(source)


def todo_sources() -> list[TodoSource]:
    """Return the registered sources of things to do."""
    return list(_todo_sources)


def draft_sources() -> list[DraftSource]:
    """Return the registered sources of drafts."""
    return list(_draft_sources)


def todos_of(case: Case, person: UUID) -> list[Todo]:
    """Return what a person has to do in a case: open tasks, and a decision that the person has not read."""
    found = [
        Todo(
            title=task.title,
            url=reverse("cases:complete", args=[case.pk, task.pk]),
            text=case.title,
            due=task.due_on,
            action="Komplettera",
        )
        for task in case.tasks.all()
        if task.state == Task.State.OPEN and task.done_by_kind == Task.For.RESIDENT
    ]
    found += [
        Todo(
            title="Du har fått ett beslut",
            url=reverse("cases:my_decision", args=[case.pk, d.pk]),
            text=case.title,
            action="Läs beslutet",
        )
        for d in case.decisions.all()
        if d.decided_at is not None and all(one.person_id != person for one in d.receipts.all())
    ]
    return found


def summary(case: Case) -> dict[str, Any]:
    """Return a case as a card: its line and the sentence of what happens next."""
    service = definitions.by_hash(case.definition_hash).service
    return {
        "case": case,
        "url": reverse("cases:my_case", args=[case.pk]),
        "stations": stations(case),
        "next": next_sentence(case),
        "service": say(service.title),
    }


def stations(case: Case) -> list[Station]:
    """Return the stations of the case's service, those passed, where it stands, those to come."""
    declared = [s for s in definitions.by_hash(case.definition_hash).service.stations if s.id != "waiting"]
    ids: list[str] = [s.id for s in declared]
    at = case.station if case.station in ids else "in_progress"
    place = ids.index(at) if at in ids else len(ids) - 1
    line: list[Station] = []
    for position, one in enumerate(declared):
        state: Any = (
            "done" if position < place or not case.is_open else "current" if position == place else "todo"
        )
        detail = format_date(local_date(case.opened_at), year=False) if position == 0 else ""
        line.append(Station(label=say(one.label), state=state, detail=detail))
    return line


def next_sentence(case: Case) -> str:
    """Return what happens next, and when at the latest."""
    if case.closed_at is not None:
        return f"Ärendet avslutades {format_date(local_date(case.closed_at))}."
    for one in definitions.by_hash(case.definition_hash).service.stations:
        if one.id == case.station:
            sentence = say(one.next)
            if one.id in {"submitted", "in_progress"}:
                return f"{sentence} Senast {format_date(case.due_on, weekday=True, year=False)}."
            return sentence
    return ""


def case_context(case: Case, person: UUID) -> dict[str, Any]:
    """Return the context of a person's page of a case."""
    return {
        **summary(case),
        "todos": todos_of(case, person),
        "decisions": list(
            Decision.objects.filter(case=case, decided_at__isnull=False).order_by("-decided_at")
        ),
        "files": [
            FileCard(
                name=d.title,
                size=d.document.size,
                url=reverse("document", args=[d.document_id]),
                scan=d.document.scan,
            )
            for d in CaseDocument.objects.filter(case=case, visible_to_resident=True)
            .select_related("document")
            .order_by("added_at")
        ],
        "entries": [
            LogLine(at=e.at, text=e.text, by=e.by_name if e.by_kind == "resident" else "")
            for e in LogEntry.objects.filter(case=case, visible_to_resident=True).order_by("-at")[:50]
        ],
    }


def completion_fields(text: str, errors: dict[str, str]) -> list[FieldView]:
    """Return the fields of a completion."""
    return [
        FieldView(name="text", label="Din komplettering", kind="long_text", value=text, required=False,
                  errors=(errors["text"],) if "text" in errors else ()),
        FieldView(name="files", label="Filer", kind="file", required=False,
                  help="Bilder eller pdf, högst 15 MB var.",
                  errors=(errors["files"],) if "files" in errors else (), attrs={"multiple": "multiple"}),
    ]  # fmt: skip
