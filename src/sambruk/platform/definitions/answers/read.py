"""Answers that come whole, in wire format, from another system: read as strictly as a form is.

What passes here has the shape that its fields give it, so that conditions, signatures and the check of the
whole (`validate`) can work with it. Errors are told by the same addresses as a form's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sambruk.platform.definitions.answers.checks import check
from sambruk.platform.definitions.answers.parse import Parsed
from sambruk.platform.definitions.answers.wire import ROW_ID, Answers, Errors, is_unanswered
from sambruk.platform.definitions.conditions.names import answer_fields, row_fields
from sambruk.platform.definitions.language import AnswerField, RepeatingGroupField, Service, computed_of

_UNKNOWN = "Frågan finns inte i e-tjänsten. Ta bort den."
_COMPUTED = "Det här räknas fram av e-tjänsten. Ta bort det."
_FILE = "Filer tas inte emot den här vägen. Ta bort svaret."
_LONGEST_NAME = 80


def read_answers(service: Service, data: Mapping[str, Any]) -> Parsed:
    """Read answers by field id. What is unanswered (null, empty) is left out; nothing is guessed."""
    fields = {field.id: field for step in service.steps for field in answer_fields(step)}
    parsed = Parsed()
    for name, wire in data.items():
        field = fields.get(name)
        if field is None:
            parsed.errors[name[:_LONGEST_NAME]] = _UNKNOWN
        else:
            _one(field, name, wire, parsed.answers, parsed.errors)
    return parsed


def read_questions(service: Service, data: Mapping[str, Any]) -> Parsed:
    """Read the answers to the questions before the form, by question."""
    questions = {one.id: one for one in (service.eligibility.questions if service.eligibility else ())}
    parsed = Parsed()
    for name, wire in data.items():
        question = questions.get(name)
        if question is None:
            parsed.errors[name[:_LONGEST_NAME]] = _UNKNOWN
        elif not is_unanswered(wire):
            if fault := check(question, wire).get(""):
                parsed.errors[name] = fault
            else:
                parsed.answers[name] = wire
    return parsed


def _one(field: AnswerField, address: str, wire: Any, answers: Answers, errors: Errors) -> None:
    if is_unanswered(wire):
        return
    if computed_of(field) is not None:
        errors[address] = _COMPUTED
    elif field.type == "file":
        errors[address] = _FILE
    elif faults := check(field, wire):
        errors.update({f"{address}.{part}" if part else address: text for part, text in faults.items()})
    elif isinstance(field, RepeatingGroupField):
        answers[field.id] = [
            _row(field, f"{address}.{place}", place, row, errors) for place, row in enumerate(wire)
        ]
    else:
        answers[field.id] = wire


def _row(
    group: RepeatingGroupField, address: str, place: int, wire: Mapping[str, Any], errors: Errors
) -> Answers:
    fields = {field.id: field for field in row_fields(group)}
    given = wire.get("row", f"r{place + 1}")
    row: Answers = {"row": given}
    if not isinstance(given, str) or not ROW_ID.fullmatch(given):
        errors[f"{address}.row"] = "Radens id får ha bokstäver, siffror och bindestreck, högst 40 tecken."
    for name, value in wire.items():
        if name in fields:
            _one(fields[name], f"{address}.{name}", value, row, errors)
        elif name != "row":
            errors[f"{address}.{name[:_LONGEST_NAME]}"] = _UNKNOWN
    return row
