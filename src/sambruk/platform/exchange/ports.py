"""Ports: what one system can ask of whichever other is installed, without knowing it.

A port is a typed protocol here in the platform. A system that offers it registers a provider when the apps
are ready; one that needs it asks for the providers. Where there is none, a person fills in by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar, cast, runtime_checkable
from uuid import UUID

from sambruk.common.calendar import Month

T = TypeVar("T")

_providers: dict[type[object], list[object]] = {}


def register(port: type[T], provider: T) -> T:
    """Offer a provider of a port, once. Raises TypeError if it lacks what the protocol asks for."""
    if not isinstance(provider, port):
        raise TypeError(f"{type(provider).__name__} is no {port.__name__}")
    offered = _providers.setdefault(port, [])
    if provider not in offered:
        offered.append(provider)
    return provider


def providers(port: type[T]) -> tuple[T, ...]:
    """Return the providers of a port, in the order of their registration; empty where none is installed."""
    return cast("tuple[T, ...]", tuple(_providers.get(port, ())))


def withdraw(port: type[T], provider: T) -> None:
    """Take a provider back, for tests."""
    offered = _providers.get(port, [])
    if provider in offered:
        offered.remove(provider)


class AnswerState(StrEnum):
    """How a question to one authority stands. Only ANSWERED and NOTHING_FOUND say something of incomes."""

    ANSWERED = "answered"
    NOTHING_FOUND = "nothing_found"
    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    PROTECTED = "protected"

    @property
    def is_known(self) -> bool:
        """True where the authority has said what there is, or that there is nothing."""
        return self in (AnswerState.ANSWERED, AnswerState.NOTHING_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeLine:
    """One income as an authority states it. Amounts in kronor; ``net`` None where only gross is stated."""

    person_id: UUID
    authority: str
    kind: str
    label: str
    gross: Decimal | None
    net: Decimal | None
    paid_on: date | None
    period_from: date | None = None
    period_to: date | None = None
    payer: str = ""
    #: What to look the line up by at the authority or in the stored answer.
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityAnswer:
    """How one authority answered about one person. ``message`` is Swedish, for the caseworker."""

    person_id: UUID
    authority: str
    label: str
    state: AnswerState
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomes:
    """What is known of incomes in a month: every asked authority has its state, so silence is never zero."""

    month: Month
    answers: Sequence[AuthorityAnswer] = field(default_factory=tuple)
    lines: Sequence[IncomeLine] = field(default_factory=tuple)

    @property
    def complete(self) -> bool:
        """True if at least one authority was asked and every one has answered."""
        return bool(self.answers) and all(answer.state.is_known for answer in self.answers)


@runtime_checkable
class IncomeSource(Protocol):
    """A source of incomes per person and month, such as the question to several authorities (SSBTEK)."""

    #: Swedish name shown beside what comes from it.
    label: str

    def ask(self, *, case_id: UUID, person_ids: Sequence[UUID], month: Month) -> None:
        """Have the authorities asked, for a case; returns at once, in the caller's transaction."""

    def incomes(self, *, case_id: UUID, person_ids: Sequence[UUID], month: Month) -> Incomes:
        """Return what is known now, for a case that the caller may see."""
