"""What identity tells the floors above."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.platform.identity.models import Person


@dataclass(frozen=True)
class UnitClosing:
    """A unit is about to be closed. Whoever still needs it raises Conflict, with what must be moved first."""

    unit_id: UUID


@dataclass(frozen=True)
class ProtectionChanged:
    """A person became protected, or is no longer; ``before`` is the protection that was.

    The person's row is locked until the transaction ends: whoever refers to it meanwhile waits.
    """

    person: Person
    before: str
    by: Actor
