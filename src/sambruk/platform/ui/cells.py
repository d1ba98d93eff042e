"""Turns a table's values into the cells that its template draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sambruk.platform.ui import formats

RIGHT = frozenset({"number", "amount"})
_WRITTEN: dict[str, Callable[[Any], str]] = {
    "amount": formats.kr,
    "number": formats.number,
    "date": lambda value: formats.datum(value, "kort"),
    "time": formats.datum_tid,
    "due": lambda value: formats.datum(value, "kort"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is drawn: its text, its class, and how it is set out."""

    value: Any
    label: str
    kind: str
    right: bool
    heading: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as it is drawn."""

    cells: list[Cell]
    url: str
    id: str
    attention: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """The drawn rows, and the footer's cells (empty without one)."""

    rows: list[RowView]
    footer: list[Cell]


def _get(item: Any, key: str, default: Any = "") -> Any:
    return item.get(key, default) if isinstance(item, Mapping) else getattr(item, key, default)


def _cells(columns: Any, values: Any) -> list[Cell]:
    cells = []
    for index, column in enumerate(columns):
        kind = _get(column, "kind", "text")
        value = _get(values, _get(column, "key"), "")
        written = _WRITTEN[kind](value) if kind in _WRITTEN and value not in (None, "") else value
        shown = "" if written is None else written
        cells.append(Cell(shown, str(_get(column, "label")), kind, kind in RIGHT, index == 0))
    return cells


def table_view(table: Any) -> TableView:
    """Return the rows and footer of a `components.Table` (or a dictionary of the same keys)."""
    columns = _get(table, "columns", ())
    rows = [
        RowView(
            _cells(columns, _get(row, "cells", {})),
            str(_get(row, "url")),
            str(_get(row, "id")),
            bool(_get(row, "attention", False)),
        )
        for row in _get(table, "rows", ())
    ]
    footer = _get(table, "footer", None)
    return TableView(rows, _cells(columns, footer) if footer else [])
