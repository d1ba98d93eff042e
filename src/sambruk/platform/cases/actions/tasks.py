"""Doing a task of the process: by staff, or by the one who applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.platform.cases import access, roles
from sambruk.platform.cases.actions.closing import close_if_ended
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.events import NewsForParties, TaskDone
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.cases.process import running
from sambruk.platform.definitions import effective as definitions

#: The log's kind for words to the one who applied.
ASKED = "resident.message"
MESSAGE_MAX = 4000


def open_task(case: Case, task_id: UUID) -> Task:
    """Return the open task of the case. Raises Conflict when it is done or gone."""
    task = Task.objects.filter(pk=task_id, case=case, state=Task.State.OPEN).first()
    if task is None:
        raise Conflict("Uppgiften är redan gjord eller inte längre aktuell.")
    task.case = case
    return task


def done_by_same(case: Case, element: str, actor: Actor) -> bool:
    """Return whether the actor was the last who did the other task (four eyes)."""
    last = Task.objects.filter(case=case, element=element, state=Task.State.DONE).order_by("-done_at").first()
    return last is not None and last.done_by_id == actor.id


def refuse_reason(task: Task, case: Case, actor: Actor) -> str:
    """Return why the actor may not do the task, or an empty string."""
    if not roles.may_do(task, case, actor):
        return "Den här uppgiften görs av någon med en annan roll."
    declared = definitions.by_hash(case.definition_hash).service.tasks[task.element]
    if declared.decides and not actor.is_staff:
        return "Beslut föreslås och fattas av en person."
    if declared.other_than and done_by_same(case, declared.other_than, actor):
        return "Den här uppgiften görs av en annan person än den som gjorde steget före."
    return ""


@transaction.atomic
def do_task(
    *,
    case_id: UUID,
    task_id: UUID,
    flags: Mapping[str, Any],
    by: Actor,
    text: str = "",
    reason: str = "",
    message: str = "",
) -> Task:
    """Do a staff task: check role and four eyes, move the process, write log and audit.

    `flags` are those that the task declares; `text` the Swedish line of the log. Raises NotFound,
    NotAllowed, Conflict, ProcessFault, and Invalid when the one who applied is asked for something without
    words, or a task that is an answer is done without one: `message` is what the resident reads.
    """
    case = access.require_case(case_id, by, lock=True)
    task = open_task(case, task_id)
    if why := refuse_reason(task, case, by):
        raise NotAllowed(why)
    message = message.strip()
    if len(message) > MESSAGE_MAX:
        raise Invalid({"message": f"Skriv högst {MESSAGE_MAX} tecken."})
    declared = definitions.by_hash(case.definition_hash).service.tasks[task.element]
    if declared.message == "required" and not message:
        raise Invalid({"message": "Skriv svaret. Den som har skickat ärendet läser det."})
    if message:
        note_event(case, event=ASKED, text=message, by=by, visible_to_resident=True)
        events.publish(NewsForParties(case, "message"))
    finish_task(case, task, flags=flags, by=by, text=text or f"{task.title}: klart.", reason=reason)
    if not message and Task.objects.filter(case=case, state="open", done_by_kind="resident").exists():
        raise Invalid({"message": "Skriv vad den som har ansökt behöver skicka eller göra."})
    return task


def finish_task(
    case: Case,
    task: Task,
    *,
    flags: Mapping[str, Any],
    by: Actor,
    text: str,
    reason: str = "",
    visible_to_resident: bool = False,
) -> Task:
    """Complete a checked task of a locked case, with log, audit and what follows."""
    moved = running.complete(task, flags=flags, by=by)
    note_event(
        case,
        event="task.done",
        text=text,
        by=by,
        visible_to_resident=visible_to_resident,
        fields={"task": task.element, **dict(flags)},
        reason=reason,
    )
    events.publish(TaskDone(case, task, by))
    close_if_ended(case, moved, by=by)
    return task


@transaction.atomic
def do_resident_task(*, case_id: UUID, task_id: UUID, by: Actor, text: str) -> Task:
    """The one who applied does what was asked (a completion). Raises NotFound, Conflict."""
    case = access.require_case(case_id, by, lock=True)
    task = open_task(case, task_id)
    if task.done_by_kind != Task.For.RESIDENT or not by.is_resident:
        raise NotAllowed("Den här uppgiften görs av någon annan.")
    return finish_task(case, task, flags={}, by=by, text=text, visible_to_resident=True)
