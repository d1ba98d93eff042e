"""Turns a table's values into the cells that its template draws, and a list's rows into their HTML.

A page of the staff's list is fifty rows of seven cells: drawn by a template they were half of the page's
time, so the rows are put together here, each value escaped as a template would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

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
    """A row as it is drawn: what it is made of, and its HTML."""

    cells: list[Cell]
    url: str
    id: str
    attention: bool
    html: SafeString


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


def tag_html(label: Any, color: str = "neutral") -> SafeString:
    """Return a small label."""
    return format_html('<span class="ds-tag sb-tag" data-color="{}">{}</span>', color, label)


def _text(value: Any) -> str:
    """Return a value as a template writes it: numbers and dates in Swedish, escaped unless it is safe.

    As Django's ``conditional_escape``, without its detour for lazy values, which cost more than all else.
    """
    if isinstance(value, datetime) and is_aware(value):
        value = localtime(value)
    if not isinstance(value, str):
        value = localize(value)
    safe = getattr(value, "__html__", None)
    return str(safe()) if safe is not None else escape(str(value))


def _heading_html(cell: Cell, url: str, attention: str) -> str:
    text = _text(cell.value)
    if url:
        text = f'<a class="ds-link" href="{escape(url)}" data-open>{text}</a>'
    return f'<th scope="row"{_right(cell)}>{text}{attention}</th>'


def _cell_html(cell: Cell) -> str:
    text = _text(cell.value)
    if cell.kind == "tag" and cell.value:
        text = f'<span class="ds-tag sb-tag" data-color="neutral">{text}</span>'
    return f'<td{_right(cell)} data-label="{escape(cell.label)}">{text}</td>'


def _right(cell: Cell) -> str:
    return ' class="sb-num"' if cell.right else ""


def _row_html(cells: list[Cell], url: str, key: str, *, attention: bool, markable: bool) -> SafeString:
    parts = [
        "<tr data-row",
        ' class="sb-attention"' if attention else "",
        f' id="{escape(key)}"' if key else "",
        ">",
    ]
    if markable:
        label = f"{escape(_('Markera'))} {_text(cells[0].value) if cells else ''}"
        parts.append(
            '<td class="sb-table__mark"><input class="ds-input" type="checkbox" data-mark name="mark" '
            f'value="{escape(key)}" aria-label="{label}"></td>'
        )
    said = f'<span class="ds-sr-only"> ({escape(_("behöver åtgärd"))})</span>' if attention else ""
    parts += [_heading_html(one, url, said) if one.heading else _cell_html(one) for one in cells]
    parts.append("</tr>")
    # Each value has been through _text or escape above.
    return mark_safe("".join(parts))  # noqa: S308


def _row_view(columns: Any, row: Any, markable: bool) -> RowView:
    cells = _cells(columns, _get(row, "cells", {}))
    url, key, attention = str(_get(row, "url")), str(_get(row, "id")), bool(_get(row, "attention", False))
    html = _row_html(cells, url, key, attention=attention, markable=markable)
    return RowView(cells, url, key, attention, html)


def table_view(table: Any) -> TableView:
    """Return the rows and footer of a `components.Table` (or a dictionary of the same keys)."""
    columns = _get(table, "columns", ())
    markable = bool(_get(table, "markable", False))
    rows = [_row_view(columns, row, markable) for row in _get(table, "rows", ())]
    footer = _get(table, "footer", None)
    return TableView(rows, _cells(columns, footer) if footer else [])
