"""What a check says, and the register of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Level(StrEnum):
    """How it stands. A warning needs thought, a fault needs action."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: ``part`` names it, ``text`` says how it stands, ``advice`` what to do.

    No finding holds a secret or a person's data: it may be sent to somebody for help.
    """

    part: str
    level: Level
    text: str
    advice: str = ""


Check: TypeAlias = Callable[[], Iterator[Finding]]
CHECKS: list[tuple[str, Check]] = []


def check(part: str) -> Callable[[Check], Check]:
    """Register a check, in the order of the files; it yields one or more findings."""

    def register(function: Check) -> Check:
        CHECKS.append((part, function))
        return function

    return register


def ok(part: str, text: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(part, Level.OK, text)


def warn(part: str, text: str, advice: str) -> Finding:
    """Return a warning."""
    return Finding(part, Level.WARN, text, advice)


def fault(part: str, text: str, advice: str) -> Finding:
    """Return a fault."""
    return Finding(part, Level.FAULT, text, advice)
