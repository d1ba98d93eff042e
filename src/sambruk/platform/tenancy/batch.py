"""Rows written the short way: many new ones of several tables in one statement, or one changed by its key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from django.db import connection, models

from sambruk.platform.tenancy.backend import prepared

#: A submission's rows have few shapes; a household of another size is another.
_SHAPES_KEPT = 100


@cache
def _columns(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(f for f in model._meta.concrete_fields if not getattr(f, "generated", False))


@lru_cache(_SHAPES_KEPT)
def _insertion(shape: tuple[tuple[type[models.Model], int], ...]) -> str:
    """Return the statement that inserts so many rows of each of these models. Holds no value."""
    quoted = connection.ops.quote_name
    parts: list[str] = []
    place = 0
    for n, (model, count) in enumerate(shape):
        columns = _columns(model)
        names = ", ".join(quoted(str(column.column)) for column in columns)
        rows: list[str] = []
        for _ in range(count):
            rows.append("(" + ", ".join(f"${place + one}" for one in range(1, len(columns) + 1)) + ")")
            place += len(columns)
        # Names of our own tables and columns; the values are parameters.
        parts.append(
            f"i{n} AS (INSERT INTO {quoted(model._meta.db_table)} ({names}) "  # noqa: S608
            f"VALUES {', '.join(rows)})"
        )
    return f"WITH {', '.join(parts)} SELECT 1"


def insert_together(rows: Iterable[models.Model]) -> int:
    """Insert new rows of any number of tables with one round trip; returns how many.

    For the way that must be fast (a submission writes some twenty rows of ten tables). Keys are made in
    Python, and PostgreSQL checks foreign keys when the whole statement is done, so order does not matter.
    Neither signals nor `save()` run. The rows are marked as saved.
    """
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    if not by_model:
        return 0
    database = prepared.database()
    values: list[Any] = []
    for model, of_model in by_model.items():
        for row in of_model:
            for column in _columns(model):
                value = column.pre_save(row, add=True)
                values.append(column.get_db_prep_save(value, database))
    shape = tuple((model, len(of_model)) for model, of_model in by_model.items())
    with database.prepared_cursor() as cursor:
        cursor.execute(_insertion(shape), values)
    count = 0
    for of_model in by_model.values():
        for row in of_model:
            row._state.adding = False
            row._state.db = database.alias
            count += 1
    return count


@cache
def _change(
    model: type[models.Model], names: tuple[str, ...]
) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    """Return the statement that changes these fields of a row by its key, and the fields, the key last."""
    quoted = connection.ops.quote_name
    fields = [model._meta.get_field(name) for name in names]
    changes = ", ".join(f"{quoted(str(f.column))} = ${n}" for n, f in enumerate(fields, 1))  # type: ignore[union-attr]
    key = model._meta.pk
    table = quoted(model._meta.db_table)
    statement = f"UPDATE {table} SET {changes} WHERE {quoted(str(key.column))} = ${len(fields) + 1}"  # noqa: S608
    return statement, (*fields, key)  # type: ignore[arg-type]


def update_row(row: models.Model, *names: str) -> None:
    """Write the named fields of a row that the transaction has locked or just made.

    As ``row.save(update_fields=names)`` without its signals, prepared. Raises ``DoesNotExist`` of the model
    where no row was changed: it is gone, or another tenant's.
    """
    database = prepared.database()
    statement, fields = _change(type(row), names)
    values = [field.get_db_prep_save(field.pre_save(row, add=False), database) for field in fields]
    with database.prepared_cursor() as cursor:
        cursor.execute(statement, values)
        if cursor.rowcount != 1:
            raise type(row).DoesNotExist(f"no {row._meta.label} to change")  # type: ignore[attr-defined]
