"""The questions before the form: whom it is for, and what others should do instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sambruk.common.errors import Invalid, SambrukError
from sambruk.platform.definitions.answers import missing_sentence, parse_text
from sambruk.platform.definitions.answers.checks import check
from sambruk.platform.definitions.conditions import GateResult
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import Service


def read(service: Service, data: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the questions' answers from a form: answers in wire format, and sentences by question."""
    answers: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in service.eligibility.questions if service.eligibility else ():
        typed = data.get(question.id) or [""]
        try:
            value = parse_text(question.type, typed[-1])
            fault = check(question, value) if value is not None else {}
        except SambrukError as error:
            errors[question.id] = error.message_sv
            continue
        if value is None and question.required:
            errors[question.id] = missing_sentence(question)
        elif fault:
            errors[question.id] = fault[""]
        elif value is not None:
            answers[question.id] = value
    return answers, errors


def decide(effective: Effective, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> GateResult:
    """Return which rules hold. Raises Invalid by question where one is not answered, or cannot be decided.

    A rule that waits for a fact which nobody could give does not stop: a caseworker reads the application. A
    rule that fails is neither yes nor no, and sends the person to us.
    """
    service = effective.service
    if service.eligibility is None:
        return GateResult((), (), (), ())
    missing = {
        one.id: missing_sentence(one)
        for one in service.eligibility.questions
        if one.required and answers.get(one.id) is None
    }
    if missing:
        raise Invalid(missing)
    result = effective.conditions.gate(answers, effective.parameters, facts)
    if result.faults:
        raise Invalid(
            "Vi kan inte avgöra om du kan göra ansökan här. Kontakta kommunen så hjälper vi dig.",
            code="gate_fault",
        )
    return result
