"""A read whose SQL is made once: for the few that stand on the way of every request or submission.

Django builds and compiles each query anew, which costs more than the database's answer to a look-up by key
(measured: two thirds of a submission's processor time), and the database plans each anew. A ``Compiled``
keeps the statement and the plan for making instances of its rows, and the database keeps it prepared; only
the parameters are new each time. The statement holds no tenant and no value of anybody's: row-level security
adds the tenant in the database, as for every other statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from operator import itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import query as django_query
from psycopg.types.json import Jsonb

from sambruk.platform.tenancy.backend.prepared import database, numbered

M = TypeVar("M", bound=models.Model)

#: What stands for a parameter while the statement is made. Values that no code of ours compares with.
_MARKS: dict[type, Callable[[int], Any]] = {
    UUID: lambda n: UUID(int=(0xC0FFEE << 100) + n),
    str: lambda n: f"\x01compiled {n}\x01",
    date: lambda n: date(1, 1, 1) + timedelta(days=n),
    datetime: lambda n: datetime(1, 1, 1, 0, 0, 0, n + 1, tzinfo=timezone.utc),  # noqa: UP017 - mypy's stubs
}

Converter = Callable[[Any, Any, Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The statement, its parameters, and how a row becomes an instance."""

    statement: str
    #: Each parameter of the statement, made from what the caller gives.
    parameters: tuple[Callable[[Sequence[Any]], Any], ...]
    model: type[models.Model]
    fields: slice
    names: tuple[str, ...]
    #: Columns that are not as the driver gives them (JSON, encrypted), what makes them, and their expression.
    converters: tuple[tuple[int, tuple[Converter, ...], Any], ...]
    #: Make the instances that the row's own leads to (``select_related``).
    related: Sequence[Any]
    annotations: tuple[tuple[str, int], ...]


class Compiled(Generic[M]):
    """``Compiled(build, UUID, str)``: ``build(a, b)`` returns the queryset for parameters of these types.

    Call it with the parameters (never None; nothing but look-ups by them may depend on them):
    ``.first(a, b)`` or ``.all(a, b)``. What ``first`` is to choose between, ``build`` orders and bounds.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]], *kinds: type) -> None:
        self._build = build
        self._kinds = kinds

    @cached_property
    def _plan(self) -> _Plan:
        marks = [_MARKS[kind](n) for n, kind in enumerate(self._kinds)]
        compiler: Any = self._build(*marks).query.get_compiler(connection=database())
        # Makes select, klass_info and annotations too.
        statement, parameters = compiler.as_sql()
        places = {mark: n for n, mark in enumerate(marks)}
        found: set[int] = set()

        def planned(one: Any) -> Callable[[Sequence[Any]], Any]:
            if isinstance(one, list):
                inner = [planned(each) for each in one]
                return lambda given: [each(given) for each in inner]
            if isinstance(one, Jsonb):
                content = planned(one.obj)
                return lambda given: Jsonb(content(given), one.dumps)
            if isinstance(one, self._kinds) and one in places:
                found.add(places[one])
                return itemgetter(places[one])
            return lambda given: one

        made = tuple(map(planned, parameters))
        if found != set(range(len(marks))):
            raise TypeError("a parameter does not stand in the statement as it was given")
        populators: Any = django_query.get_related_populators
        chosen = compiler.klass_info["select_fields"]
        fields = slice(chosen[0], chosen[-1] + 1)
        expressions = [one[0] for one in compiler.select[: compiler.col_count]]
        return _Plan(
            statement=numbered(statement),
            parameters=made,
            model=compiler.klass_info["model"],
            fields=fields,
            names=tuple(one[0].target.attname for one in compiler.select[fields]),
            converters=tuple(
                (place, tuple(convert), expression)
                for place, (convert, expression) in compiler.get_converters(expressions).items()
            ),
            related=populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS),
            annotations=tuple(compiler.annotation_col_map.items()),
        )

    def all(self, *given: Any) -> list[M]:
        """Return the rows as instances. Raises TypeError for a parameter of another type than declared."""
        if len(given) != len(self._kinds) or not all(map(isinstance, given, self._kinds)):
            raise TypeError("the parameters are not of the declared types")
        plan = self._plan
        connection = database()
        with connection.prepared_cursor() as cursor:
            cursor.execute(plan.statement, [one(given) for one in plan.parameters])
            rows = cursor.fetchall()
        return [self._instance(plan, row, connection) for row in rows]

    @staticmethod
    def _instance(plan: _Plan, found: Sequence[Any], connection: Any) -> M:
        row = list(found)
        for place, converters, expression in plan.converters:
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        made: Any = plan.model.from_db(connection.alias, plan.names, row[plan.fields])
        for populator in plan.related:
            populator.populate(row, made)
        for name, place in plan.annotations:
            setattr(made, name, row[place])
        return made  # type: ignore[no-any-return]

    def first(self, *given: Any) -> M | None:
        """Return the first row's instance, or None."""
        found = self.all(*given)
        return found[0] if found else None
