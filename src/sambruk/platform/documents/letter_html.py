"""Letters as HTML: every text escaped, no attribute but classes of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from sambruk.common.calendar import format_date
from sambruk.platform.documents.letter_template import Block, Line

if TYPE_CHECKING:
    from sambruk.platform.documents.letters import LetterHead


def render_html(head: LetterHead, blocks: Sequence[Block], first_level: int) -> str:
    """Return an ``article`` element. Raises ValueError unless ``first_level`` is 1-4."""
    if not 1 <= first_level <= 4:
        raise ValueError("headings begin at level 1 to 4")
    body = "".join(_block(block, first_level) for block in blocks)
    return f'<article class="letter" lang="{escape(head.language)}">{_head(head)}{body}</article>'


def _head(head: LetterHead) -> str:
    parts = [
        f'<p class="letter-sender"><strong>{escape(head.sender)}</strong>{_after(head.sender_lines)}</p>',
        f'<p class="letter-date"><time datetime="{head.day.isoformat()}">{format_date(head.day)}</time></p>',
    ]
    if head.case_number:
        parts.append(f'<p class="letter-case">Ärende {escape(head.case_number)}</p>')
    if head.recipient_lines:
        parts.append(f'<p class="letter-recipient">{"<br>".join(map(escape, head.recipient_lines))}</p>')
    return f'<header class="letter-head">{"".join(parts)}</header>'


def _after(lines: Iterable[str]) -> str:
    return "".join(f"<br>{escape(line)}" for line in lines)


def _line(line: Line) -> str:
    return "".join(_bold(escape(run.text).replace("\n", "<br>"), run.bold) for run in line)


def _bold(text: str, bold: bool) -> str:
    return f"<strong>{text}</strong>" if bold and text else text


def _block(block: Block, first_level: int) -> str:
    if block.kind == "heading":
        level = first_level + block.level - 1
        return f"<h{level}>{_line(block.runs)}</h{level}>"
    if block.kind in ("bullets", "numbers"):
        tag = "ul" if block.kind == "bullets" else "ol"
        items = "".join(f"<li>{_item(item, first_level)}</li>" for item in block.items)
        return f"<{tag}>{items}</{tag}>"
    if block.kind == "table":
        return _table(block)
    return f"<p>{_line(block.runs)}</p>"


def _item(item: Sequence[Block], first_level: int) -> str:
    if len(item) == 1 and item[0].kind == "paragraph":
        return _line(item[0].runs)
    return "".join(_block(part, first_level) for part in item)


def _plain(line: Line) -> str:
    """A cell of a heading or total row: the row itself is set bold, by the style sheet."""
    return "".join(escape(run.text).replace("\n", "<br>") for run in line)


def _table(block: Block) -> str:
    def row(cells: Sequence[Line]) -> str:
        return "<tr>" + "".join(f"<td>{_line(cell)}</td>" for cell in cells) + "</tr>"

    name = "letter-calculation" if block.numeric else "letter-table"
    caption = f"<caption>{escape(block.caption)}</caption>" if block.caption else ""
    head = "".join(f'<th scope="col">{_plain(cell)}</th>' for cell in block.head)
    foot = ""
    if block.total:
        first, *rest = (_plain(cell) for cell in block.total)
        sums = "".join(f"<td>{cell}</td>" for cell in rest)
        foot = f'<tfoot><tr><th scope="row">{first}</th>{sums}</tr></tfoot>'
    body = "".join(row(cells) for cells in block.rows)
    return f'<table class="{name}">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>'
