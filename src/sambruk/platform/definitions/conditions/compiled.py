"""A service's conditions compiled once: in which order they are decided, and on what each depends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from sambruk.platform.definitions.conditions.cel import CelError, Environment, Program
from sambruk.platform.definitions.conditions.functions import Kind
from sambruk.platform.definitions.conditions.names import Names, form_names, kind_of, row_names
from sambruk.platform.definitions.language import (
    Field,
    InformationField,
    RepeatingGroupField,
    RowField,
    Service,
    Step,
    computed_of,
)


@dataclass(frozen=True)
class Problem:
    """A condition that cannot be compiled, or a cycle. `owner` is the field or step, `key` its key there."""

    owner: str
    key: str
    message: str
    line: int = 1
    cycle: tuple[str, ...] = ()


@dataclass
class Node:
    """A step or field with its programs. `needs` are the steps and fields that must be decided before."""

    id: str
    item: Step | Field | RowField
    step: str = ""
    when: Program | None = None
    required_when: Program | None = None
    computed: Program | None = None
    needs: set[str] = field(default_factory=set)
    rows: list[Node] = field(default_factory=list)


@dataclass
class Compiled:
    """The nodes in the order in which they are decided, the names, and what could not be compiled."""

    names: Names
    environment: Environment
    order: list[Node]
    problems: list[Problem]
    row_environments: dict[str, Environment]
    flags: dict[str, Program]
    #: Conditions of parties ("parties.co_applicant") and signatures ("signatures.0").
    applies: dict[str, Program] = field(default_factory=dict)


_KEYS: tuple[tuple[str, Kind | None], ...] = (
    ("when", Kind.BOOL),
    ("required_when", Kind.BOOL),
    ("computed", None),
)


_FLAG_KINDS = {"yes_no": Kind.BOOL, "choice": Kind.STRING, "number": Kind.INT}


class _Compiler:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.names = form_names(service)
        self.environment = Environment(self.names.kinds)
        self.problems: list[Problem] = []
        self.row_environments: dict[str, Environment] = {}

    def compile(self) -> Compiled:
        nodes: dict[str, Node] = {}
        for step in self.service.steps:
            node = self._node(step, self.environment, self.names)
            nodes[step.id] = node
            for item in step.fields:
                inner = self._node(item, self.environment, self.names)
                inner.step = step.id
                inner.needs.add(step.id)
                if isinstance(item, RepeatingGroupField):
                    self._group(item, inner)
                nodes[item.id] = inner
        order = self._sorted(nodes.values())
        flags = self._flags()
        return Compiled(
            self.names,
            self.environment,
            order,
            self.problems,
            self.row_environments,
            flags,
            self._applies(),
        )

    def _applies(self) -> dict[str, Program]:
        declared = {f"parties.{key}": party.when for key, party in self.service.parties.items()}
        declared |= {f"signatures.{n}": one.when for n, one in enumerate(self.service.signatures)}
        programs: dict[str, Program] = {}
        for key, text in declared.items():
            if text is not None:
                try:
                    programs[key] = self.environment.compile(text, Kind.BOOL)
                except CelError as error:
                    self.problems.append(Problem(key, "when", error.message, error.line))
        return programs

    def _flags(self) -> dict[str, Program]:
        programs: dict[str, Program] = {}
        for key, flag in self.service.flags.items():
            if flag.computed is not None:
                try:
                    programs[key] = self.environment.compile(flag.computed, _FLAG_KINDS[flag.type])
                except CelError as error:
                    self.problems.append(Problem(f"flags.{key}", "is", error.message, error.line))
        return programs

    def _group(self, group: RepeatingGroupField, node: Node) -> None:
        names = row_names(self.names, group)
        environment = Environment(names.kinds)
        self.row_environments[group.id] = environment
        own = {one.id for one in group.fields}
        rows = [self._node(item, environment, names) for item in group.fields]
        for row in rows:
            node.needs |= row.needs - own
            row.needs &= own
        node.rows = self._sorted(rows)

    def _node(self, item: Step | Field | RowField, environment: Environment, names: Names) -> Node:
        node = Node(item.id, item)
        for key, kind in _KEYS:
            text = (
                computed_of(item)
                if key == "computed" and not isinstance(item, Step)
                else getattr(item, key, None)
            )
            if text is None or (kind is None and isinstance(item, Step | InformationField)):
                continue
            try:
                program = environment.compile(text, kind or kind_of(item))  # type: ignore[arg-type]
            except CelError as error:
                self.problems.append(Problem(item.id, key, error.message, error.line))
                continue
            setattr(node, key, program)
            if key == "required_when":
                # Decided last, since it changes no value: "e-mail unless telephone, and the other way round".
                continue
            node.needs |= {names.owner[name] for name in program.names if name in names.owner}
        return node

    def _sorted(self, nodes: Iterable[Node]) -> list[Node]:
        by_id = {node.id: node for node in nodes}
        sorter = TopologicalSorter({key: sorted(node.needs & set(by_id)) for key, node in by_id.items()})
        try:
            return [by_id[key] for key in sorter.static_order()]
        except CycleError as error:
            cycle = tuple(error.args[1])
            shown = " → ".join(reversed(cycle))
            self.problems.append(Problem(cycle[0], "when", f"Villkoren går runt: {shown}.", cycle=cycle))
            return list(by_id.values())


def compile_service(service: Service) -> Compiled:
    """Compile every condition on steps and fields. Problems are collected, not raised."""
    return _Compiler(service).compile()
