"""Names of files that people send: kept for people to read, never used as a path."""

from __future__ import annotations

import re

from sambruk.common.text import single_line

_MAX_CHARACTERS = 120
_MAX_BYTES = 200
_UNSAFE = re.compile(r'[<>:"|?*]')
# Zero-width and other invisible directional marks, which single_line keeps since they are text.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u061c\u2060-\u2064]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)


def safe_name(name: str, extension: str, *, also: tuple[str, ...] = ()) -> str:
    """Return a name of bounded length, without path, control characters, overrides or reserved words.

    ``extension`` (with its dot) is that of the type found in the content; it replaces the one given unless
    that is it, or one of ``also`` (``.jpeg`` beside ``.jpg``). A name with nothing left becomes ``bilaga``.
    """
    last = re.split(r"[/\\]", single_line(name))[-1]
    last = _INVISIBLE.sub("", _UNSAFE.sub("_", last)).rstrip(" .")
    stem, dot, given = last.rpartition(".")
    ending = extension
    if dot and re.fullmatch(r"[A-Za-z0-9]{1,8}", given):
        last = stem
        if f".{given.lower()}" in also:
            ending = f".{given.lower()}"
    stem = " ".join(last.split()).strip(" .") or "bilaga"
    if _RESERVED.fullmatch(stem.split(".")[0]):
        stem = f"_{stem}"
    stem = stem[:_MAX_CHARACTERS]
    while len(stem.encode("utf-8")) > _MAX_BYTES:
        stem = stem[:-1]
    return stem.rstrip(" .") + ending
