"""A stored sort key for names, so that order and paging are equal on every server (collation C)."""

from __future__ import annotations

import unicodedata

_RING, _DIAERESIS, _DOUBLE_ACUTE = "\u030a", "\u0308", "\u030b"

# In UTF-8 byte order the characters {, | and } follow z: they stand for å, ä and ö.
_A_RING, _A_DIAERESIS, _O_DIAERESIS = "{", "|", "}"

_MARKED = {
    ("a", _RING): _A_RING,
    ("a", _DIAERESIS): _A_DIAERESIS,
    ("o", _DIAERESIS): _O_DIAERESIS,
    ("o", _DOUBLE_ACUTE): _O_DIAERESIS,
    ("u", _DIAERESIS): "y",
    ("u", _DOUBLE_ACUTE): "y",
}
_LETTERS = {
    "æ": _A_DIAERESIS,
    "ø": _O_DIAERESIS,
    "œ": _O_DIAERESIS,
    "ð": "d",
    "đ": "d",
    "þ": "th",
    "ł": "l",
    "ı": "i",
}


def _fold(base: str, marks: str) -> str:
    for mark in marks:
        if (base, mark) in _MARKED:
            return _MARKED[base, mark]
    if base in _LETTERS:
        return _LETTERS[base]
    if base.isalnum():
        return base
    # The signs that divide words sort before every letter; other signs (and a typed brace) do not count.
    return " " if base.isspace() or base in "-\u2010\u2011\u2013/," else ""


def name_sort_key(name: str) -> str:
    """Return the key by which a name is sorted, to be stored and compared byte by byte (collation C).

    Case does not count; å, ä and ö follow z in that order (æ as ä, ø as ö, ü as y, after CLDR's Swedish
    collation); other diacritics are dropped; v and w are two letters (SAOL 13, 2006); hyphens count as
    spaces and other signs not at all. Equal keys mean equal place, so a list needs a second key (its id).
    """
    result: list[str] = []
    base, marks = "", ""
    for char in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold()):
        if unicodedata.combining(char):
            marks += char
            continue
        if base:
            result.append(_fold(base, marks))
        base, marks = char, ""
    if base:
        result.append(_fold(base, marks))
    return " ".join("".join(result).split())
