"""What is asked, what must be answered and what is computed, for given answers."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sambruk.platform.definitions.conditions.cel import ConditionFailed, Environment, Program, Unanswered
from sambruk.platform.definitions.conditions.compiled import Compiled, Node, Problem, compile_service
from sambruk.platform.definitions.conditions.functions import Kind, to_day
from sambruk.platform.definitions.conditions.names import (
    CONTEXT,
    PARTS,
    base_names,
    gate_names,
    kind_of,
    row_fields,
)
from sambruk.platform.definitions.conditions.values import Malformed, part_values, to_value, to_wire
from sambruk.platform.definitions.language import InformationField, RepeatingGroupField, Service, Step


@dataclass(frozen=True)
class Fault:
    """A condition that failed, or an answer that could not be read: the case goes to a person."""

    address: str
    expression: str
    message: str


@dataclass
class Evaluation:
    """The outcome. Addresses are field ids; inside a group `children.0.name` (row counted from 0).

    `undecided` are steps and fields whose condition waits for an answer: they are not asked yet. When a
    form is handed in, none may be left. `computed` holds values in their wire format, None if undecided.
    `flags` are those that the process starts with; `parties` who takes part, `signatures` the places (from 0)
    of those that are asked for.
    """

    steps: set[str] = field(default_factory=set)
    visible: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    computed: dict[str, Any] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)
    flags: dict[str, Any] = field(default_factory=dict)
    parties: set[str] = field(default_factory=set)
    signatures: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class GateResult:
    """Which rules of the eligibility gate hold: those that stop, those that advise, those not decided."""

    stop: tuple[str, ...]
    advise: tuple[str, ...]
    undecided: tuple[str, ...]
    faults: tuple[Fault, ...]


class BrokenConditions(ValueError):  # noqa: N818
    """The service has conditions that cannot be compiled; `problems` say which. Lint finds them first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{one.owner}.{one.key}: {one.message}" for one in problems))


class Conditions:
    """A service's conditions, compiled once and then evaluated for each set of answers. Thread-safe."""

    def __init__(self, service: Service) -> None:
        """Compile. Raises BrokenConditions when something cannot be compiled or runs in a circle."""
        self.service = service
        self.compiled: Compiled = compile_service(service)
        if self.compiled.problems:
            raise BrokenConditions(self.compiled.problems)
        self._base = Environment(base_names(service).kinds)
        gate = gate_names(service)
        self._gate_environment = Environment(gate.kinds)
        self._gate: list[tuple[str, str, Program]] = [
            (rule.id, rule.then, self._gate_environment.compile(rule.when))
            for rule in (service.eligibility.rules if service.eligibility else [])
        ]

    def evaluate(
        self, answers: Mapping[str, Any], parameters: Mapping[str, Any], context: Mapping[str, Any]
    ) -> Evaluation:
        """Decide what is visible, required and computed.

        `answers` in their wire format by field id, `parameters` in wire format by id, `context` by short
        name (`today` is a date; what is missing counts as unanswered). So do answers to hidden fields.
        """
        run = _Run(self.service, answers, self._outer_values(parameters, context))
        for node in self.compiled.order:
            run.decide(node)
        run.requirements()
        for key, program in self.compiled.flags.items():
            run.flag(key, program)
        run.applies(self.compiled.applies)
        return run.result

    def gate(
        self, answers: Mapping[str, Any], parameters: Mapping[str, Any], context: Mapping[str, Any]
    ) -> GateResult:
        """Decide the rules of the eligibility gate. Arguments as `evaluate`."""
        values = self._outer_values(parameters, context)
        faults: list[Fault] = []
        for question in self.service.eligibility.questions if self.service.eligibility else ():
            try:
                values[question.id] = to_value(question, answers.get(question.id))
            except Malformed as error:
                faults.append(Fault(question.id, "", str(error)))
        held: dict[str, list[str]] = {"stop": [], "advise": [], "undecided": []}
        for rule_id, then, program in self._gate:
            try:
                if program.run(values):
                    held[then].append(rule_id)
            except Unanswered:
                held["undecided"].append(rule_id)
            except ConditionFailed as error:
                faults.append(Fault(rule_id, program.text, str(error)))
        return GateResult(tuple(held["stop"]), tuple(held["advise"]), tuple(held["undecided"]), tuple(faults))

    def bound(self, text: str, parameters: Mapping[str, Any], context: Mapping[str, Any]) -> int:
        """Return the day of an `earliest` or `latest`: it may name parameters and context alone.

        Raises Unanswered or ConditionFailed.
        """
        return int(self._base.compile(text, Kind.INT).run(self._outer_values(parameters, context)))

    def _outer_values(self, parameters: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in CONTEXT:
            given = context.get(name.removeprefix("context."))
            values[name] = to_day(given) if isinstance(given, date) else given
        for key, parameter in self.service.parameters.items():
            values[f"parameters.{key}"] = to_value(parameter, parameters.get(key))
        return values


class _Run:
    """One evaluation: values grow as nodes are decided in their order."""

    def __init__(self, service: Service, answers: Mapping[str, Any], values: dict[str, Any]) -> None:
        self.service = service
        self.answers = answers
        self.values = values
        self.today = values["context.today"]
        self.result = Evaluation()
        self._pending: list[tuple[Program, str, Mapping[str, Any]]] = []

    def decide(self, node: Node) -> None:
        if isinstance(node.item, Step):
            if self._holds(node.when, node.id, self.values):
                self.result.steps.add(node.id)
            return
        shown = node.step in self.result.steps and self._holds(node.when, node.id, self.values)
        if isinstance(node.item, RepeatingGroupField):
            self._group(node, node.item, shown)
        else:
            self._field(node, node.id, self.answers, self.values, shown)

    def _holds(self, program: Program | None, address: str, values: Mapping[str, Any]) -> bool:
        """Whether a condition holds; undecided and failed are noted, and do not show anything."""
        if program is None:
            return True
        try:
            return bool(program.run(values))
        except Unanswered:
            self.result.undecided.add(address)
        except ConditionFailed as error:
            self.result.faults.append(Fault(address, program.text, str(error)))
        return False

    def _field(
        self,
        node: Node,
        address: str,
        answers: Mapping[str, Any],
        values: MutableMapping[str, Any],
        shown: bool,
    ) -> None:
        item = node.item
        if shown:
            self.result.visible.add(address)
        if isinstance(item, InformationField | Step):
            return
        wire = answers.get(item.id) if shown else None
        if node.computed is not None:
            wire = self._computed(node, address, values) if shown else None
        try:
            values[item.id] = to_value(item, wire)
        except Malformed as error:
            # Not put among the values: a condition that needs it fails, rather than taking it for unanswered.
            values.pop(item.id, None)
            self.result.faults.append(Fault(address, "", str(error)))
        if item.type in PARTS:
            for part, value in part_values(item, wire, self.today).items():
                values[f"{item.id}.{part}"] = value
        if shown and node.computed is None:
            self._requirement(node, address, values, item.required)

    def _requirement(self, node: Node, address: str, values: Mapping[str, Any], required: bool) -> None:
        if required:
            self.result.required.add(address)
        elif node.required_when is not None:
            self._pending.append((node.required_when, address, values))

    def requirements(self) -> None:
        """Decide what must be answered under a condition, when all values are known."""
        for program, address, values in self._pending:
            if self._holds(program, address, values):
                self.result.required.add(address)

    def _computed(self, node: Node, address: str, values: Mapping[str, Any]) -> Any:
        assert node.computed is not None and not isinstance(node.item, Step | InformationField)  # noqa: S101
        value = None
        try:
            value = to_wire(node.item, node.computed.run(values))
        except Unanswered:
            # A sum that waits for an amount is unknown, not zero.
            value = None
        except (ConditionFailed, OverflowError, ValueError) as error:
            self.result.faults.append(Fault(address, node.computed.text, str(error)))
        self.result.computed[address] = value
        return value

    def flag(self, key: str, program: Program) -> None:
        """Compute a flag that the process starts with; undecided is None, and on the list."""
        self.result.flags[key] = None
        try:
            self.result.flags[key] = program.run(self.values)
        except Unanswered:
            self.result.undecided.add(f"flags.{key}")
        except ConditionFailed as error:
            self.result.faults.append(Fault(f"flags.{key}", program.text, str(error)))

    def applies(self, programs: Mapping[str, Program]) -> None:
        """Decide which parties take part and which signatures are asked for."""
        for key in self.service.parties:
            if self._holds(programs.get(f"parties.{key}"), f"parties.{key}", self.values):
                self.result.parties.add(key)
        for place in range(len(self.service.signatures)):
            if self._holds(programs.get(f"signatures.{place}"), f"signatures.{place}", self.values):
                self.result.signatures.add(place)

    def _group(self, node: Node, group: RepeatingGroupField, shown: bool) -> None:
        given = self.answers.get(group.id) if shown else None
        if shown:
            self.result.visible.add(group.id)
            self._requirement(node, group.id, self.values, group.required)
        rows = given if isinstance(given, Sequence) and not isinstance(given, str) else []
        if given is not None and rows is not given:
            self.result.faults.append(Fault(group.id, "", "not a repeating_group"))
        columns: dict[str, list[Any]] = {inner.id: [] for inner in row_fields(group)}
        for index, row in enumerate(rows[: group.max_rows]):
            values: MutableMapping[str, Any] = ChainMap({}, self.values)
            for inner in node.rows:
                address = f"{group.id}.{index}.{inner.id}"
                visible = self._holds(inner.when, address, values)
                self._field(inner, address, row if isinstance(row, Mapping) else {}, values, visible)
                if inner.id in columns and address in self.result.visible and inner.id in values:
                    columns[inner.id].append(values[inner.id])
        self.values[group.id] = [{"row": "yes"} for _ in rows]
        for inner_field in row_fields(group):
            name = f"{group.id}.{inner_field.id}"
            if kind_of(inner_field) in _COLUMN_KINDS:
                self.values[name] = columns[inner_field.id]


_COLUMN_KINDS = ("int", "bool", "string")
