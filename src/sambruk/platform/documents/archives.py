"""Checks of zip-based documents (docx, odt): bombs, encryption, macros, nesting, deceptive members."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO

from sambruk.common.errors import Invalid

MAX_MEMBERS = 5_000
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 150
_RATIO_COUNTS_FROM = 5 * 1024 * 1024
_MAX_DEPTH = 1  # a spreadsheet inside a document is common; anything deeper is not
_CHUNK = 256 * 1024


class RefusedFile(Invalid):
    """A file that is not accepted; the sentence says why and what to do."""

    code = "refused_file"


def _refuse_bomb() -> RefusedFile:
    return RefusedFile("Filen packas upp till orimligt mycket. Spara om den, gärna som PDF, och försök igen.")


def _check_member(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 0x1:
        raise RefusedFile("Filen är lösenordsskyddad. Ta bort lösenordet och försök igen.")
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0] or "\x00" in info.filename:
        raise RefusedFile("Filen är felaktigt uppbyggd. Spara om den och försök igen.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RefusedFile("Filen är packad på ett ovanligt sätt. Spara om den och försök igen.")


def _check_sizes(members: list[zipfile.ZipInfo], size: int) -> None:
    """Bound the declared sizes; members that share bytes declare more packed bytes than the file has."""
    if len(members) > MAX_MEMBERS or len({info.filename for info in members}) != len(members):
        raise RefusedFile("Filen är felaktigt uppbyggd. Spara om den och försök igen.")
    unpacked = sum(info.file_size for info in members)
    if unpacked > MAX_UNPACKED or sum(info.compress_size for info in members) > size:
        raise _refuse_bomb()
    if unpacked > _RATIO_COUNTS_FROM and unpacked > MAX_RATIO * size:
        raise _refuse_bomb()


def _check_nested(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], depth: int) -> None:
    for info in members:
        with archive.open(info) as source:
            if source.read(4) != b"PK\x03\x04":
                continue
        if depth >= _MAX_DEPTH:
            raise RefusedFile("Filen har för många filer inuti varandra. Skicka dem var för sig.")
        check(io.BytesIO(_read(archive, info)), depth=depth + 1)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Unpack one member; its true size may not exceed what it declares (zipfile checks the CRC too)."""
    parts, total = [], 0
    with archive.open(info) as source:
        while chunk := source.read(_CHUNK):
            total += len(chunk)
            if total > info.file_size:
                raise _refuse_bomb()
            parts.append(chunk)
    return b"".join(parts)


def check(source: IO[bytes], *, depth: int = 0) -> dict[str, int]:
    """Check a zip archive (seekable) and return its members' names and unpacked sizes in bytes.

    Raises RefusedFile for bombs (over 300 MiB, ratio over 150, overlapping members), encryption, names
    that point outside, archives more than one level inside, and damage.
    """
    try:
        size = source.seek(0, io.SEEK_END)
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            for info in members:
                _check_member(info)
            _check_sizes(members, size)
            _check_nested(archive, members, depth)
            return {info.filename: info.file_size for info in members}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OverflowError,
        ValueError,
    ) as error:
        raise RefusedFile("Filen är skadad. Öppna den, spara om den och försök igen.") from error


def read_member(source: IO[bytes], name: str, limit: int = 4 * 1024 * 1024) -> bytes:
    """Return one member of a checked archive; RefusedFile if it is larger than ``limit`` bytes."""
    try:
        with zipfile.ZipFile(source) as archive:
            info = archive.getinfo(name)
            if info.file_size > limit:
                raise _refuse_bomb()
            return _read(archive, info)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise RefusedFile("Filen är skadad. Öppna den, spara om den och försök igen.") from error
