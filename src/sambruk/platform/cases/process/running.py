"""From the engine's steps to the case's tasks: what opened, what was done, what no longer matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.calendar import add_days_skipping_non_working, deadline_after
from sambruk.common.clock import now, today
from sambruk.platform.cases.events import TaskOpened
from sambruk.platform.cases.models import Case, Deadline, Task
from sambruk.platform.cases.process import handlers
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import ParameterRef, Term, say
from sambruk.platform.definitions.process import ProcessStep, ReadyElement
from sambruk.platform.exchange import outbox
from sambruk.platform.identity.models import Unit

#: A handler that is not inline runs as this kind of work, one for each task.
HANDLER_WORK = "cases.handler"
#: What a deadline counted from the case's opening says it starts at.
CASE_OPENED = "case_opened"

#: What a move of the process changes on the case.
MOVED = ("process_state", "station", "due_on", "unit", "authority", "assignee")


@dataclass
class Moved:
    """What a move of the process led to: tasks to insert or inserted, and whether the process ended."""

    tasks: list[Task] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    ended: bool = False


def start(case: Case, effective: Effective, flags: Mapping[str, Any]) -> Moved:
    """Begin the case's process: set state, station and due date; return unsaved tasks."""
    step = effective.process.start(flags, effective.parameters)
    moved = _apply(case, effective, step)
    moved.deadlines[:0] = _deadlines(case, effective, CASE_OPENED, None)
    return moved


def complete(task: Task, *, flags: Mapping[str, Any], by: Actor) -> Moved:
    """Complete an open task of a locked case, save the case, open what follows, and run what is inline.

    Raises ProcessFault (a Swedish sentence) when the process cannot go on; nothing is changed then.
    """
    case = task.case
    effective = definitions.by_hash(case.definition_hash)
    step = effective.process.complete(case.process_state, task.element, flags, instance=task.spiff_id)
    task.state = Task.State.DONE
    task.done_at = now()
    task.done_by = by.name
    task.done_by_id = by.id
    task.save(update_fields=["state", "done_at", "done_by", "done_by_id", "data"])
    Deadline.objects.filter(task=task, done_at__isnull=True).update(done_at=task.done_at)
    return _moved(case, effective, step)


def tell(case: Case, message: str, flags: Mapping[str, Any] | None = None) -> Moved:
    """Give a message to the process of a locked case. Raises ProcessFault when it does not wait for it."""
    effective = definitions.by_hash(case.definition_hash)
    return _moved(case, effective, effective.process.message(case.process_state, message, flags))


def awaits(case: Case, message: str) -> bool:
    """Return whether the case's process waits for a message."""
    effective = definitions.by_hash(case.definition_hash)
    return effective.process.awaits(case.process_state, message)


def _moved(case: Case, effective: Effective, step: ProcessStep) -> Moved:
    if step.cancelled:
        Task.objects.filter(
            case=case, spiff_id__in=[one.instance for one in step.cancelled], state=Task.State.OPEN
        ).update(state=Task.State.CANCELLED, done_at=now())
    moved = _apply(case, effective, step)
    case.revision += 1
    case.save(
        update_fields=["process_state", "station", "due_on", "unit", "authority", "assignee", "revision"]
    )
    Task.objects.bulk_create(moved.tasks)
    Deadline.objects.bulk_create(moved.deadlines)
    announce(case, moved)
    return moved


def _apply(case: Case, effective: Effective, step: ProcessStep) -> Moved:
    case.process_state = step.state
    moved = Moved(ended=step.ended)
    for element in step.ready:
        if element.kind in {"task", "service"}:
            task = _task(case, effective, element)
            moved.tasks.append(task)
            moved.deadlines += _deadlines(case, effective, element.id, task)
    case.station = _station(effective, step, case.station)
    staff = [task for task in moved.tasks if task.done_by_kind == Task.For.STAFF]
    if due := [task.due_on for task in staff if task.due_on]:
        case.due_on = min(due)
    units = {task.unit_id for task in staff}
    if len(units) == 1 and (unit := units.pop()) is not None and unit != case.unit_id:
        # The case follows its work: another unit's staff see it from now on, and pick it up afresh.
        case.unit_id, case.assignee = unit, None
        case.authority_id = Unit.objects.values_list("authority_id", flat=True).get(pk=unit)
    return moved


def _task(case: Case, effective: Effective, element: ReadyElement) -> Task:
    if element.kind == "service":
        declared = effective.service.handlers[element.id]
        return Task(
            case=case,
            element=element.id,
            spiff_id=element.instance,
            title=say(declared.title),
            done_by_kind=Task.For.SYSTEM,
            role=declared.handler,
            opened_at=now(),
        )
    task = effective.service.tasks[element.id]
    return Task(
        case=case,
        element=element.id,
        spiff_id=element.instance,
        title=say(task.title),
        done_by_kind=task.done_by,
        role=task.role or "",
        unit_id=(effective.unit_for(element.id) or case.unit_id) if task.done_by == "staff" else None,
        opened_at=now(),
        due_on=due_date(task.due, effective.parameters) if task.due else None,
    )


def _deadlines(case: Case, effective: Effective, starts: str, task: Task | None) -> list[Deadline]:
    return [
        Deadline(
            case=case,
            task=task,
            kind=declared.id,
            label=say(declared.label),
            due_on=due_date(declared.term, effective.parameters),
            source=declared.source,
            sends=declared.sends or "",
            visible_to_resident=declared.visible_to_resident,
        )
        for declared in effective.service.deadlines
        if declared.starts == starts
    ]


def due_date(term: Term, parameters: Mapping[str, Any]) -> date:
    """Return the day by which something that opens today must be done (a legal term moves off holidays)."""

    def count(value: int | ParameterRef | None) -> int:
        if isinstance(value, ParameterRef):
            return int(parameters[value.parameter])
        return int(value or 0)

    if term.working_days is not None:
        return add_days_skipping_non_working(today(), count(term.working_days))
    return deadline_after(today(), days=count(term.days), weeks=count(term.weeks), months=count(term.months))


def _station(effective: Effective, step: ProcessStep, before: str) -> str:
    """Return the station: that of what is open now, else of what was passed last, else as before."""
    by_element = {element: s.id for s in effective.service.stations for element in s.elements}
    for element in (*(one.id for one in step.ready), *reversed(step.finished)):
        if element in by_element:
            # Closed is a station and a time: only `close` sets it.
            return before if by_element[element] == "closed" else by_element[element]
    return before


def announce(case: Case, moved: Moved) -> None:
    """Tell the floors above of new tasks, and set the system's own to work. The tasks are saved."""
    work: list[outbox.Wanted] = []
    for task in moved.tasks:
        if task.done_by_kind == Task.For.SYSTEM:
            known = handlers.find(task.role)
            if known is not None and known.inline:
                run_handler(task)
            else:
                work.append(outbox.Wanted(kind=HANDLER_WORK, object_id=task.pk, key=f"handler:{task.pk}"))
            continue
        events.publish(TaskOpened(case, task))
    if work:
        outbox.enqueue_many(work)


def run_handler(task: Task) -> None:
    """Run the handler of an open system task of a locked case, and complete the task.

    Raises LookupError where its system is not installed (the work waits).
    """
    from sambruk.common.actor import system_actor

    known = handlers.find(task.role)
    if known is None:
        raise LookupError(f"no handler {task.role!r} is installed")
    flags = known.run(task.case, task) or {}
    complete(task, flags=flags, by=system_actor(task.tenant_id, known.label))
