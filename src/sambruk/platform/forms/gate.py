"""The questions before the form: whom it is for, and what others should do instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid, SambrukError
from sambruk.platform.definitions.answers import missing_sentence, parse_text
from sambruk.platform.definitions.answers.checks import check
from sambruk.platform.definitions.conditions import GateResult
from sambruk.platform.definitions.display import text_of
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import Service, say
from sambruk.platform.definitions.language.form import GateRule
from sambruk.platform.forms import facts as known_facts
from sambruk.platform.forms.facts import OF_CASES, REGISTERED


def asks_registration(service: Service) -> bool:
    """Return whether a rule needs to know if the person is registered here, which only the person can say."""
    pattern = re.compile(rf"{re.escape(REGISTERED)}\b")
    return service.eligibility is not None and any(
        pattern.search(rule.when) for rule in service.eligibility.rules
    )


def registration_question(principal: str) -> str:
    """Return the question of a principal by its name ("Järfälla kommun")."""
    return f"Är du folkbokförd i {principal}?"


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
    said = (data.get(REGISTERED) or [""])[-1]
    if asks_registration(service) and said in ("yes", "no"):
        answers[REGISTERED] = said == "yes"
    return answers, errors


def told(service: Service, answers: Mapping[str, Any], principal: str) -> list[tuple[str, str]]:
    """Return the answers before the form as pairs of question and words: they are signed with the rest."""
    found = []
    for question in service.eligibility.questions if service.eligibility else ():
        if (value := answers.get(question.id)) is not None:
            found.append((say(question.label), text_of(question, value)))
    if isinstance(value := answers.get(REGISTERED), bool):
        found.append((registration_question(principal), "Ja" if value else "Nej"))
    return found


def words_of(rule: GateRule, by: Actor) -> dict[str, str]:
    """Return a rule's title, text and link. To staff who may not know why it holds, a neutral sentence."""
    if re.search(r"\bcontext\.protected_identity\b", rule.when) and known_facts.hides_person(by):
        return {
            "title": _("Den här ansökan går inte att fylla i här"),
            "text": _("Be personen att ringa dem som tar emot ansökan. De hjälper till."),
            "link": "",
        }
    return {"title": say(rule.title), "text": say(rule.instead), "link": rule.link or ""}


def not_shown(effective: Effective, by: Actor) -> list[dict[str, str]]:
    """Return what staff are told who may not know if the person has a case: the same whoever it is."""
    service = effective.service
    asks = re.compile(rf"\bcontext\.(?:{'|'.join(sorted(OF_CASES))})\b")
    if service.eligibility is None or not any(asks.search(rule.when) for rule in service.eligibility.rules):
        return []
    if not known_facts.hides_cases(effective, by):
        return []
    return [
        {
            "title": _("Du ser inte här om personen har ett ärende"),
            "text": _("Du kan fylla i ansökan ändå. Vi hör av oss om den ska göras på ett annat sätt."),
            "link": "",
        }
    ]


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
