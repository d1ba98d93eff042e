"""The engine of a case's process: SpiffWorkflow on the service's BPMN drawing, with CEL on the arrows.

Pure: no database, no clock. A process's *state* is a plain JSON dict of some hundred bytes that holds ids and
flags, never what people wrote and never the specification (that is the drawing's, named by its hash).

    process = Process.of(loaded.service, loaded.files)        # or effective.process
    step = process.start({"couple": True})                    # flags that the form decided
    step.state, step.ready, step.finished, step.cancelled, step.ended
    step = process.complete(step.state, "assess", {"result": "calculate"})
    step = process.message(step.state, "completion_due")
    process.active(step.state)

A task (staff or resident) and a service task both stand *ready* until somebody completes them: for a service
task that is whoever ran its handler, with the flags that the handler gave. Raises ProcessFault, with a
Swedish sentence, where the drawing cannot go on (no branch holds, a condition fails): the case then needs a
person, and the state that was given in is still valid, since nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sambruk.common.content_hash import sha256_hex
from sambruk.common.errors import SambrukError
from sambruk.platform.definitions.bpmn import Diagram, read_diagram
from sambruk.platform.definitions.conditions import CelError, ConditionFailed, Environment
from sambruk.platform.definitions.conditions.cel import Program
from sambruk.platform.definitions.conditions.names import process_names
from sambruk.platform.definitions.conditions.values import Malformed, to_value
from sambruk.platform.definitions.findings import DefinitionError, Finding
from sambruk.platform.definitions.language import Service
from sambruk.platform.definitions.spiff import Running, Specification, SpiffFault

State: TypeAlias = dict[str, Any]
FORMAT = 1
_FLAG_TYPES: dict[str, type] = {"yes_no": bool, "choice": str, "number": int}
_BUILT_IN: dict[str, type] = {"decision": str, "outcome": str, "handover": str}


class ProcessFault(SambrukError):  # noqa: N818 - reads as what happened
    """The process cannot go on by itself; a person must look. Nothing was changed."""

    code = "process_fault"


@dataclass(frozen=True)
class ReadyElement:
    """A token that waits: `id` the element in the drawing, `instance` this visit to it (a task row's key)."""

    id: str
    instance: str
    kind: Literal["task", "service", "message", "boundary"]
    name: str
    message: str = ""


@dataclass(frozen=True)
class ProcessStep:
    """What one call did: the new state, what became ready, was finished or cancelled, and whether it ended.

    `ready` holds only what is new since the state given in; `finished` every element passed, in order
    (gateways and events too); `cancelled` what was ready and no longer is, without being finished.
    """

    state: State
    ready: tuple[ReadyElement, ...]
    finished: tuple[str, ...]
    cancelled: tuple[ReadyElement, ...]
    ended: bool


class Process:
    """A parsed drawing with its compiled conditions. Immutable, shared between threads, made once a hash."""

    def __init__(self, service: Service, diagram: Diagram, specification: Specification) -> None:
        """Use `of`. Raises CelError where a condition cannot be compiled."""
        self.service = service
        self.diagram = diagram
        self._specification = specification
        self._environment = Environment(process_names(service))
        self._programs: dict[str, Program] = {
            flow.condition: self._environment.compile(flow.condition)
            for flow in diagram.flows
            if flow.condition
        }

    @classmethod
    def of(cls, service: Service, files: Mapping[str, bytes]) -> Process:
        """Parse a service's drawing. Raises DefinitionError with findings when it may not be run."""
        content = files.get(service.process)
        if content is None:
            raise DefinitionError(
                [
                    Finding(
                        "service.yaml",
                        1,
                        "file.missing",
                        f"Filen {service.process} saknas.",
                        "Lägg till den.",
                    )
                ]
            )
        diagram = read_diagram(content, service.process)
        if diagram.findings:
            raise DefinitionError(sorted(diagram.findings))
        try:
            return cls(service, diagram, Specification.parse(content, diagram, sha256_hex(content)))
        except (CelError, SpiffFault) as error:
            raise DefinitionError(
                [Finding(service.process, 1, "bpmn.process", f"{error}", "Rätta ritningen.")]
            ) from error

    def start(
        self, flags: Mapping[str, Any] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> ProcessStep:
        """Begin a process with the flags that the form decided and the municipality's parameters.

        Parameters that branches name are frozen into the state: a case stays on what it began with.
        """
        running = Running.begin(self._specification)
        state: State = {"flags": self._checked(flags or {}, self.service.flags.keys())}
        state["parameters"] = self._frozen_parameters(parameters or {})
        return self._advance(running, state, before=())

    def complete(
        self,
        state: State,
        element_id: str,
        flags: Mapping[str, Any] | None = None,
        *,
        instance: str | None = None,
    ) -> ProcessStep:
        """Finish a ready task or service task, with the flags that it sets.

        `instance` says which visit, where an element stands ready more than once. Raises ProcessFault when
        it is not ready, or when a flag is unknown or of the wrong type.
        """
        running = self._restore(state)
        before = tuple(running.ready())
        waiting = [one for one in before if one.id == element_id and one.kind in ("task", "service")]
        if instance is not None:
            waiting = [one for one in waiting if one.instance == instance]
        if len(waiting) != 1:
            raise ProcessFault("Uppgiften är inte öppen längre. Läs om sidan.", "task_not_open")
        new_state = {
            **state,
            "flags": {**state["flags"], **self._checked(flags or {}, self._settable(element_id))},
        }
        running.complete(waiting[0].instance)
        return self._advance(running, new_state, before)

    def message(self, state: State, name: str, flags: Mapping[str, Any] | None = None) -> ProcessStep:
        """Give a message to whatever waits for it. Raises ProcessFault when nothing does."""
        running = self._restore(state)
        before = tuple(running.ready())
        if not running.deliver(name):
            raise ProcessFault("Ärendet väntar inte på det här längre. Läs om sidan.", "message_not_awaited")
        new_state = {
            **state,
            "flags": {**state["flags"], **self._checked(flags or {}, self.service.flags.keys())},
        }
        return self._advance(running, new_state, before)

    def awaits(self, state: State, name: str) -> bool:
        """Return whether the process waits for a message."""
        return any(one.message == name for one in self._restore(state).ready())

    def active(self, state: State) -> tuple[ReadyElement, ...]:
        """Return everything that stands ready or waits for a message."""
        return tuple(_public(self.diagram, one.id, one.instance) for one in self._restore(state).ready())

    def trail(self, state: State) -> tuple[str, ...]:
        """Return the elements that the case has passed, in order, for the picture."""
        return tuple(state["trail"])

    def holds(self, condition: str, state: State) -> bool:
        """Return whether a condition on an arrow holds in a state. Raises ConditionFailed."""
        return self._value(condition, state)

    def _advance(self, running: Running, state: State, before: tuple[Any, ...]) -> ProcessStep:
        try:
            finished = running.advance(lambda text: self._decide(text, state))
        except SpiffFault as error:
            raise ProcessFault(
                "Ärendet kan inte gå vidare av sig självt. En handläggare behöver se på det.", "process_stuck"
            ) from error
        after = {one.instance: one for one in running.ready()}
        was = {one.instance: one for one in before}
        done = set(running.finished_instances)
        saved: State = {
            "format": FORMAT,
            "drawing": self._specification.hash,
            "flags": state["flags"],
            "parameters": state["parameters"],
            "trail": [*state.get("trail", ()), *finished],
            "tokens": running.save(),
            "ended": running.ended,
        }
        return ProcessStep(
            state=saved,
            ready=tuple(_public(self.diagram, o.id, o.instance) for k, o in after.items() if k not in was),
            finished=tuple(finished),
            cancelled=tuple(
                _public(self.diagram, o.id, o.instance)
                for k, o in was.items()
                if k not in after and k not in done
            ),
            ended=running.ended,
        )

    def _decide(self, text: str, state: State) -> bool:
        try:
            return self._value(text, state)
        except ConditionFailed as error:
            raise SpiffFault(f"condition {text!r}: {error}") from error

    def _value(self, text: str, state: State) -> bool:
        values = {**dict.fromkeys(self._environment.names), **state["parameters"], **state["flags"]}
        return bool(self._programs[text].run(values))

    def _restore(self, state: State) -> Running:
        if state.get("format") != FORMAT or state.get("drawing") != self._specification.hash:
            raise ProcessFault("Ärendets process hör till en annan version.", "process_version")
        return Running.restore(self._specification, state["tokens"])

    def _settable(self, element_id: str) -> set[str]:
        """The flags that an element may set: those declared for it, and the platform's own."""
        task = self.service.tasks.get(element_id) or self.service.handlers.get(element_id)
        return set(task.sets if task else ()) | set(_BUILT_IN)

    def _checked(self, flags: Mapping[str, Any], allowed: Any) -> dict[str, Any]:
        for key, value in flags.items():
            flag = self.service.flags.get(key)
            wanted = _FLAG_TYPES[flag.type] if flag else _BUILT_IN.get(key)
            fits = wanted is not None and (value is None or type(value) is wanted)
            if fits and flag and flag.options and value is not None:
                fits = value in {option.id for option in flag.options}
            if not fits or (key not in allowed and key not in _BUILT_IN):
                raise ProcessFault(
                    "Uppgiften gav ett resultat som processen inte känner till.", "unknown_flag"
                )
        return dict(flags)

    def _frozen_parameters(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        named = {name for program in self._programs.values() for name in program.names}
        frozen: dict[str, Any] = {}
        for key, parameter in self.service.parameters.items():
            if f"parameters.{key}" in named:
                try:
                    frozen[f"parameters.{key}"] = to_value(parameter, parameters.get(key))
                except Malformed as error:
                    raise ProcessFault(
                        "En av kommunens inställningar går inte att läsa.", "parameter"
                    ) from error
        return frozen


def _public(diagram: Diagram, element_id: str, instance: str) -> ReadyElement:
    element = diagram.elements[element_id]
    kind: Any = element.kind
    return ReadyElement(element_id, instance, kind, element.name, element.message)
