"""SpiffWorkflow behind one module: parse a drawing, run it, and keep its state small and free of the drawing.

The engine's own serialiser writes the whole specification with every case, and data with every token. Here a
token is a short list of numbers; data live in the state of `process.py`, and conditions are asked there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.parser.util import full_tag  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.defaults import UserTask  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.util.event import BpmnEvent  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow  # type: ignore[import-untyped]
from SpiffWorkflow.exceptions import WorkflowException  # type: ignore[import-untyped]
from SpiffWorkflow.task import Task, TaskState  # type: ignore[import-untyped]

from sambruk.platform.definitions.bpmn import Diagram, parse_xml

# The engine tells of every step of every token: a page of log for each case, and most of its time.
logging.getLogger("spiff").setLevel(logging.WARNING)

#: Ids below this are ours, counted from 1 within a case; the engine's own are random 128-bit numbers.
_OURS = 1 << 40


class SpiffFault(Exception):  # noqa: N818 - reads as what happened
    """The engine cannot parse the drawing, or cannot go on."""


class _Asking(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates nothing itself: conditions are asked of `decide`, scripts and services are refused."""

    def __init__(self) -> None:
        super().__init__()
        self.decide: Callable[[str], bool] | None = None

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        if self.decide is None:
            raise SpiffFault("a condition was asked outside a step")
        return self.decide(expression)

    def execute(self, task: Any, script: str, external_context: Any = None) -> None:
        raise SpiffFault("scripts are not run")

    def call_service(self, task: Any, **arguments: Any) -> None:
        raise SpiffFault("services are not called from the engine")


class _ServiceTask(UserTask):  # type: ignore[misc]
    """A service task waits, as a user task does, until whoever ran its handler completes it."""


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {full_tag("serviceTask"): (TaskParser, _ServiceTask)}


@dataclass(frozen=True)
class Specification:
    """A parsed drawing: the engine's specification, its task names in a fixed order, and its hash."""

    spec: Any
    names: tuple[str, ...]
    index: dict[str, int]
    diagram: Diagram
    hash: str

    @classmethod
    def parse(cls, content: bytes, diagram: Diagram, digest: str) -> Specification:
        """Parse a drawing that `read_diagram` found nothing wrong with. Raises SpiffFault."""
        parser = _Parser()
        try:
            parser.add_bpmn_xml(parse_xml(content))
            spec = parser.get_spec(diagram.process_id)
        except (ValidationException, WorkflowException, KeyError, AttributeError) as error:
            raise SpiffFault(f"the drawing cannot be run: {error}") from error
        names = tuple(sorted(spec.task_specs))
        return cls(spec, names, {name: index for index, name in enumerate(names)}, diagram, digest[:16])

    def drawn(self, task: Task) -> str | None:
        """Return the element that a token stands on, or None for the engine's own helpers."""
        spec = task.task_spec
        element = spec.bpmn_id if isinstance(spec, BpmnTaskSpec) else None
        return element if element in self.diagram.elements else None


@dataclass(frozen=True)
class Token:
    """A ready element: its id in the drawing, its number within the case, its kind and message."""

    id: str
    instance: str
    kind: str
    message: str


class Running:
    """One process in memory, between restore and save. Not shared between threads."""

    def __init__(self, specification: Specification, workflow: BpmnWorkflow, engine: _Asking) -> None:
        self.specification = specification
        self.workflow = workflow
        self.finished_instances: list[str] = []
        self._passed: list[str] = []
        self._engine = engine
        self._numbers: dict[UUID, int] = {key: key.int for key in workflow.tasks if key.int < _OURS}
        self._next = max(self._numbers.values(), default=0) + 1

    @classmethod
    def begin(cls, specification: Specification) -> Running:
        """A new process, not yet advanced."""
        engine = _Asking()
        return cls(specification, BpmnWorkflow(specification.spec, script_engine=engine), engine)

    @classmethod
    def restore(cls, specification: Specification, tokens: list[list[Any]]) -> Running:
        """A process as it was saved."""
        engine = _Asking()
        workflow = BpmnWorkflow(specification.spec, script_engine=engine, deserializing=True)
        tasks: dict[UUID, Task] = {}
        for number, parent, name, state, moment, internal in tokens:
            spec = specification.spec.task_specs[specification.names[name]]
            task = Task(workflow, spec, state=state, id=UUID(int=number))
            task._parent = UUID(int=parent) if parent else None
            task._children = []
            task.last_state_change = float(moment)
            task.internal_data = dict(internal)
            tasks[task.id] = task
            if parent:
                tasks[UUID(int=parent)]._children.append(task.id)
        workflow.tasks = tasks
        workflow.task_tree = next(iter(tasks.values()))
        for task in tasks.values():
            if task.state == TaskState.WAITING and hasattr(task.task_spec, "event_definition"):
                workflow.event_manager.add_task(task)
        return cls(specification, workflow, engine)

    def save(self) -> list[list[Any]]:
        """Each token as [number, parent, name's index, state, when it last changed (as a rank), marks]."""
        tasks = list(self.workflow.tasks.values())
        moments = sorted({task.last_state_change for task in tasks})
        rank = {moment: index for index, moment in enumerate(moments)}
        return [
            [
                self._number(task.id),
                self._number(task._parent) if task._parent else 0,
                self.specification.index[task.task_spec.name],
                int(task.state),
                rank[task.last_state_change],
                task.internal_data,
            ]
            for task in tasks
        ]

    def _number(self, key: UUID) -> int:
        if key not in self._numbers:
            self._numbers[key] = self._next
            self._next += 1
        return self._numbers[key]

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen."""
        return bool(self.workflow.is_completed())

    def ready(self) -> list[Token]:
        """Everything that waits for a person, a handler or a message."""
        found = []
        for task in self.workflow.get_tasks(state=TaskState.READY | TaskState.WAITING):
            element_id = self.specification.drawn(task)
            if element_id is None:
                continue
            element = self.specification.diagram.elements[element_id]
            waits = task.state == TaskState.WAITING and element.message
            stands = task.state == TaskState.READY and element.kind in ("task", "service")
            if waits or stands:
                found.append(Token(element_id, str(self._number(task.id)), element.kind, element.message))
        return found

    def complete(self, instance: str) -> None:
        """Mark a ready token as done. It is run by `advance`, where conditions can be asked."""
        key = next(key for key, number in self._numbers.items() if str(number) == instance)
        self._pending = self.workflow.get_task_from_id(key)

    _pending: Task | None = None

    def deliver(self, name: str) -> bool:
        """Give a message to what waits for it. Returns whether anything did."""
        if not any(token.message == name for token in self.ready()):
            return False
        self.workflow.send_event(BpmnEvent(MessageEventDefinition(name)))
        return True

    def advance(self, decide: Callable[[str], bool]) -> list[str]:
        """Go as far as the drawing goes by itself. Returns the elements passed. Raises SpiffFault."""
        self._engine.decide = decide
        try:
            if self._pending is not None:
                pending, self._pending = self._pending, None
                pending.run()
                self._note(pending)
            self.workflow.do_engine_steps(did_complete_task=self._note)
        except (WorkflowTaskException, WorkflowException) as error:
            raise SpiffFault(str(error)) from error
        finally:
            self._engine.decide = None
        passed, self._passed = self._passed, []
        return passed

    def _note(self, task: Task) -> None:
        element_id = self.specification.drawn(task)
        if element_id is not None and task.state == TaskState.COMPLETED:
            self._passed.append(element_id)
            self.finished_instances.append(str(self._number(task.id)))
