"""Completion: what was asked for, and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Invalid, NotAllowed, Unavailable
from sambruk.common.text import clean
from sambruk.platform.cases import access
from sambruk.platform.cases.actions.logging import display_name
from sambruk.platform.cases.actions.tasks import ASKED, finish_task, open_task
from sambruk.platform.cases.events import CompletionDelivered
from sambruk.platform.cases.models import Case, CaseDocument, LogEntry, Task
from sambruk.platform.documents import actions as documents

MAX_FILES = 20
TEXT_MAX = 4000


@transaction.atomic
def deliver(
    *, case_id: UUID, task_id: UUID, text: str, files: Sequence[UploadedFile[Any]], by: Actor
) -> Task:
    """Send what was asked for: words, files or both; the case goes back to its caseworker.

    What was written stands in the case's conversation, where both sides read it (``CompletionDelivered``).
    Raises Invalid with field errors (nothing sent, too many, a file that cannot be taken), Conflict.
    """
    case = access.require_case(case_id, by, lock=True)
    task = open_task(case, task_id)
    if task.done_by_kind != Task.For.RESIDENT or not by.is_resident:
        raise NotAllowed("Den här uppgiften görs av någon annan.")
    text = clean(text).strip()
    if not text and not files:
        raise Invalid({"text": "Skriv något eller lägg till en fil."})
    if len(text) > TEXT_MAX:
        raise Invalid({"text": f"Skriv högst {TEXT_MAX} tecken."})
    if len(files) > MAX_FILES:
        raise Invalid({"files": f"Skicka högst {MAX_FILES} filer på en gång."})
    saved: list[UUID] = []
    for file in files:
        try:
            document = documents.save(
                content=cast(IO[bytes], file), name=file.name or "fil", kind="completion", by=by
            )
        except (Invalid, Unavailable) as error:
            # A full or absent store too: the page comes back with the text that was typed.
            raise Invalid({"files": f"{file.name}: {error.message_sv}"}) from error
        saved.append(document.pk)
        CaseDocument.objects.create(
            case=case,
            document=document,
            category="completion",
            title=document.name,
            added_at=now(),
            added_by=display_name(by),
        )
    # The process's state and the task hold ids and flags only: the words are the conversation's.
    task.data = {**task.data, "files": len(files)}
    finish_task(
        case,
        task,
        flags={},
        by=by,
        text=f"Komplettering kom in, {len(files)} {'fil' if len(files) == 1 else 'filer'}. "
        "Det som skickades står under Meddelanden.",
        visible_to_resident=True,
    )
    events.publish(CompletionDelivered(case, task, text, tuple(saved), by))
    return task


def asked(case: Case) -> str:
    """Return what the caseworker last asked for, or an empty string."""
    entry: Any = LogEntry.objects.filter(case=case, kind=ASKED).order_by("-at").first()
    return entry.text if entry else ""
