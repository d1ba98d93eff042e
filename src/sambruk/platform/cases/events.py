"""What a case tells the floors above it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.platform.cases.models import Case, Decision, Task


@dataclass(frozen=True)
class CaseOpened:
    """A case was made; its number is not yet known."""

    case: Case
    by: Actor


@dataclass(frozen=True)
class TaskOpened:
    """Somebody has something to do."""

    case: Case
    task: Task


@dataclass(frozen=True)
class TaskDone:
    """Somebody did it."""

    case: Case
    task: Task
    by: Actor


@dataclass(frozen=True)
class CompletionDelivered:
    """A party sent what was asked for: words (perhaps none), and the ids of the stored files."""

    case: Case
    task: Task
    text: str
    documents: tuple[UUID, ...]
    by: Actor


@dataclass(frozen=True)
class DecisionMade:
    """A decision was made; its letter follows by a job."""

    case: Case
    decision: Decision
    by: Actor


@dataclass(frozen=True)
class NewsForParties:
    """There is something new for the case's parties to read: `kind` says what, never the content."""

    case: Case
    kind: str
    person_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class CaseDisposing:
    """A locked case is about to be disposed of: whoever keeps something of it removes it, now.

    What was removed and lay in documents is added to `documents`: they go when nothing refers to them.
    """

    case: Case
    by: Actor
    documents: set[UUID]


@dataclass(frozen=True)
class CaseClosed:
    """The case ended."""

    case: Case
    by: Actor
