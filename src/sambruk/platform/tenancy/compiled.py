"""A read whose SQL is made once: for the few that stand on the way of every request or submission.

Django builds and compiles each query anew, which costs more than the database's answer to a look-up by key
(measured: two thirds of a submission's processor time). A ``Compiled`` keeps the statement and the plan for
making instances of its rows; only the parameters are new each time. The statement holds no tenant and no
value of anybody's: row-level security adds the tenant in the database, as for every other statement.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=models.Model)

#: What stands for a parameter while the statement is made. Values that no code of ours compares with.
_MARKS: dict[type, Callable[[int], Any]] = {
    UUID: lambda n: UUID(int=(0xC0FFEE << 100) + n),
    str: lambda n: f"\x01compiled {n}\x01",
    date: lambda n: date(1, 1, 1) + timedelta(days=n),
    datetime: lambda n: datetime(1, 1, 1, 0, 0, 0, n + 1, tzinfo=timezone.utc),  # noqa: UP017 - mypy's stubs
}


class Compiled(Generic[M]):
    """``Compiled(build, UUID, str)``: ``build(a, b)`` returns the queryset for parameters of these types.

    Call it with the parameters (never None; nothing but look-ups by them may depend on them):
    ``.first(a, b)`` or ``.all(a, b)``. What ``first`` is to choose between, ``build`` orders and bounds.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]], *kinds: type) -> None:
        self._build = build
        self._kinds = kinds

    @cached_property
    def _plan(self) -> tuple[Any, str, tuple[tuple[bool, Any], ...]]:
        """The compiler, its statement, and each parameter: (given by the caller, its place or the value)."""
        marks = [_MARKS[kind](n) for n, kind in enumerate(self._kinds)]
        queryset = self._build(*marks)
        compiler = queryset.query.get_compiler(connection=connection)
        # The first call makes select, klass_info and annotations, as execute_sql would.
        statement, parameters = compiler.as_sql()
        compiler.connection = None
        places = {mark: n for n, mark in enumerate(marks)}
        plan = tuple(
            (True, places[one]) if isinstance(one, self._kinds) and one in places else (False, one)
            for one in parameters
        )
        if {place for given, place in plan if given} != set(range(len(marks))):
            raise TypeError("a parameter does not stand in the statement as it was given")
        return compiler, statement, plan

    def all(self, *given: Any) -> list[M]:
        """Return the rows as instances. Raises TypeError for a parameter of another type than declared."""
        if len(given) != len(self._kinds) or not all(map(isinstance, given, self._kinds)):
            raise TypeError("the parameters are not of the declared types")
        made, statement, plan = self._plan
        compiler = copy.copy(made)
        compiler.connection = connection
        parameters = tuple(given[one] if of_caller else one for of_caller, one in plan)
        compiler.as_sql = lambda *_, **__: (statement, parameters)
        rows: Any = SimpleNamespace(
            db=connection.alias,
            query=SimpleNamespace(get_compiler=lambda **_: compiler),
            model=made.query.model,
            _known_related_objects={},
        )
        found: Iterator[M] = iter(ModelIterable(rows))
        return list(found)

    def first(self, *given: Any) -> M | None:
        """Return the first row's instance, or None."""
        found = self.all(*given)
        return found[0] if found else None
