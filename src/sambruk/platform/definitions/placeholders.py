"""Placeholders in texts of a service: `{name}`, filled with text, never with markup."""

from __future__ import annotations

import re
from collections.abc import Mapping

PATTERN = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BRACE = re.compile(r"[{}]")

#: What the platform knows of a case and its decision; letters and phrases may name it.
CASE_NAMES = frozenset(
    {
        "decision_title",
        "decision_date",
        "decided_by",
        "applicants",
        "municipality",
        "case_number",
        "service",
        "motivation",
        "phrases",
        "amount",
        "month",
        "legal_basis",
        "appeal_time",
    }
)


def names_in(text: str) -> list[str]:
    """Return the placeholders of a text, in order."""
    return PATTERN.findall(text)


def stray_brace(text: str) -> bool:
    """Return whether a text has a brace that is no placeholder's."""
    return _BRACE.search(PATTERN.sub("", text)) is not None


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace each placeholder with its value, once: a value that looks like a placeholder stays text.

    Raises KeyError for a placeholder without a value.
    """
    return PATTERN.sub(lambda match: values[match[1]], text)
