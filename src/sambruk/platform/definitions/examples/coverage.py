"""How much of a service its examples have tried: steps, rules both ways, the process's arrows, decisions."""

from __future__ import annotations

from dataclasses import dataclass, field

from sambruk.platform.definitions.bpmn import Diagram
from sambruk.platform.definitions.conditions import Conditions, Evaluation
from sambruk.platform.definitions.language import Service


@dataclass
class Share:
    """So many of so many, and which are not."""

    name: str
    all: set[str]
    seen: set[str] = field(default_factory=set)

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 means every one."""
        return 100 if not self.all else 100 * len(self.seen & self.all) // len(self.all)

    @property
    def missing(self) -> list[str]:
        """What was never tried."""
        return sorted(self.all - self.seen)


class Coverage:
    """Collected over all examples of a service."""

    def __init__(self, service: Service, conditions: Conditions, diagram: Diagram) -> None:
        self.steps = Share("steg", {step.id for step in service.steps})
        self.rules = Share("villkor", set())
        self.arrows = Share("pilar i processen", {flow.id for flow in diagram.flows})
        self.decisions = Share("beslut", set(service.decisions))
        self._whens: dict[str, str] = {}
        for node in conditions.compiled.order:
            for one in (node, *node.rows):
                if one.when is not None:
                    self.rules.all |= {f"{one.id} visas", f"{one.id} döljs"}
                    self._whens[one.id] = one.step
        for rule in service.eligibility.rules if service.eligibility else ():
            self.rules.all |= {f"{rule.id} gäller", f"{rule.id} gäller inte"}

    def form(self, evaluation: Evaluation) -> None:
        """Count what one filled-in form showed and hid."""
        self.steps.seen |= evaluation.steps
        shown = {address.split(".")[-1] for address in evaluation.visible} | evaluation.steps
        # A row hides a field that another row shows: both count.
        for key in self._whens:
            addresses = {one for one in evaluation.visible if one.split(".")[-1] == key}
            if key in shown:
                self.rules.seen.add(f"{key} visas")
            rows = {a.rsplit(".", 1)[0] for a in evaluation.visible if a.count(".") == 2}
            hidden_row = any(f"{row}.{key}" not in addresses for row in rows)
            if key not in shown or (hidden_row and any("." in one for one in addresses)):
                self.rules.seen.add(f"{key} döljs")

    def gate(self, held: set[str]) -> None:
        """Count which rules of the gate held."""
        for name in self.rules.all:
            if name.endswith(" gäller") and name.removesuffix(" gäller") in held:
                self.rules.seen.add(name)
            if name.endswith(" gäller inte") and name.removesuffix(" gäller inte") not in held:
                self.rules.seen.add(name)

    @property
    def shares(self) -> list[Share]:
        """All counts, in the order that they are shown."""
        return [self.steps, self.rules, self.arrows, self.decisions]
