"""Are the answers good enough: for a step that is left, and for the whole form when it is handed in?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sambruk.platform.definitions.answers.checks import check
from sambruk.platform.definitions.answers.wire import MAX_ANSWERS_BYTES, Answers, Errors, is_unanswered
from sambruk.platform.definitions.conditions import ConditionFailed, Conditions, Evaluation
from sambruk.platform.definitions.conditions.functions import from_day
from sambruk.platform.definitions.conditions.names import answer_fields, row_fields
from sambruk.platform.definitions.conditions.values import to_value
from sambruk.platform.definitions.language import AnswerField, RepeatingGroupField, computed_of, say

_FAULT = "Vi kan inte avgöra den här frågan av sig själv. Kontakta kommunen så hjälper vi dig."


@dataclass
class Validated:
    """`answers` hold visible and computed fields alone, hidden ones are dropped; `errors` by address."""

    answers: Answers
    errors: Errors
    evaluation: Evaluation

    @property
    def good(self) -> bool:
        """Whether it may be handed in as it is."""
        return not self.errors


def validate(
    conditions: Conditions,
    answers: Mapping[str, Any],
    parameters: Mapping[str, Any],
    context: Mapping[str, Any],
    *,
    step: str | None = None,
    complete: bool = True,
) -> Validated:
    """Check answers in wire format. With `step` only that step's fields give errors.

    `complete` is for handing in or leaving a step: what is required must be there. Without it (saving a
    draft) only what was answered is checked. A condition that failed, or that is still undecided when the
    whole form is handed in, is an error of its field: it is never taken for yes or no.
    """
    if len(json.dumps(answers, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_ANSWERS_BYTES:
        return Validated({}, {"": "Svaren är för långa tillsammans. Korta dem."}, Evaluation())
    evaluation = conditions.evaluate(answers, parameters, context)
    work = _Work(conditions, answers, evaluation, context, parameters, complete)
    kept: Answers = {}
    for one in conditions.service.steps:
        chosen = step is None or one.id == step
        for answer in answer_fields(one):
            if answer.id in evaluation.visible:
                work.field(answer, answer.id, answers, kept, chosen)
    if complete:
        work.undecidable(step)
    return Validated(kept, work.errors, evaluation)


class _Work:
    def __init__(
        self,
        conditions: Conditions,
        answers: Mapping[str, Any],
        evaluation: Evaluation,
        context: Mapping[str, Any],
        parameters: Mapping[str, Any],
        complete: bool,
    ) -> None:
        self.conditions = conditions
        self.answers = answers
        self.evaluation = evaluation
        self.complete = complete
        self.errors: Errors = {}
        self.context = context
        self.parameters = parameters

    def field(
        self, answer: AnswerField, address: str, given: Mapping[str, Any], kept: Answers, chosen: bool
    ) -> None:
        if computed_of(answer) is not None:
            value = self.evaluation.computed.get(address)
            if value is not None:
                kept[answer.id] = value
            return
        wire = given.get(answer.id)
        if is_unanswered(wire):
            if chosen and self.complete and address in self.evaluation.required:
                self.errors[address] = missing_sentence(answer)
            if isinstance(answer, RepeatingGroupField) and chosen and self.complete and answer.min_rows:
                self.errors.setdefault(address, f"Lägg till minst {answer.min_rows}: {say(answer.label)}.")
            return
        faults = check(answer, wire)
        if chosen:
            for part, sentence in faults.items():
                self.errors[f"{address}.{part}" if part else address] = sentence
            if not faults:
                self._window(answer, address, wire)
        if isinstance(answer, RepeatingGroupField) and isinstance(wire, list):
            kept[answer.id] = [self._row(answer, address, i, row, chosen) for i, row in enumerate(wire)]
        else:
            kept[answer.id] = wire

    def _row(self, group: RepeatingGroupField, address: str, index: int, row: Any, chosen: bool) -> Answers:
        kept: Answers = {"row": str(row.get("row", f"r{index + 1}"))[:40]} if isinstance(row, Mapping) else {}
        for inner in row_fields(group):
            inner_address = f"{address}.{index}.{inner.id}"
            if inner_address in self.evaluation.visible and isinstance(row, Mapping):
                self.field(inner, inner_address, row, kept, chosen)
        return kept

    def _window(self, answer: AnswerField, address: str, wire: Any) -> None:
        """Dates and months have bounds in CEL: `earliest`, `latest`."""
        for key in ("earliest", "latest"):
            text = getattr(answer, key, None)
            if text is None:
                continue
            try:
                bound = self.conditions.bound(text, self.parameters, self.context)
            except ConditionFailed:
                self.errors[address] = _FAULT
                continue
            value = to_value(answer, wire)
            if (value < bound) if key == "earliest" else (value > bound):
                word = "tidigast" if key == "earliest" else "senast"
                self.errors[address] = f"Välj {word} {_shown(answer, bound)}."

    def undecidable(self, step: str | None) -> None:
        """What failed is told at its field; what is undecided too, when nothing else is missing."""
        for fault in self.evaluation.faults:
            if step is None or self._in_step(fault.address, step):
                self.errors.setdefault(fault.address, _FAULT)
        if step is None and not self.errors:
            for address in sorted(self.evaluation.undecided):
                self.errors[address] = _FAULT

    def _in_step(self, address: str, step: str) -> bool:
        top = address.split(".")[0]
        return any(one.id == step and (top == one.id or any(f.id == top for f in one.fields))
                   for one in self.conditions.service.steps)  # fmt: skip


def _shown(answer: AnswerField, day: int) -> str:
    shown: date = from_day(day)
    return f"{shown:%Y-%m}" if answer.type == "month" else shown.isoformat()


def missing_sentence(answer: AnswerField) -> str:
    """Return the sentence for a field that must be answered, which says what to do."""
    label = say(answer.label).rstrip(".:")
    if answer.type in ("yes_no", "choice", "choices"):
        return f"Välj ett svar: {label}"
    if answer.type == "amount":
        return f"Fyll i beloppet: {label}. Skriv 0 om det inte finns något."
    if answer.type == "file":
        return f"Lägg till en fil: {label}"
    if answer.type == "repeating_group":
        return f"Lägg till minst en: {label}"
    if answer.type == "place":
        return "Fyll i adressen, eller beskriv var det är."
    return f"Fyll i: {label}"
