"""Bounds on images, read from their headers without decoding them."""

from __future__ import annotations

import io
from typing import IO

from sambruk.platform.documents.archives import RefusedFile

MAX_PIXELS = 200_000_000
HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _check(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise damaged()
    if width * height > MAX_PIXELS:
        raise RefusedFile("Bilden har för många bildpunkter. Gör den mindre och försök igen.")


def damaged() -> RefusedFile:
    """The refusal of an image that cannot be read."""
    return RefusedFile("Bilden är skadad. Kontrollera att den går att öppna och skicka den igen.")


def check_png_size(head: bytes) -> None:
    """Check width and height of a PNG from its first 24 bytes. Raises RefusedFile."""
    if len(head) < 24 or head[12:16] != b"IHDR":
        raise damaged()
    _check(int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"))


def check_jpeg_size(source: IO[bytes]) -> None:
    """Check width and height of a JPEG by walking its segments to the frame header. Raises RefusedFile."""
    source.seek(2)
    for _ in range(2_000):
        marker = source.read(2)
        while marker == b"\xff\xff":  # fill bytes
            marker = b"\xff" + source.read(1)
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] in (0xD9, 0xDA):
            break
        length = int.from_bytes(source.read(2), "big")
        if length < 2:
            break
        if marker[1] in _FRAMES:
            frame = source.read(5)
            if len(frame) < 5:
                break
            _check(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
            return
        source.seek(length - 2, io.SEEK_CUR)
    raise damaged()


def check_boxes(source: IO[bytes]) -> None:
    """Check that a HEIC's top boxes fill the file exactly and hold its index. Raises RefusedFile."""
    size = source.seek(0, io.SEEK_END)
    place, kinds = 0, set()
    for _ in range(1_000):
        if place >= size:
            break
        source.seek(place)
        header = source.read(16)
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size - place
        if length < 8:
            raise damaged()
        kinds.add(kind)
        place += length
    if place != size or not {b"ftyp", b"meta"} <= kinds:
        raise damaged()
