"""Answers: their wire format, reading them from forms, checking them."""

from sambruk.platform.definitions.answers.parse import Parsed, parse_step, parse_text
from sambruk.platform.definitions.answers.validate import Validated, missing_sentence, validate
from sambruk.platform.definitions.answers.wire import Answers, Errors, is_unanswered

__all__ = [
    "Answers",
    "Errors",
    "Parsed",
    "Validated",
    "is_unanswered",
    "missing_sentence",
    "parse_step",
    "parse_text",
    "validate",
]
