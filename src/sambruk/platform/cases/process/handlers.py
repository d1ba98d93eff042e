"""What the system does by itself in a process: handlers that services name and systems register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sambruk.platform.cases.models import Case, Task

#: Given the case and its open task; returns the flags that it sets (declared ones), or None.
Run = Callable[[Case, Task], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Handler:
    """A registered handler. An `inline` one runs in the transaction that reached it, others as a job."""

    name: str
    label: str
    run: Run
    inline: bool


_handlers: dict[str, Handler] = {}


def handler(name: str, *, label: str, inline: bool = False) -> Callable[[Run], Run]:
    """Register a handler: `@handler("cases.close", label="Avsluta ärendet", inline=True)`.

    Work in a handler stays in the database and is quick; what reaches outside goes by `exchange.outbox`.
    Raises ValueError for a name that is taken by another.
    """

    def register(run: Run) -> Run:
        known = _handlers.get(name)
        if known is not None and known.run is not run:
            raise ValueError(f"handler {name!r} is registered twice")
        _handlers[name] = Handler(name, label, run, inline)
        return run

    return register


def find(name: str) -> Handler | None:
    """Return the handler, or None where its system is not installed (the case then waits)."""
    return _handlers.get(name)


def names() -> frozenset[str]:
    """Return the names of all registered handlers (for doctor)."""
    return frozenset(_handlers)
