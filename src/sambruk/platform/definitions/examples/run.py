"""Run a service's examples through form, process, decision and letter, and say what was not as expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sambruk.common.errors import Invalid
from sambruk.platform.definitions import parameters, placeholders
from sambruk.platform.definitions.answers import validate
from sambruk.platform.definitions.answers.people import taking_test_numbers
from sambruk.platform.definitions.conditions import ConditionFailed, Conditions
from sambruk.platform.definitions.examples.coverage import Coverage
from sambruk.platform.definitions.examples.model import Example, Move, NamedExample, read_examples
from sambruk.platform.definitions.findings import Finding
from sambruk.platform.definitions.language import say
from sambruk.platform.definitions.load import LoadedService
from sambruk.platform.definitions.process import Process, ProcessFault, ProcessStep, State


@dataclass
class Outcome:
    """One example's result: the elements it passed, and findings where it did not go as it says."""

    file: str
    title: str
    path: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.findings


@dataclass
class Report:
    """All examples of a service, and how much of it they tried."""

    outcomes: list[Outcome]
    coverage: Coverage

    @property
    def passed(self) -> bool:
        """Whether every example passed, and there is one."""
        return bool(self.outcomes) and all(one.passed for one in self.outcomes)


def run_examples(loaded: LoadedService) -> Report:
    """Run all examples. Raises DefinitionError when one cannot be read, BrokenConditions for the service."""
    conditions = Conditions(loaded.service)
    process = Process.of(loaded.service, loaded.files)
    coverage = Coverage(loaded.service, conditions, process.diagram)
    with taking_test_numbers():
        outcomes = [_Run(loaded, conditions, process, coverage, one).run() for one in read_examples(loaded)]
    return Report(outcomes, coverage)


class _Run:
    def __init__(
        self,
        loaded: LoadedService,
        conditions: Conditions,
        process: Process,
        coverage: Coverage,
        named: NamedExample,
    ) -> None:
        self.loaded = loaded
        self.service = loaded.service
        self.conditions = conditions
        self.process = process
        self.coverage = coverage
        self.named = named
        self.example: Example = named.example
        self.outcome = Outcome(named.file, self.example.title)
        self.decision: str | None = None

    def say(self, path: tuple[str | int, ...], message: str, instead: str = "") -> None:
        line = self.named.source.line(path)
        self.outcome.findings.append(Finding(self.named.file, line, "example", message, instead))

    def run(self) -> Outcome:
        try:
            values = parameters.complete(self.service, self.example.parameters)
        except Invalid as error:
            self.say(("parameters",), error.message_sv, "Rätta parameters.")
            return self.outcome
        context = {"today": self.example.today, "channel": self.example.channel, **self.example.context}
        self.gate(values, context)
        flags = self.form(values, context)
        if flags is not None:
            self.flow(flags, values)
        return self.outcome

    def gate(self, values: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        expected = self.example.gate
        result = self.conditions.gate(expected.answers if expected else {}, values, context)
        if expected is None:
            return
        self.coverage.gate({*result.stop, *result.advise})
        for key, got in (("stop", result.stop), ("advise", result.advise)):
            if sorted(getattr(expected, key)) != sorted(got):
                self.say(("gate", key), f"Porten gav {key}: {list(got)}.", "Rätta exemplet eller villkoren.")

    def form(self, values: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any] | None:
        """Check the form; return the process's flags when the application may be handed in."""
        if not self.example.answers:
            return None
        result = validate(self.conditions, self.example.answers, values, context)
        evaluation, expect = result.evaluation, self.example.expect
        self.coverage.form(evaluation)
        for key in expect.visible:
            if key not in evaluation.visible:
                self.say(("expect", "visible"), f"{key} visas inte.")
        for key in expect.hidden:
            if key in evaluation.visible or key in evaluation.steps:
                self.say(("expect", "hidden"), f"{key} visas.")
        for key in expect.required:
            if key not in evaluation.required:
                self.say(("expect", "required"), f"{key} är inte obligatorisk.")
        for key, value in expect.computed.items():
            if evaluation.computed.get(key) != value:
                self.say(
                    ("expect", "computed", key), f"{key} blev {evaluation.computed.get(key)}, inte {value}."
                )
        for key, value in expect.flags.items():
            if evaluation.flags.get(key) != value:
                self.say(("expect", "flags", key), f"{key} blev {evaluation.flags.get(key)}, inte {value}.")
        self._errors(result.errors)
        return evaluation.flags if result.good else None

    def _errors(self, errors: Mapping[str, str]) -> None:
        expected = self.example.expect.errors
        for address, sentence in errors.items():
            if address not in expected:
                self.say(
                    ("answers", *address.split(".")[:1]),
                    f"Oväntat fel i {address}: {sentence}",
                    "Rätta svaret.",
                )
            elif expected[address] not in sentence:
                self.say(
                    ("expect", "errors", address), f"Felet i {address} är: {sentence}", "Rätta exemplet."
                )
        for address in expected:
            if address not in errors:
                self.say(
                    ("expect", "errors", address), f"Inget fel i {address}.", "Rätta exemplet eller regeln."
                )

    def flow(self, flags: dict[str, Any], values: Mapping[str, Any]) -> None:
        try:
            step = self._handled(self.process.start(flags, values))
            self._opens(("opens",), self.example.opens, step.state)
            for position, move in enumerate(self.example.process):
                step = self._handled(self._move(step.state, move))
                self._opens(("process", position, "opens"), move.opens, step.state)
                if move.letter is not None:
                    self._letter(position, move)
        except (ProcessFault, ConditionFailed) as error:
            self.say(("process",), f"Processen kan inte gå vidare: {error}", "Rätta stegen eller ritningen.")
            return
        self.outcome.path = list(step.state["trail"])
        if step.ended != self.example.ended:
            state = "slutade" if step.ended else "slutade inte"
            self.say(("ended",), f"Processen {state}.", "Rätta ended, eller lägg till steg.")

    def _move(self, state: State, move: Move) -> ProcessStep:
        if move.message is not None:
            return self.process.message(state, move.message, move.sets)
        flags: dict[str, Any] = dict(move.sets)
        if move.decision is not None:
            flags |= self._decided(move)
        if move.handover is not None:
            flags["handover"] = move.handover
        return self.process.complete(state, move.task or "", flags)

    def _decided(self, move: Move) -> dict[str, Any]:
        declared = self.service.decisions.get(move.decision or "")
        if declared is None:
            raise ProcessFault(f"Beslutet {move.decision} finns inte i tjänsten.")
        for phrase in move.phrases:
            if phrase not in declared.phrases:
                self.say(
                    ("process",), f"Frasen {phrase} hör inte till {move.decision}.", "Välj en annan fras."
                )
        if declared.own_words == "required" and not move.own_words:
            self.say(("process",), f"{move.decision} kräver egna ord.", "Lägg till own_words.")
        self.decision = move.decision
        self.coverage.decisions.seen.add(str(move.decision))
        return {"decision": move.decision, "outcome": declared.outcome}

    def _handled(self, step: ProcessStep) -> ProcessStep:
        """Do what the system does by itself, with the results that the example gives."""
        self._count(step)
        while True:
            waiting = [one for one in self.process.active(step.state) if one.kind == "service"]
            if not waiting:
                return step
            one = waiting[0]
            step = self.process.complete(
                step.state, one.id, self.example.handlers.get(one.id, {}), instance=one.instance
            )
            self._count(step)

    def _count(self, step: ProcessStep) -> None:
        diagram = self.process.diagram
        for element_id in step.finished:
            arrows = diagram.outgoing(element_id)
            self.coverage.arrows.seen |= {
                arrow.id
                for arrow in arrows
                if not arrow.condition or self.process.holds(arrow.condition, step.state)
            }

    def _opens(self, path: tuple[str | int, ...], expected: list[str], state: State) -> None:
        got = sorted(one.id for one in self.process.active(state) if one.kind == "task")
        if sorted(expected) != got:
            self.say(path, f"Öppet är {got}, inte {sorted(expected)}.", "Rätta opens eller ritningen.")

    def _letter(self, position: int, move: Move) -> None:
        path: tuple[str | int, ...] = ("process", position, "letter")
        declared = self.service.decisions.get(self.decision or "")
        if declared is None or move.letter is None:
            self.say(path, "Inget beslut är fattat.", "Flytta letter till steget där beslutet fattas.")
            return
        values = {name: f"[{name}]" for name in placeholders.CASE_NAMES} | move.letter.values
        values["motivation"] = move.own_words or ""
        texts = [placeholders.fill(say(self.service.phrases[key].text), values) for key in move.phrases]
        values["phrases"] = "\n\n".join(texts)
        letter = self.service.letters[declared.letter]
        try:
            text = placeholders.fill(self.loaded.text(letter.file), values)
        except KeyError as error:
            self.say(path, f"Brevet behöver ett värde för {error.args[0]}.", "Lägg till det under values.")
            return
        for part in move.letter.contains:
            if part not in text:
                self.say(path, f"Brevet innehåller inte: {part}", "Rätta exemplet eller brevet.")
