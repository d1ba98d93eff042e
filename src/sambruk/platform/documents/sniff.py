"""What a file is, by its content, never by its name or what the browser says."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import IO

import puremagic

from sambruk.platform.documents import archives, images
from sambruk.platform.documents.archives import RefusedFile
from sambruk.platform.documents.file_names import safe_name

_HEAD = 4096
_TAIL = 66_000
_CHUNK = 1024 * 1024
_ENCRYPT = re.compile(rb"/Encrypt(?=[\s/<\[(]|[0-9])")
# What a browser that guesses types looks for in the first bytes of a file.
_ACTIVE = re.compile(
    rb"<!doctype|<html|<head|<body|<script|<iframe|<svg|<object|<embed|<img|<style|<\?xml|<\?php|<meta",
    re.IGNORECASE,
)
_TEXT_BYTES = frozenset(range(0x20, 0x100)) - {0x7F} | {0x09, 0x0A, 0x0D}


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is accepted. ``also`` are further extensions that may stay in a name."""

    id: str
    media_type: str
    extension: str
    label: str
    also: tuple[str, ...] = ()

    def name(self, given: str) -> str:
        """Return the given name made safe, with this type's extension."""
        return safe_name(given, self.extension, also=(self.extension, *self.also))


PDF = FileType("pdf", "application/pdf", ".pdf", "PDF")
JPEG = FileType("jpeg", "image/jpeg", ".jpg", "JPEG-bild", (".jpeg",))
PNG = FileType("png", "image/png", ".png", "PNG-bild")
HEIC = FileType("heic", "image/heic", ".heic", "HEIC-bild", (".heif",))
DOCX = FileType(
    "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".docx",
    "Word-dokument",
)
ODT = FileType("odt", "application/vnd.oasis.opendocument.text", ".odt", "OpenDocument-text")
TXT = FileType("txt", "text/plain", ".txt", "textfil")

ALL_TYPES = {kind.id: kind for kind in (PDF, JPEG, PNG, HEIC, DOCX, ODT, TXT)}


def sniff(source: IO[bytes], allowed: Container[str] = ALL_TYPES.keys()) -> FileType:
    """Return the type of a seekable binary file, which is left at its start.

    Every accepted type is recognised by its signature and then checked: whole to the end, not encrypted,
    no bomb, no second file hidden at its end, nothing that a browser could take for a page. ``allowed``
    are ids of types (``pdf``, ``jpeg``, ...). Raises RefusedFile with a Swedish sentence.
    """
    size = source.seek(0, io.SEEK_END)
    if size == 0:
        raise RefusedFile("Filen är tom. Kontrollera den och försök igen.")
    source.seek(0)
    head = source.read(_HEAD)
    source.seek(max(0, size - _TAIL))
    tail = source.read(_TAIL)
    try:
        kind = _recognise(head, tail, source)
    finally:
        source.seek(0)
    if kind.id not in allowed:
        raise RefusedFile(f"Här går det inte att skicka en {kind.label}. {_accepted(allowed)}")
    return kind


def _recognise(head: bytes, tail: bytes, source: IO[bytes]) -> FileType:
    for starts, examine in _EXAMINERS:
        if starts(head):
            return examine(head, tail, source)
    return _plain_text(head, source)


def _accepted(allowed: Container[str]) -> str:
    labels = [kind.label for kind in ALL_TYPES.values() if kind.id in allowed]
    return (
        f"Du kan skicka {', '.join(labels[:-1]) + ' eller ' if labels[1:] else ''}{labels[-1]}."
        if labels
        else ""
    )


def _hides_archive(tail: bytes) -> bool:
    """True if a zip archive's end record stands at the very end (a file that is two things at once)."""
    place = tail.rfind(b"PK\x05\x06")
    return place >= 0 and place + 22 + int.from_bytes(tail[place + 20 : place + 22], "little") == len(tail)


def _refuse_double(head: bytes, tail: bytes) -> None:
    if _ACTIVE.search(head) or _hides_archive(tail):
        raise RefusedFile("Filen innehåller mer än den ger sig ut för. Spara om den och försök igen.")


def _refuse_cut() -> RefusedFile:
    return RefusedFile("Filen är inte hel. Kontrollera att den går att öppna och skicka den igen.")


def _pdf(head: bytes, tail: bytes, source: IO[bytes]) -> FileType:
    _refuse_double(head[:1024], tail)
    if b"%%EOF" not in tail[-2048:] or b"startxref" not in tail[-4096:]:
        raise _refuse_cut()
    source.seek(0)
    kept = b""
    while chunk := source.read(_CHUNK):
        if _ENCRYPT.search(kept + chunk):
            raise RefusedFile("PDF-filen är låst med lösenord. Ta bort låset och försök igen.")
        kept = chunk[-16:]
    return PDF


def _jpeg(head: bytes, tail: bytes, source: IO[bytes]) -> FileType:
    _refuse_double(head[:512], tail)
    if b"\xff\xd9" not in tail:
        raise _refuse_cut()
    images.check_jpeg_size(source)
    return JPEG


def _png(head: bytes, tail: bytes, source: IO[bytes]) -> FileType:
    _refuse_double(head[:512], tail)
    if not tail.endswith(b"IEND\xaeB`\x82"):
        raise _refuse_cut()
    images.check_png_size(head)
    return PNG


def _heic(head: bytes, tail: bytes, source: IO[bytes]) -> FileType:
    _refuse_double(head[:512], tail)
    images.check_boxes(source)
    return HEIC


def _office(head: bytes, tail: bytes, source: IO[bytes]) -> FileType:
    members = archives.check(source)
    if any(
        name.lower().endswith("vbaproject.bin") or name.startswith(("Basic/", "Scripts/")) for name in members
    ):
        raise RefusedFile(
            "Dokumentet innehåller makron. Spara det utan makron, gärna som PDF, och försök igen."
        )
    if "[Content_Types].xml" in members and "word/document.xml" in members:
        if b"macroEnabled" in archives.read_member(source, "[Content_Types].xml"):
            raise RefusedFile("Dokumentet innehåller makron. Spara det utan makron och försök igen.")
        return DOCX
    if "content.xml" in members and _declared_type(members, source) == ODT.media_type.encode():
        manifest = "META-INF/manifest.xml"
        if manifest in members and b"encryption-data" in archives.read_member(source, manifest):
            raise RefusedFile("Dokumentet är lösenordsskyddat. Ta bort lösenordet och försök igen.")
        return ODT
    raise RefusedFile("Den typen av packad fil går inte att skicka. " + _accepted(ALL_TYPES))


def _declared_type(members: Container[str], source: IO[bytes]) -> bytes:
    """The type that an OpenDocument names itself in its first member."""
    return archives.read_member(source, "mimetype").strip() if "mimetype" in members else b""


def _old_office(head: bytes, tail: bytes, source: IO[bytes]) -> FileType:
    raise RefusedFile(
        "Filen är lösenordsskyddad eller i ett äldre Word-format. Spara den som PDF och försök igen."
    )


def _plain_text(head: bytes, source: IO[bytes]) -> FileType:
    """Text in UTF-8 or Windows-1252, without control characters, markup or another type's signature."""
    refused = RefusedFile(_unknown(head))
    if head.startswith((b"#!", b"{\\rtf", b"MZ", b"From:", b"MIME-Version")) or b"%PDF-" in head[:1024]:
        raise refused
    if _ACTIVE.search(head):
        raise RefusedFile("Webbsidor och programkod går inte att skicka. " + _accepted(ALL_TYPES))
    source.seek(0)
    while chunk := source.read(_CHUNK):
        if not _TEXT_BYTES.issuperset(chunk):
            raise refused
    return TXT


def _unknown(head: bytes) -> str:
    """Say what the file seems to be, where that is known, and what can be sent."""
    try:
        guess = puremagic.from_string(head)
    except (puremagic.PureError, ValueError):
        guess = ""
    known = f"En fil av typen {guess} går inte att skicka." if re.fullmatch(r"\.[a-z0-9]{1,8}", guess) else ""
    return f"{known or 'Vi känner inte igen den typen av fil.'} {_accepted(ALL_TYPES)}"


_EXAMINERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes, bytes, IO[bytes]], FileType]], ...] = (
    (lambda head: head.startswith(b"%PDF-"), _pdf),
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (lambda head: head[4:8] == b"ftyp" and head[8:12] in images.HEIC_BRANDS, _heic),
    (lambda head: head.startswith(b"PK\x03\x04"), _office),
    (lambda head: head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _old_office),
)
