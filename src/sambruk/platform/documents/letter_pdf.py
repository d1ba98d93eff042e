"""Letters as PDF by typst: PDF/A-2a for archives and PDF/UA-1 for everyone, in one call.

What people typed goes in as JSON and is set as strings by a layout of ours (``letter.typ``); the compiler's
root is an empty folder, so that not even a fault in the layout could read a file.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import time
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import typst

from sambruk.common.calendar import format_date
from sambruk.common.clock import at_stockholm
from sambruk.common.errors import Unavailable
from sambruk.platform.documents.letter_template import Block

if TYPE_CHECKING:
    from sambruk.platform.documents.letters import LetterHead

STANDARDS: list[Any] = ["a-2a", "ua-1"]
# Latin letters, digits and the signs of Swedish text, which the built-in fonts have.
_SURE = frozenset(map(chr, [0x0A, *range(0x20, 0x7F), *range(0xA0, 0x180)])) | frozenset("–—‘’“”„•…€−\u202f")
_PROBE = b"""#set document(title: "x")
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern"))
#sys.inputs.at("text")"""


@lru_cache(maxsize=1)
def _layout() -> bytes:
    return files("sambruk.platform.documents").joinpath("letter.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts inside typst: the same on every machine, so the same letter gives the same bytes."""
    return typst.Fonts(include_system_fonts=False)


def _compile(source: bytes, inputs: dict[str, str], timestamp: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="letter-") as empty:
        compiler = typst.Compiler(
            source,
            root=empty,
            font_paths=_fonts(),
            sys_inputs=inputs,
            package_path=empty,
            package_cache_path=empty,
        )
        pdf = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=timestamp)
    if not isinstance(pdf, bytes):
        raise Unavailable("Brevet kunde inte skapas. Försök igen om en stund.", "letter_pdf")
    return pdf


@lru_cache(maxsize=4096)
def _can_show(char: str) -> bool:
    """Whether the fonts and the standards take the character, found by setting it once."""
    if unicodedata.category(char) in ("Co", "Cn", "Cs", "Cc"):
        return False
    try:
        _compile(_PROBE, {"text": f"x{char}"}, 0)
    except typst.TypstError:
        return False
    return True


def _coded(text: str, keep: Callable[[str], bool]) -> str:
    """Write each character that cannot be shown as its code, so that nothing is lost unseen."""
    return "".join(char if char in _SURE or keep(char) else f"[U+{ord(char):04X}]" for char in text)


def _data(head: LetterHead, blocks: Sequence[Block]) -> dict[str, Any]:
    return {
        "title": head.title,
        "sender": head.sender,
        "sender_lines": list(head.sender_lines),
        "recipient_lines": list(head.recipient_lines),
        "day": format_date(head.day),
        "case_number": head.case_number,
        "language": head.language,
        "blocks": [asdict(block) for block in blocks],
    }


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(inner, change) for inner in value]
    return value


def render_pdf(head: LetterHead, blocks: Sequence[Block]) -> bytes:
    """Return the PDF, dated the morning of ``head.day``. Raises Unavailable if the compiler gives none.

    First as it is; where a character is refused, with those coded that no font has; where a combination
    of characters is refused, with everything coded that is not plain Latin.
    """
    data = _data(head, blocks)
    timestamp = int(at_stockholm(head.day, time(8)).timestamp())
    attempts: tuple[Callable[[str], str], ...] = (
        lambda text: text,
        lambda text: _coded(text, _can_show),
        lambda text: _coded(text, lambda char: False),
    )
    last: typst.TypstError | None = None
    for change in attempts:
        try:
            return _compile(_layout(), {"letter": json.dumps(_mapped(data, change))}, timestamp)
        except typst.TypstError as error:
            last = error
    raise Unavailable("Brevet kunde inte skapas.", "letter_pdf", permanent=True) from last
