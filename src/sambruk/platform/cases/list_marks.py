"""Marks on a row of the staff's list ("Nytt meddelande"), declared by the floors above.

A mark is an expression that is asked together with the list itself: a page stays one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMark:
    """A mark: its label, and the expression that holds for a case (``OuterRef("pk")`` is the case's id).

    The expression is made once, so it may not depend on who asks or when; an index must serve it.
    """

    id: str
    label: str
    holds: Callable[[], Exists]


_marks: dict[str, ListMark] = {}


def register(mark: ListMark) -> None:
    """Add a mark. Called when the apps are ready. Raises ValueError for an id that is taken."""
    if _marks.setdefault(mark.id, mark) != mark:
        raise ValueError(f"list mark {mark.id!r} is registered twice")


def registered() -> tuple[ListMark, ...]:
    """Return the marks in order of id."""
    return tuple(_marks[key] for key in sorted(_marks))
