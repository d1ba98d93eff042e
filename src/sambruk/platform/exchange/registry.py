"""What the installed parts can do in the background: handlers by kind, and periodic work.

Filled when the apps are ready (each app's ``jobs.py``, or a system's set-up). A kind without a handler
waits: its system is not installed here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sambruk.common.errors import SambrukError
from sambruk.platform.exchange.schedule import STANDARD, Schedule

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one delivery: what its handler is told. Carries ids only."""

    tenant_id: UUID
    delivery_id: UUID
    kind: str
    object_id: UUID
    key: str
    number: int

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt at this delivery, and no other's: send it along where it helps."""
        return self.delivery_id.hex


class Handler(ABC, Generic[P, R]):
    """Work that reaches outside, in three phases. Each may run again; ``finish`` commits only once."""

    @abstractmethod
    def prepare(self, attempt: Attempt) -> P | None:
        """Read, in a tenant transaction, what the call needs. None: there is nothing left to do."""

    @abstractmethod
    def call(self, attempt: Attempt, prepared: P) -> R:
        """Reach outside; no transaction is open. Raises Unavailable (``permanent`` gives up at once)."""

    @abstractmethod
    def finish(self, attempt: Attempt, prepared: P, result: R) -> None:
        """Record the outcome in the tenant transaction that also marks the delivery as done."""

    def gave_up(self, attempt: Attempt, error: SambrukError) -> None:
        """Record that no more attempts will be made, in the transaction that says so. Nothing by default."""
        return


@dataclass(frozen=True, slots=True)
class Kind:
    """A registered kind of delivery. ``label`` is what the operator's page calls it, in Swedish."""

    name: str
    label: str
    schedule: Schedule
    handler: Handler[Any, Any] | None = None
    #: Work inside the database alone: one tenant transaction with the mark of being done, so exactly once.
    function: Callable[[UUID], object] | None = None


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work at set times (cron in UTC), once for each tenant or, where ``shared``, once in all."""

    name: str
    cron: str
    label: str
    #: A sentence that it returns is shown on the operator's page; None says nothing more than that it ran.
    function: Callable[[UUID], str | None] | Callable[[], None]
    shared: bool = False
    in_transaction: bool = True
    spread: bool = False


_kinds: dict[str, Kind] = {}
_periodic: dict[str, Periodic] = {}


def add_kind(kind: Kind) -> None:
    """Register a kind. Raises ValueError if the name is taken by other code."""
    if kind.name in _kinds and _kinds[kind.name] != kind:
        raise ValueError(f"delivery kind {kind.name!r} is registered twice")
    _kinds[kind.name] = kind


def add_periodic(work: Periodic) -> None:
    """Register periodic work. Raises ValueError if the name is taken."""
    if work.name in _periodic:
        raise ValueError(f"periodic work {work.name!r} is registered twice")
    _periodic[work.name] = work


def find_kind(name: str) -> Kind | None:
    """Return the kind, or None where its system is not installed."""
    return _kinds.get(name)


def kinds() -> dict[str, Kind]:
    """Return all registered kinds by name."""
    return dict(_kinds)


def periodic_work() -> dict[str, Periodic]:
    """Return all periodic work by name."""
    return dict(_periodic)


def label_of(name: str) -> str:
    """Return a kind's Swedish label, or its name where no installed system knows it."""
    kind = _kinds.get(name)
    return kind.label if kind else name


def remove_kind(name: str) -> None:
    """Forget a kind: for tests, and to show what an absent system's deliveries do."""
    _kinds.pop(name, None)


def remove_periodic(name: str) -> None:
    """Forget periodic work, for tests."""
    _periodic.pop(name, None)


__all__ = [
    "STANDARD",
    "Attempt",
    "Handler",
    "Kind",
    "Periodic",
    "add_kind",
    "add_periodic",
    "find_kind",
    "kinds",
    "label_of",
    "periodic_work",
    "remove_kind",
    "remove_periodic",
]
