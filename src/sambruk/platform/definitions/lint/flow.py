"""The process: what is drawn and what is declared must agree, every part be reached, every branch decided."""

from __future__ import annotations

from collections.abc import Iterable

from sambruk.platform.definitions.bpmn import Diagram, Element, read_diagram
from sambruk.platform.definitions.conditions.cel import CelError, ConditionFailed, Environment, Program
from sambruk.platform.definitions.conditions.functions import Kind
from sambruk.platform.definitions.conditions.names import process_names
from sambruk.platform.definitions.findings import DefinitionError
from sambruk.platform.definitions.lint.domains import Name, try_out
from sambruk.platform.definitions.lint.index import Index
from sambruk.platform.definitions.process import Process

_FLAG_KINDS = {"yes_no": Kind.BOOL, "choice": Kind.STRING, "number": Kind.INT}
_MAX_COMBINATIONS = 3000


class _Flow:
    def __init__(self, index: Index, diagram: Diagram) -> None:
        self.index = index
        self.diagram = diagram
        self.service = index.loaded.service
        self.environment = Environment(process_names(self.service))
        self.programs: dict[str, Program] = {}

    def say(
        self, element: Element | None, rule: str, message: str, instead: str, *, warning: bool = False
    ) -> None:
        line = element.line if element else 1
        self.index.add((), rule, message, instead, file=self.diagram.file, line=line, warning=warning)

    def check(self) -> None:
        self.declared()
        self.reached()
        self.compiled()
        self.stations()
        for element in self.diagram.elements.values():
            if element.kind == "choice":
                self.branches(element)
        if not any(one.severity == "error" for one in self.index.findings if one.file == self.diagram.file):
            try:
                Process.of(self.service, self.index.loaded.files)
            except DefinitionError as error:
                self.index.findings += error.findings

    def declared(self) -> None:
        """Every task and service task is declared once, and nothing is declared that is not drawn."""
        drawn: dict[str, set[str]] = {"task": set(self.service.tasks), "service": set(self.service.handlers)}
        for element in self.diagram.elements.values():
            if element.kind in drawn and element.id not in drawn[element.kind]:
                place = "tasks" if element.kind == "task" else "handlers"
                self.say(
                    element,
                    "bpmn.undeclared",
                    f"{element.id} saknas i service.yaml.",
                    f"Lägg till den under {place}.",
                )
            if element.message and element.message not in self.service.messages:
                self.say(
                    element,
                    "bpmn.undeclared",
                    f"Meddelandet {element.message} saknas.",
                    "Lägg till det under messages.",
                )
        for kind, declared in drawn.items():
            names = {one.id for one in self.diagram.elements.values() if one.kind == kind}
            for key in declared:
                if key not in names:
                    section = "tasks" if kind == "task" else "handlers"
                    self.index.add(
                        (section, key),
                        "bpmn.undrawn",
                        f"{key} finns inte i ritningen.",
                        "Rita den, eller ta bort den.",
                    )
        awaited = {one.message for one in self.diagram.elements.values() if one.message}
        for key in self.service.messages:
            if key not in awaited:
                self.index.add(
                    ("messages", key), "bpmn.undrawn", f"Ingen i ritningen väntar på {key}.", "Ta bort det."
                )

    def reached(self) -> None:
        """From the start everything is reached, and from everything an end."""
        starts = [one.id for one in self.diagram.elements.values() if one.kind == "start"]
        ends = [one.id for one in self.diagram.elements.values() if one.kind == "end"]
        if len(starts) != 1 or not ends:
            self.say(None, "bpmn.ends", "Processen ska ha en start och minst ett slut.", "Rita dem.")
            return
        forward = self._walk(starts, backwards=False)
        backward = self._walk(ends, backwards=True)
        for element in self.diagram.elements.values():
            if element.id not in forward:
                self.say(
                    element,
                    "bpmn.unreachable",
                    f"{element.id} nås aldrig.",
                    "Dra en pil dit, eller ta bort den.",
                )
            elif element.id not in backward:
                self.say(element, "bpmn.stuck", f"Från {element.id} nås inget slut.", "Dra en pil vidare.")

    def _walk(self, begin: Iterable[str], *, backwards: bool) -> set[str]:
        seen: set[str] = set()
        waiting = list(begin)
        while waiting:
            current = waiting.pop()
            if current in seen or current not in self.diagram.elements:
                continue
            seen.add(current)
            arrows = self.diagram.incoming(current) if backwards else self.diagram.outgoing(current)
            waiting += [arrow.source if backwards else arrow.target for arrow in arrows]
            host = self.diagram.elements[current].attached_to
            if backwards and host:
                waiting.append(host)
            if not backwards:
                waiting += [one.id for one in self.diagram.elements.values() if one.attached_to == current]
        return seen

    def compiled(self) -> None:
        """Conditions stand on arrows out of exclusive gateways alone, and are right."""
        for flow in self.diagram.flows:
            if not flow.condition:
                continue
            source = self.diagram.elements.get(flow.source)
            if source is not None and source.kind != "choice":
                self.index.add(
                    (),
                    "bpmn.condition",
                    f"Pilen {flow.id} har ett villkor men går inte från en grind.",
                    "Rita en exklusiv grind.",
                    file=self.diagram.file,
                    line=flow.line,
                )
            try:
                self.programs[flow.id] = self.environment.compile(flow.condition)
            except CelError as error:
                self.index.add(
                    (),
                    "condition.type",
                    f"Pilen {flow.id}: {error.message}",
                    "Rätta villkoret.",
                    file=self.diagram.file,
                    line=flow.line,
                )

    def stations(self) -> None:
        """Each station's elements are drawn; each task stands at one station."""
        where: dict[str, str] = {}
        for position, station in enumerate(self.service.stations):
            for element_id in station.elements:
                path = ("stations", position, "elements")
                if element_id not in self.diagram.elements:
                    self.index.add(
                        path, "reference", f"{element_id} finns inte i ritningen.", "Rätta elements."
                    )
                if element_id in where:
                    self.index.add(path, "station.twice", f"{element_id} står vid två stationer.", "Välj en.")
                where[element_id] = station.id
        for key in self.service.tasks:
            if key not in where:
                self.index.add(
                    ("tasks", key),
                    "station.none",
                    f"{key} står inte vid någon station.",
                    "Lägg till den under stations.",
                )

    def branches(self, gateway: Element) -> None:
        """Out of a gateway some branch always holds, each can hold, and two seldom do at once."""
        arrows = self.diagram.outgoing(gateway.id)
        if len(arrows) < 2:
            return
        open_arrows = [flow for flow in arrows if not flow.condition and flow.id != gateway.default]
        for flow in open_arrows:
            self.index.add(
                (),
                "bpmn.condition",
                f"Pilen {flow.id} från {gateway.id} saknar villkor.",
                "Skriv ett villkor, eller gör den till standard.",
                file=self.diagram.file,
                line=flow.line,
            )
        programs = [self.programs[flow.id] for flow in arrows if flow.id in self.programs]
        if open_arrows or len(programs) < len([flow for flow in arrows if flow.condition]):
            return
        names = {name for program in programs for name in program.names}
        for name in sorted(names):
            self._is_set(gateway, name)
        known = {name: self._name(name) for name in names}
        for flow in arrows:
            program = self.programs.get(flow.id)
            if program and (tried := try_out(program, known)).complete and True not in tried.values:
                self.say(
                    gateway, "condition.never", f"Pilen {flow.id} väljs aldrig.", "Rätta eller ta bort den."
                )
        self._gap(gateway, programs, known)

    def _gap(self, gateway: Element, programs: list[Program], known: dict[str, Name]) -> None:
        together = Program("", Kind.BOOL, tuple(sorted(known)), None)
        gaps, overlaps = _combine(programs, together.names, known)
        if gaps and not gateway.default:
            self.say(
                gateway,
                "bpmn.gap",
                f"I {gateway.id} gäller ingen pil när {gaps[0]}.",
                "Lägg till en pil, eller en standardpil.",
            )
        if overlaps:
            self.say(
                gateway,
                "bpmn.overlap",
                f"I {gateway.id} gäller flera pilar när {overlaps[0]}.",
                "Gör villkoren åtskilda.",
                warning=True,
            )

    def _name(self, name: str) -> Name:
        """A name as it is when the gateway is reached: flags that steer it have been set."""
        built_in = {
            "decision": tuple(self.service.decisions),
            "outcome": tuple(sorted({one.outcome for one in self.service.decisions.values()})),
            "handover": ("accepted", "returned"),
        }
        if name in built_in:
            return Name(Kind.STRING, built_in[name], may_lack=False)
        if name.startswith("parameters."):
            parameter = self.service.parameters[name.removeprefix("parameters.")]
            options = tuple(option.id for option in parameter.options or ())
            return Name(self.environment.names[name], options, may_lack=False)
        flag = self.service.flags[name]
        return Name(_FLAG_KINDS[flag.type], tuple(option.id for option in flag.options or ()), may_lack=False)

    def _is_set(self, gateway: Element, name: str) -> None:
        """A flag that steers must be set by the form, a task, a handler or the platform."""
        if name.startswith("parameters."):
            return
        tasks = self.service.tasks.values()
        set_by = {one for task in tasks for one in task.sets}
        set_by |= {one for handler in self.service.handlers.values() for one in handler.sets}
        set_by |= {key for key, flag in self.service.flags.items() if flag.computed}
        if any(task.decides for task in tasks):
            set_by |= {"decision", "outcome"}
        if self.service.handover:
            set_by.add("handover")
        if name not in set_by:
            self.say(
                gateway,
                "flag.unset",
                f"{name} styr {gateway.id} men sätts aldrig.",
                "Lägg den i sets för en uppgift.",
            )


def _combine(
    programs: list[Program], names: tuple[str, ...], known: dict[str, Name]
) -> tuple[list[str], list[str]]:
    """Return descriptions of combinations where no branch holds, and where several do."""
    import itertools

    from sambruk.platform.definitions.lint.domains import _domain

    text = " ".join(program.text for program in programs)
    domains = [_domain(known[name], text) for name in names]
    gaps: list[str] = []
    overlaps: list[str] = []
    for values in itertools.islice(itertools.product(*domains), _MAX_COMBINATIONS):
        given = dict(zip(names, values, strict=True))
        try:
            held = sum(1 for program in programs if program.run(given))
        except ConditionFailed:
            held = 0
        shown = ", ".join(f"{name} är {value}" for name, value in given.items())
        if held == 0:
            gaps.append(shown)
        elif held > 1:
            overlaps.append(shown)
    return gaps, overlaps


def lint_flow(index: Index) -> None:
    """Check the drawing of the process."""
    name = index.loaded.service.process
    content = index.loaded.files.get(name)
    if content is None:
        index.add(("process",), "file.missing", f"Filen {name} saknas.", "Lägg till den.")
        return
    diagram = read_diagram(content, name)
    index.findings += diagram.findings
    if diagram.elements:
        _Flow(index, diagram).check()
