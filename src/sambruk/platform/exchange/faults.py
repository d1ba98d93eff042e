"""Named faults that need a person, shown on the operator's page: whoever keeps them registers a source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: a Swedish sentence without personal data, since when, and where it can be mended."""

    text: str
    at: datetime | None = None
    url: str = ""


#: Called with the most that will be shown; one more tells that there are others.
Source: TypeAlias = Callable[[int], Sequence[Fault]]


@dataclass(frozen=True, slots=True)
class FaultList:
    """A source's faults. ``more`` tells that not all are here."""

    name: str
    label: str
    faults: Sequence[Fault]
    more: bool


SHOWN = 20

_sources: dict[str, tuple[str, Source]] = {}


def source(name: str, *, label: str) -> Callable[[Source], Source]:
    """Register a source of faults of the current tenant. Raises ValueError if the name is taken."""

    def register(function: Source) -> Source:
        if _sources.setdefault(name, (label, function)) != (label, function):
            raise ValueError(f"fault source {name!r} is registered twice")
        return function

    return register


def current() -> list[FaultList]:
    """Return the faults of the tenant, by source, leaving out those that have none."""
    found = []
    for name, (label, function) in sorted(_sources.items(), key=lambda item: item[1][0]):
        faults = list(function(SHOWN + 1))
        if faults:
            found.append(FaultList(name, label, faults[:SHOWN], len(faults) > SHOWN))
    return found
