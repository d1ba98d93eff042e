"""Which events can be subscribed to: each noun declares its own when the apps are ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid


@dataclass(frozen=True)
class EventType:
    """A type of event. ``visible`` says whether a client may still know of a subject, when it is sent."""

    name: str
    permission: str
    visible: Callable[[UUID, Actor], bool]


_types: dict[str, EventType] = {}


def register(event_type: EventType) -> None:
    """Add a type. Raises ValueError for a name that is taken by another."""
    if _types.setdefault(event_type.name, event_type) != event_type:
        raise ValueError(f"event type {event_type.name!r} is registered twice")


def find(name: str) -> EventType | None:
    """Return a type, or None where nobody here declares it."""
    return _types.get(name)


def names() -> list[str]:
    """Return the names of all types, in order."""
    return sorted(_types)


def require(name: str) -> EventType:
    """Return a type. Raises Invalid, which tells what there is."""
    found = _types.get(name)
    if found is None:
        raise Invalid({"eventTypes": f"Händelsen finns inte. Välj bland {', '.join(names())}."})
    return found
