"""What tenancy tells the floors above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sambruk.common.actor import Actor


@dataclass(frozen=True)
class Migrated:
    """The schema is up to date; ``alias`` is the owner's connection, in no transaction."""

    alias: str


@dataclass(frozen=True)
class PrincipalChanged:
    """A principal was added or changed, in its own tenant's transaction."""

    principal_id: UUID
    by: Actor
    verb: str
    fields: Mapping[str, Any]
