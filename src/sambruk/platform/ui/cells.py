"""Turns a table's values into the cells that its template draws, and a list's rows into their HTML.

A page of the staff's list is fifty rows of seven cells: drawn by a template they were half of the page's
time, so the rows are put together here, each value escaped as a template would.
"""

from __future__ import annotations

import re
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

_SPECIAL = re.compile("[&<>\"']")
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
    """A cell of the footer as its template draws it."""

    value: Any
    right: bool
    heading: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """The rows' HTML, and the footer's cells (empty without one)."""

    body: SafeString
    footer: list[Cell]


def _get(item: Any, key: str, default: Any = "") -> Any:
    # The first test is for speed alone: asking for Mapping of each cell cost as much as writing it.
    if type(item) is dict or isinstance(item, Mapping):
        return item.get(key, default)
    return getattr(item, key, default)


def _escape(text: str) -> str:
    """As ``html.escape``, which makes five passes; nearly all texts need none."""
    return escape(text) if _SPECIAL.search(text) else text


class _Drawn:
    """A column as its cells are drawn: what is the same in every row is put together once."""

    __slots__ = ("_write", "after", "before", "is_tag", "key", "right")

    def __init__(self, column: Any) -> None:
        kind = _get(column, "kind", "text")
        self.key = str(_get(column, "key"))
        self.right = kind in RIGHT
        self.is_tag = kind == "tag"
        self._write = _WRITTEN.get(kind)
        css = ' class="sb-num"' if self.right else ' class="sb-wrap"' if kind == "long" else ""
        self.before = f'<td{css} data-label="{escape(str(_get(column, "label")))}">'
        self.after = "</td>"

    def value(self, values: Any) -> Any:
        """Return the cell's value as it is written, an empty text for None."""
        value = _get(values, self.key, "")
        if value is None or value == "":
            return ""
        return self._write(value) if self._write is not None else value

    def html(self, values: Any) -> str:
        """Return the cell."""
        text = _text(self.value(values))
        if self.is_tag and text:
            text = _TAG_BEFORE + text + "</span>"
        return self.before + text + self.after


_TAG_BEFORE = '<span class="ds-tag sb-tag" data-color="neutral">'


def tag_html(label: Any, color: str = "neutral") -> SafeString:
    """Return a small label."""
    return format_html('<span class="ds-tag sb-tag" data-color="{}">{}</span>', color, label)


def _text(value: Any) -> str:
    """Return a value as a template writes it: numbers and dates in Swedish, escaped unless it is safe.

    As Django's ``conditional_escape``, without its detour for lazy values, which cost more than all else.
    """
    if type(value) is str:
        return _escape(value)
    if isinstance(value, datetime) and is_aware(value):
        value = localtime(value)
    if not isinstance(value, str):
        value = localize(value)
    safe = getattr(value, "__html__", None)
    return str(safe()) if safe is not None else escape(str(value))


class _Rows:
    """Draws the rows of one table."""

    def __init__(self, columns: Any, *, markable: bool) -> None:
        drawn = [_Drawn(column) for column in columns]
        self._first = drawn[0] if drawn else None
        self._rest = drawn[1:]
        self._css = ' class="sb-num"' if drawn and drawn[0].right else ""
        self._mark = escape(_("Markera")) if markable else ""
        self._said = f'<span class="ds-sr-only"> ({escape(_("behöver åtgärd"))})</span>'

    def html(self, row: Any) -> str:
        """Return a row; each value goes through _text or escape."""
        values = _get(row, "cells", {})
        key, attention = _escape(str(_get(row, "id"))), bool(_get(row, "attention", False))
        name = _text(self._first.value(values)) if self._first else ""
        parts = [
            "<tr data-row",
            ' class="sb-attention"' if attention else "",
            f' id="{key}">' if key else ">",
        ]
        if self._mark:
            parts.append(
                '<td class="sb-table__mark"><input class="ds-input" type="checkbox" data-mark name="mark" '
                f'value="{key}" aria-label="{self._mark} {name}"></td>'
            )
        if self._first:
            url = str(_get(row, "url"))
            shown = f'<a class="ds-link" href="{_escape(url)}" data-open>{name}</a>' if url else name
            parts.append(f'<th scope="row"{self._css}>{shown}{self._said if attention else ""}</th>')
        parts += [column.html(values) for column in self._rest]
        parts.append("</tr>")
        return "".join(parts)


def table_view(table: Any) -> TableView:
    """Return the rows and footer of a `components.Table` (or a dictionary of the same keys)."""
    columns = _get(table, "columns", ())
    rows = _Rows(columns, markable=bool(_get(table, "markable", False)))
    body = mark_safe("\n    ".join([rows.html(row) for row in _get(table, "rows", ())]))  # noqa: S308
    footer = _get(table, "footer", None)
    drawn = [_Drawn(column) for column in columns] if footer else []
    return TableView(body, [Cell(one.value(footer), one.right, n == 0) for n, one in enumerate(drawn)])
