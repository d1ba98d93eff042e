"""The staff list's statements: made once for each combination of filters, asked with new parameters.

A page is one statement: the cases with what their rows show (parties, next step, marks) and nothing else,
read as plain values. Building it anew, and then fifty cases with their parties and tasks, cost several times
what the database takes to answer. The ORM still writes it, so that who may see what stands in ``access``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from typing import Literal as OneOf
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import (
    BooleanField,
    DateField,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.functions import JSONObject
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal

from sambruk.common.actor import Actor
from sambruk.platform.cases import access, list_marks
from sambruk.platform.cases.models import Case, Party, Task
from sambruk.platform.tenancy.backend.prepared import numbered, prepared_cursor

View = OneOf["inbox", "mine", "unit", "waiting", "closed"]
Search = OneOf["", "number", "words"]
#: A count over a large set is not worth its cost: what is more than this is only told to be more.
COUNT_CAP = 200
#: How many of the latest hits a search considers.
SEARCH_CAP = 200
_PLACE = re.compile(r"%[s%]")


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the text of the list's statement: which filters there are, not their values."""

    view: View
    service: bool
    overdue: bool
    search: Search
    after: bool
    readable: int
    opened: int
    size: int


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``%s``, and the names of the values for them.

    ``kept``: the database keeps it planned. A plan that is kept knows no values: made for units of common
    size, it reads all of a unit with 100,000 cases where a plan for this very unit would not. So only that
    is kept which is read in one way alone: one unit's cases in their order.
    """

    sql: str
    names: tuple[str, ...]
    kept: bool

    def rows(self, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Ask it with these values by name, and return its rows."""
        values = [given[name] for name in self.names]
        with prepared_cursor() if self.kept else connection.cursor() as cursor:
            cursor.execute(_numbered(self.sql) if self.kept else self.sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


_numbered = lru_cache(maxsize=512)(numbered)


class _Marks:
    """Values that stand for the parameters while a statement is made: no code of ours compares with them."""

    actor = UUID(int=0xC0FFEE << 100)
    key = UUID(int=(0xC0FFEE << 100) + 1)
    day = date(1, 1, 1)
    today = date(1, 1, 1) + timedelta(days=1)
    service = "\x01service\x01"
    words = "\x01words\x01"
    year = 32_001
    serial = 2_000_000_001
    names: Mapping[Any, str] = {
        actor: "actor", key: "key", day: "day", today: "today", service: "service", words: "words",
        year: "year", serial: "serial",
    }  # fmt: skip


def _unit_mark(number: int) -> UUID:
    return UUID(int=(0xC0FFEE << 100) + 1000 + number)


def _marked_actor(readable: int, opened: int) -> Actor:
    return replace(access.staff_of([_unit_mark(n) for n in range(readable)], opened), id=_Marks.actor)


def _statement(sql: str, parameters: Iterable[Any], readable: int, *, kept: bool) -> Statement:
    """Make a statement of the ORM's SQL and parameters.

    What the code itself says ("waiting") is written into the statement: an index with a condition serves only
    where the database can see that the condition holds.
    """
    known: dict[Any, str] = {**_Marks.names, **{_unit_mark(n): f"unit{n}" for n in range(readable)}}
    names: list[str] = []
    left = iter(parameters)

    def place(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%%"
        parameter = next(left)
        name = known.get(parameter) if isinstance(parameter, UUID | date | str | int) else None
        if name is None:
            return Literal(parameter).as_string().replace("%", "%%")
        names.append(name)
        return "%s"

    text = _PLACE.sub(place, sql)
    return Statement(text, tuple(names), kept)


@lru_cache(maxsize=512)
def page_statement(shape: Shape) -> Statement:
    """Return the statement of a page: rows as in ``_columns``, values by the names of ``_Marks``."""
    actor = _marked_actor(shape.readable, shape.opened)
    cases = _in_view(access.visible(actor), shape.view)
    if shape.service:
        cases = cases.filter(service_id=_Marks.service)
    if shape.overdue:
        cases = cases.filter(due_on__lt=_Marks.today)
    if shape.search == "number":
        cases = cases.filter(year=_Marks.year, serial=_Marks.serial)
    elif shape.search == "words":
        cases = cases.filter(_Found(shape.view, shape.readable))
    descending = shape.view == "closed"
    if shape.after:
        cases = cases.filter(_Beyond("<" if descending else ">"))
    ordered = cases.order_by(*(("-due_on", "-id") if descending else ("due_on", "id")))
    sql, parameters = _columns(ordered)[: shape.size].query.sql_with_params()
    kept = shape.readable == 1 and shape.search != "words"
    return _statement(sql, parameters, shape.readable, kept=kept)


def _in_view(cases: QuerySet[Case], view: View) -> QuerySet[Case]:
    cases = cases.filter(closed_at__isnull=view != "closed")
    if view == "mine":
        return cases.filter(assignee_id=_Marks.actor)
    if view == "inbox":
        return cases.filter(assignee__isnull=True)
    return cases.filter(station="waiting") if view == "waiting" else cases


class _Found(Func):
    """The cases that words find.

    Under row security only leakproof operators reach an index; full text is not one. The function takes the
    tenant from tenant() itself and returns ids, which are read again under row security: as an array, so that
    the database looks these up, however few it believes that the unit's cases are.
    """

    output_field = BooleanField()

    def __init__(self, view: View, units: int) -> None:
        marks = [Value(_unit_mark(n), UUIDField()) for n in range(units)]
        me, words = Value(_Marks.actor, UUIDField()), Value(_Marks.words, TextField())
        super().__init__("pk", words, Value(view, TextField()), *marks, me)

    def as_sql(  # type: ignore[override]  # a template's arguments are not for it
        self, compiler: SQLCompiler, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        """Write it: a comparison with what a function gives has no form of Django's."""
        (key, words, view, *units, me), values = _compiled(self, compiler)
        asked = f"{words}, {view}, ARRAY[{', '.join(units)}]::uuid[], {me}, {SEARCH_CAP}"
        return f"{key} = ANY(ARRAY(SELECT id FROM cases_search({asked})))", values  # noqa: S608 - values apart


def _compiled(expression: Func, compiler: SQLCompiler) -> tuple[list[str], list[Any]]:
    parts = [compiler.compile(one) for one in expression.get_source_expressions()]
    return [sql for sql, _ in parts], [value for _, values in parts for value in values]


class _Beyond(Func):
    """The rows after a key: ``(due_on, id) > (day, key)``, as a pair, so that the index begins just there."""

    output_field = BooleanField()

    def __init__(self, sign: OneOf["<", ">"]) -> None:
        super().__init__("due_on", "id", Value(_Marks.day, DateField()), Value(_Marks.key, UUIDField()))
        self._sign = sign

    def as_sql(  # type: ignore[override]  # a template's arguments are not for it
        self, compiler: SQLCompiler, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        """Write it: neither function nor operator of Django's compares pairs."""
        (day, key, after_day, after_key), values = _compiled(self, compiler)
        return f"({day}, {key}) {self._sign} ({after_day}, {after_key})", values


def _columns(cases: QuerySet[Case]) -> QuerySet[Case, Any]:
    """Select what ``queries.ListedCase`` holds, in this order, then one truth for each mark."""
    parties = Party.objects.filter(case_id=OuterRef("pk")).order_by("role", "id")
    shown = JSONObject(
        name="name", person="person_id", protection="person__protection",
        given="person__given_name", family="person__family_name",
    )  # fmt: skip
    task = Task.objects.filter(case_id=OuterRef("pk"), state="open").exclude(done_by_kind="system")
    marks = {f"mark_{n}": mark.holds() for n, mark in enumerate(list_marks.registered())}
    return cases.annotate(
        shown=ArraySubquery(parties.values(json=shown)),
        next_task=Subquery(task.order_by("opened_at").values("title")[:1]),
        **marks,
    ).values_list(
        "pk", "year", "serial", "title", "station", "due_on", "closed_at", "assignee__name", "next_task",
        "shown", *marks,
    )  # fmt: skip


def parties(value: Iterable[str]) -> list[dict[str, Any]]:
    """Return the parties of a row, as the statement gives them."""
    return [json.loads(one) for one in value]


@lru_cache(maxsize=128)
def count_statement(views: tuple[View, ...], readable: int, opened: int) -> Statement:
    """Return the statement that counts several views at once, each capped."""
    actor = _marked_actor(readable, opened)
    parts: list[str] = []
    values: list[Any] = []
    for view in views:
        cases = _in_view(access.visible(actor), view).order_by().values("pk")
        sql, parameters = cases[: COUNT_CAP + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS of_{view})")  # noqa: S608 - the ORM's, values apart
        values += parameters
    return _statement("SELECT " + ", ".join(parts), values, readable, kept=readable == 1)
