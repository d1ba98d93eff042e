"""Text that people typed: normalised, without control characters, safe in one line, of bounded length."""

from __future__ import annotations

import re
import unicodedata

from sambruk.common.errors import Invalid

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Characters that make text look like other text: bidirectional overrides and isolates, byte order mark.
_DECEPTIVE = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’:][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"[.!?:](?=\s|$)|\n{2,}")


def nfc(text: str) -> str:
    """Return the text in Unicode normalisation form C."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """Return the text in NFC, line ends as ``\\n``, without control characters, surrogates or bidi overrides.

    Newline and tab stay. Nothing visible is changed.
    """
    unified = _NEWLINES.sub("\n", text)
    kept = [
        char
        for char in unified
        if char in "\n\t" or (char not in _DECEPTIVE and unicodedata.category(char) not in ("Cc", "Cs"))
    ]
    return nfc("".join(kept))


def single_line(text: str, max_length: int | None = None) -> str:
    """Return the text as one line: cleaned, white space collapsed to single spaces, ends stripped.

    Holds no line break of any kind, so it is safe in a mail header, a file name's title or a log field.
    Longer than ``max_length`` characters is shortened as ``shorten`` does.
    """
    line = " ".join(clean(text).split())
    return line if max_length is None else shorten(line, max_length)


def shorten(text: str, max_length: int) -> str:
    """Cut text to at most ``max_length`` characters, at a word where one ends late enough, with "…"."""
    if max_length < 1:
        raise ValueError("max_length must be at least 1")
    if len(text) <= max_length:
        return text
    cut = text[: max_length - 1]
    while cut and unicodedata.combining(text[len(cut)]):
        cut = cut[:-1]
    space = cut.rfind(" ")
    if space > max_length * 2 // 3:
        cut = cut[:space]
    return cut.rstrip() + "…"


def require_length(text: str, max_length: int) -> str:
    """Return the text, or raise Invalid with a sentence that says how much too long it is."""
    over = len(text) - max_length
    if over > 0:
        raise Invalid(
            f"Texten är {over} tecken för lång. Den får vara högst {max_length} tecken.", code="too_long"
        )
    return text


def lix(text: str) -> int:
    """Return the LIX readability index of Swedish text: under 30 very easy, 40 ordinary, over 60 very hard.

    Words a sentence plus the share in percent of words with more than six letters (C.-H. Björnsson,
    Läsbarhet, 1968). A text without words has 0.
    """
    words = _WORD.findall(text)
    if not words:
        return 0
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    long_words = sum(1 for word in words if sum(char.isalpha() for char in word) > 6)
    return round(len(words) / max(sentences, 1) + 100 * long_words / len(words))
