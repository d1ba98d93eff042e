"""The log as files: CSV for the reviewer, PDF and JSON for the person."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from sambruk.common.actor import ActorKind
from sambruk.common.clock import now, to_stockholm, today
from sambruk.platform.cases.log.subjects import Line
from sambruk.platform.documents.letters import Letter, LetterHead, Table, Value
from sambruk.platform.tenancy.models import Principal

_COLUMNS = ("Tid", "Vad", "Händelse", "Läst eller ändrat", "Vem", "Slag", "Ärende", "Fält", "Skäl")
#: What makes a spreadsheet take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_TEXT = """Här ser du vem som har läst eller ändrat uppgifter om dig hos {sender}, när, och varför.

{person}

{names}

Rätten till registerutdrag står i artikel 15 i dataskyddsförordningen.

{events}
"""


def _moment(line: Line) -> str:
    return f"{to_stockholm(line.row.at):%Y-%m-%d %H:%M:%S}"


def as_csv(lines: Sequence[Line]) -> bytes:
    """Return the events for a spreadsheet: UTF-8 with its mark, semicolons as in Sweden, no formulas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for line in lines:
        row = line.row
        cells = (
            _moment(line),
            line.what,
            row.event,
            "Läst" if row.is_read else "Ändrat",
            line.who,
            line.kind,
            line.case,
            line.fields,
            row.reason,
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def as_json(lines: Sequence[Line], *, principal: Principal, person: str) -> bytes:
    """Return the extract as JSON, in UTF-8: what a program reads of what the PDF says."""
    content: dict[str, Any] = {
        "principal": principal.name,
        "madeAt": now().isoformat(timespec="seconds"),
        "person": person,
        "events": [
            {
                "id": str(line.row.id),
                "at": line.row.at.isoformat(timespec="seconds"),
                "event": line.row.event,
                "label": line.what,
                "read": line.row.is_read,
                "by": line.row.actor_kind,
                "name": _named(line),
                "channel": line.row.channel,
                "case": line.case or None,
                "fields": list(line.row.field_names),
                "reason": line.row.reason or None,
            }
            for line in lines
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _named(line: Line) -> str | None:
    """A resident's name as it may be shown; of staff only where it is handed out."""
    return line.who if line.row.actor_kind == ActorKind.RESIDENT else line.row.actor_name or None


def as_pdf(lines: Sequence[Line], *, principal: Principal, person: str) -> bytes:
    """Return the extract as PDF/A. ``person`` is the name that may be shown, with the masked number."""
    head = LetterHead(
        title="Utdrag ur loggen",
        sender=principal.name,
        day=today(),
        sender_lines=(principal.contact_name, principal.email, principal.phone),
        recipient_lines=(person,),
    )
    rows = [(f"{_moment(line)[:16]}  {line.what}", _who(line), line.case, line.row.reason) for line in lines]
    events = Table(
        columns=("När och vad", "Vem", "Ärende", "Skäl"), rows=rows or [("Inga händelser", "", "", "")]
    )
    named = any(line.row.actor_kind == ActorKind.STAFF and line.row.actor_name for line in lines)
    values: dict[str, Value] = {
        "sender": principal.name,
        "person": person,
        "names": "" if named else "Medarbetare nämns inte vid namn.",
        "events": events,
    }
    return Letter.compose(_TEXT, values, head).pdf()


def _who(line: Line) -> str:
    if line.row.actor_kind == ActorKind.STAFF:
        return line.row.actor_name or line.kind
    return line.who
