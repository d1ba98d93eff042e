"""Letters: written once, shown as a page and kept as a PDF for archives.

``Letter.compose`` reads a template (``letter_template``) and the values; ``html`` and ``pdf`` render it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sambruk.common.text import clean, single_line
from sambruk.platform.documents.letter_html import render_html
from sambruk.platform.documents.letter_pdf import render_pdf
from sambruk.platform.documents.letter_template import (
    Block,
    LetterError,
    Table,
    Value,
    fill,
    placeholders,
)

__all__ = ["Letter", "LetterError", "LetterHead", "Table", "Value", "placeholders"]


@dataclass(frozen=True, slots=True)
class LetterHead:
    """What stands above every letter. Lines are plain text; empty ones are left out.

    ``title`` names the document (for archives and screen readers); ``sender`` is the municipality's or
    authority's name, ``sender_lines`` its unit and address; ``recipient_lines`` the name and address.
    """

    title: str
    sender: str
    day: date
    sender_lines: tuple[str, ...] = ()
    recipient_lines: tuple[str, ...] = ()
    case_number: str = ""
    language: str = "sv"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its values in place, ready to render."""

    head: LetterHead
    blocks: tuple[Block, ...]

    @classmethod
    def compose(cls, template: str, values: Mapping[str, Value], head: LetterHead) -> Letter:
        """Fill a template. Raises LetterError naming a missing placeholder or a line that is not allowed."""
        if not head.title.strip() or not head.sender.strip():
            raise LetterError("Ett brev behöver en titel och en avsändare.")
        tidy = replace(
            head,
            title=single_line(head.title),
            sender=single_line(head.sender),
            sender_lines=_lines(head.sender_lines),
            recipient_lines=_lines(head.recipient_lines),
            case_number=single_line(head.case_number),
        )
        return cls(tidy, fill(template, values))

    def html(self, *, first_level: int = 2) -> str:
        """Return the letter as an HTML ``article``; its headings begin at ``first_level`` (1-4)."""
        return render_html(self.head, self.blocks, first_level)

    def pdf(self) -> bytes:
        """Return the letter as PDF/A-2a and PDF/UA-1; the same letter gives the same bytes.

        A character that the built-in fonts lack is written as its code, ``[U+1F600]``, never left out.
        """
        return render_pdf(self.head, self.blocks)


def _lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for line in (single_line(clean(line)) for line in lines) if line)
