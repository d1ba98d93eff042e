"""Many new rows of several tables in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection, models


@cache
def _columns(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(f for f in model._meta.concrete_fields if not getattr(f, "generated", False))


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
    parts: list[str] = []
    values: list[Any] = []
    for n, (model, of_model) in enumerate(by_model.items()):
        columns = _columns(model)
        names = ", ".join(connection.ops.quote_name(str(c.column)) for c in columns)
        places: list[str] = []
        for row in of_model:
            places.append("(" + ", ".join(["%s"] * len(columns)) + ")")
            for column in columns:
                value = column.pre_save(row, add=True)
                values.append(column.get_db_prep_save(value, connection))
        # Names of our own tables and columns; the values are parameters.
        parts.append(
            f"i{n} AS (INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) "  # noqa: S608
            f"VALUES {', '.join(places)})"
        )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT 1", values)
    count = 0
    for of_model in by_model.values():
        for row in of_model:
            row._state.adding = False
            row._state.db = connection.alias
            count += 1
    return count
