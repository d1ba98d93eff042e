"""The language of letters: a small part of Markdown with ``{name}`` placeholders.

Headings, paragraphs, bulleted and numbered lists, bold, tables, hard line breaks. Everything else in Markdown
is refused with its line, so that a letter never shows other than its author saw. Placeholders are replaced
after the Markdown has been read: a value is text, whatever signs it holds. A paragraph that is a placeholder
alone may take several paragraphs (a text with blank lines), a ``Table``, or disappear (an empty text).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from sambruk.common.calendar import format_date
from sambruk.common.errors import Invalid
from sambruk.common.money import format_kr
from sambruk.common.text import clean

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\}")


class LetterError(Invalid):
    """A template or a value that cannot become a letter; the sentence names line or placeholder."""

    code = "letter"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for a calculation: cells are text; every column but the first is set to the right.

    ``total`` is shown last and stands out. Each row has as many cells as ``columns``.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None
    caption: str = ""

    def __post_init__(self) -> None:
        lines = [*self.rows, *([self.total] if self.total is not None else [])]
        if not self.columns or any(len(line) != len(self.columns) for line in lines):
            raise LetterError("Varje rad i tabellen ska ha lika många celler som det finns kolumner.")


Value: TypeAlias = str | int | Decimal | date | Table


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one weight."""

    text: str
    bold: bool = False


Line: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a letter: ``kind`` is heading, paragraph, bullets, numbers or table.

    ``runs`` is the text of a heading (of ``level`` 1-3) or paragraph; ``items`` the lists' entries;
    ``table`` the rows, ``numeric`` whether its columns but the first are set to the right.
    """

    kind: str
    runs: Line = ()
    level: int = 0
    items: tuple[tuple[Block, ...], ...] = ()
    head: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    total: tuple[Line, ...] = ()
    caption: str = ""
    numeric: bool = False


@dataclass(slots=True)
class _Filling:
    values: Mapping[str, Value]
    used: set[str] = field(default_factory=set)

    def get(self, name: str) -> Value:
        self.used.add(name)
        if name not in self.values or self.values[name] is None:
            raise LetterError(f"Brevet behöver ett värde för {{{name}}}.", {name: "Värdet saknas."})
        return self.values[name]

    def text(self, name: str) -> str:
        value = self.get(name)
        if isinstance(value, Table):
            raise LetterError(f"{{{name}}} är en tabell och ska stå ensam i ett stycke.")
        return _as_text(name, value)


def _as_text(name: str, value: str | int | Decimal | date) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal | date):
        raise LetterError(f"Värdet för {{{name}}} går inte att skriva i ett brev.")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Decimal):
        return format_kr(value)
    return str(value) if isinstance(value, int) else format_date(value)


def placeholders(template: str) -> frozenset[str]:
    """Return the names that a template asks for. Raises LetterError for a template that is not allowed."""
    names: set[str] = set()
    for node in _parse(template).walk():
        if node.type == "text":
            names.update(_PLACEHOLDER.findall(node.content))
    return frozenset(names)


def _parse(template: str) -> SyntaxTreeNode:
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(clean(template))
    tree = SyntaxTreeNode(tokens)
    for node in tree.walk():
        if node.type not in _ALLOWED:
            raise LetterError(f"Rad {_line(node)} i brevmallen: {_refused(node.type)}")
        if node.type == "text" and re.search(r"[{}]", _PLACEHOLDER.sub("", node.content)):
            raise LetterError(
                f"Rad {_line(node)} i brevmallen: en klammer utan uppgift. Skriv till exempel {{namn}}."
            )
    return tree


_TEXT_NODES = {"root", "heading", "paragraph", "inline", "text", "strong", "softbreak", "hardbreak"}
_LIST_NODES = {"bullet_list", "ordered_list", "list_item"}
_TABLE_NODES = {"table", "thead", "tbody", "tr", "th", "td"}
_ALLOWED = frozenset(_TEXT_NODES | _LIST_NODES | _TABLE_NODES)


def _refused(kind: str) -> str:
    known = {
        "em": "kursiv text används inte i brev. Skriv fet text med två stjärnor.",
        "link": "länkar används inte i brev. Skriv ut adressen.",
        "image": "bilder används inte i brev.",
    }
    return known.get(kind, "bara rubriker, stycken, listor, fet text och tabeller används i brev.")


def _line(node: SyntaxTreeNode) -> int:
    """The line in the template, from 1; inline nodes have their block's."""
    at: SyntaxTreeNode | None = node
    while at is not None and at.map is None:
        at = at.parent
    return at.map[0] + 1 if at is not None and at.map is not None else 1


def fill(template: str, values: Mapping[str, Value]) -> tuple[Block, ...]:
    """Return the letter's blocks with every placeholder replaced.

    Raises LetterError naming the placeholder that has no value, or the line that is not allowed. Numbers
    are written as they are, Decimal as kronor, dates as ``5 december 2026``.
    """
    return _blocks(_parse(template).children, _Filling(values))


def _blocks(nodes: Sequence[SyntaxTreeNode], filling: _Filling) -> tuple[Block, ...]:
    found: list[Block] = []
    for node in nodes:
        if node.type == "paragraph":
            found.extend(_paragraphs(node, filling))
        elif node.type == "heading":
            found.append(Block("heading", _runs(node.children[0], filling), level=min(int(node.tag[1]), 3)))
        elif node.type in ("bullet_list", "ordered_list"):
            items = tuple(_blocks(item.children, filling) for item in node.children)
            found.append(Block("bullets" if node.type == "bullet_list" else "numbers", items=items))
        elif node.type == "table":
            found.append(_markdown_table(node, filling))
    return tuple(found)


def _paragraphs(node: SyntaxTreeNode, filling: _Filling) -> list[Block]:
    alone = _PLACEHOLDER.fullmatch(node.children[0].content.strip())
    if alone is None:
        return [Block("paragraph", _runs(node.children[0], filling))]
    value = filling.get(alone[1])
    if isinstance(value, Table):
        return [_value_table(value)]
    parts = re.split(r"\n[ \t]*\n", _as_text(alone[1], value))
    return [Block("paragraph", (Run(part.strip("\n")),)) for part in parts if part.strip()]


def _value_table(table: Table) -> Block:
    def cells(line: Sequence[str], bold: bool = False) -> tuple[Line, ...]:
        return tuple((Run(clean(cell), bold),) for cell in line)

    return Block(
        "table",
        head=cells(table.columns, bold=True),
        rows=tuple(cells(row) for row in table.rows),
        total=cells(table.total, bold=True) if table.total is not None else (),
        caption=clean(table.caption),
        numeric=True,
    )


def _markdown_table(node: SyntaxTreeNode, filling: _Filling) -> Block:
    head, body = node.children[0], node.children[1:]
    return Block(
        "table",
        head=tuple(_cell(cell, filling, bold=True) for cell in head.children[0].children),
        rows=tuple(
            tuple(_cell(cell, filling) for cell in row.children) for part in body for row in part.children
        ),
    )


def _cell(node: SyntaxTreeNode, filling: _Filling, *, bold: bool = False) -> Line:
    return _runs(node.children[0], filling, bold=bold) if node.children else ()


def _runs(inline: SyntaxTreeNode, filling: _Filling, *, bold: bool = False) -> Line:
    """The text of an inline node: line breaks in the template are spaces unless hard; in values they stay."""
    found: list[Run] = []
    for node in inline.children:
        if node.type == "text":
            text = _PLACEHOLDER.sub(lambda match: filling.text(match[1]), node.content)
            found.append(Run(text, bold))
        elif node.type == "strong":
            found.extend(_runs(node, filling, bold=True))
        else:
            found.append(Run("\n" if node.type == "hardbreak" else " ", bold))
    return tuple(found)
