import io
import os
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sambruk.platform.documents import archives, images
from sambruk.platform.documents import sniff as s
from sambruk.platform.documents.archives import RefusedFile

PDF = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\nxref\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def png(width: int = 10, height: int = 10) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 110))
        + chunk(b"IEND", b"")
    )


def jpeg(width: int = 10, height: int = 10) -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", 10) + b"Exif\0\0xx"
    frame = b"\xff\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + exif + frame + b"\xff\xda" + b"\0" * 20 + b"\xff\xd9"


def heic() -> bytes:
    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(data), kind) + data

    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", b"\0" * 30) + box(b"mdat", b"\0" * 50)


def packed(members: dict[str, bytes], **options) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", options.pop("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def docx(**more: bytes) -> bytes:
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"} | more)


def odt(**more: bytes) -> bytes:
    kind = b"application/vnd.oasis.opendocument.text"
    return packed({"mimetype": kind, "content.xml": b"<c/>", "META-INF/manifest.xml": b"<m/>"} | more)


def kind_of(content: bytes, **options) -> str:
    return s.sniff(io.BytesIO(content), **options).id


def refused(content: bytes, part: str, **options) -> None:
    with pytest.raises(RefusedFile, match=part):
        s.sniff(io.BytesIO(content), **options)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (png(), "png"),
        (jpeg(), "jpeg"),
        (heic(), "heic"),
        (docx(), "docx"),
        (odt(), "odt"),
        ("Hej Åsa!\r\n".encode(), "txt"),
        ("Hej Åsa!".encode("cp1252"), "txt"),
        (b"\xef\xbb\xbfHej", "txt"),
        (b"2 < 3 och 5 > 4", "txt"),
    ],
)
def test_recognised_by_content(content, kind):
    source = io.BytesIO(content)
    found = s.sniff(source)
    assert found.id == kind
    assert source.tell() == 0
    assert found.name("x.exe").endswith(found.extension)


def test_only_what_is_allowed_here():
    assert kind_of(png(), allowed={"png", "jpeg"}) == "png"
    refused(PDF, "Du kan skicka JPEG-bild eller PNG-bild", allowed={"png", "jpeg"})
    refused(PDF, r"en PDF\. $", allowed=())


def test_empty_and_unknown():
    refused(b"", "tom")
    refused(b"\0\1\2\3", "känner inte igen|av typen")
    refused(b"MZ" + b"\0" * 60, "går inte att skicka|känner inte igen")
    refused(b"GIF89a" + b"\0" * 20, "gif")
    refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "äldre Word-format")


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><p>x",
        b"  \n<HTML>",
        b"<svg xmlns='x'>",
        b"Hej <script>alert(1)</script>",
        b"<?xml version='1.0'?>",
        b"<?php echo 1;",
        b"#!/bin/sh\nrm",
        b"{\\rtf1 x}",
        b"From: a@b.se\nContent-Type: text/html",
        b"text %PDF-1.4 text",
    ],
)
def test_active_text_is_no_text(content):
    refused(content, "går inte att skicka|känner inte igen")


@pytest.mark.parametrize("name", ["x.pdf", "x.png"])
def test_the_name_decides_nothing(name):
    source = io.BytesIO(b"<html><script>")
    source.name = name
    with pytest.raises(RefusedFile):
        s.sniff(source)


def test_two_files_in_one():
    refused(PDF[:9] + b"<html><script>x</script>" + PDF[9:], "mer än den ger sig ut för")
    refused(PDF + docx(), "mer än den ger sig ut för")
    refused(png() + docx(), "mer än den ger sig ut för")
    refused(jpeg() + docx(), "mer än den ger sig ut för")
    refused(b"\xff\xd8\xff\xe1<script>" + jpeg()[4:], "mer än den ger sig ut för")
    refused(b"<html>" + PDF, r"av typen \.html går inte")


def test_cut_off():
    refused(PDF[:-20], "inte hel")
    refused(png()[:-3], "inte hel")
    refused(jpeg()[:-2], "inte hel")
    refused(heic()[:-5], "skadad")
    refused(docx()[:-30], "skadad")


def test_encrypted():
    refused(PDF.replace(b"/Root", b"/Encrypt 5 0 R/Root"), "lösenord")
    assert kind_of(PDF.replace(b"endobj", b"/EncryptMetadata false endobj")) == "pdf"
    # across the border between two reads
    padded = PDF[:9] + b"%" + b"x" * (1024 * 1024 - 14) + b"/Encrypt 5 0 R\n" + PDF[9:]
    refused(padded, "lösenord")
    locked = bytearray(docx())
    for place in (i for i in range(len(locked) - 4) if locked[i : i + 4] in (b"PK\3\4", b"PK\1\2")):
        locked[place + (6 if locked[place + 2] == 3 else 8)] |= 1
    refused(bytes(locked), "lösenord")
    refused(odt(**{"META-INF/manifest.xml": b"<m:encryption-data/>"}), "lösenord")


def test_macros():
    refused(docx(**{"word/vbaProject.bin": b"x"}), "makron")
    refused(docx(**{"[Content_Types].xml": b"...document.macroEnabled.main+xml"}), "makron")
    refused(odt(**{"Basic/Standard/Module1.xml": b"x"}), "makron")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "C:\\x", "a\\..\\..\\x"])
def test_members_that_point_outside(name):
    refused(docx(**{name: b"x"}), "felaktigt uppbyggd")


def test_other_archives():
    refused(packed({"x.exe": b"MZ"}), "packad fil")
    refused(packed({"mimetype": b"application/epub+zip", "content.xml": b""}), "packad fil")
    refused(packed({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "packad fil")


def test_bombs(monkeypatch):
    refused(docx(**{"word/big.xml": b"\0" * 12_000_000}), "orimligt")
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1_000)
    refused(docx(**{"word/a.bin": os.urandom(1_100)}), "orimligt")
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    refused(docx(**{"word/b": b""}), "felaktigt uppbyggd")


def test_a_bomb_of_overlapping_members():
    """Every entry of the directory points at the same packed bytes."""
    base = bytearray(packed({"a": os.urandom(5_000)}))
    start = base.rfind(b"PK\1\2")
    end = base.rfind(b"PK\5\6")
    entry, count = base[start:end], 20
    entries = b"".join(entry[:46] + bytes([0x61 + n]) for n in range(count))
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(entries), start, 0)
    refused(bytes(base[:start]) + entries + tail, "orimligt")


def test_archives_inside_archives():
    sheet = packed({"[Content_Types].xml": b"", "xl/workbook.xml": b""})
    assert kind_of(docx(**{"word/embeddings/a.xlsx": sheet})) == "docx"
    deep = packed({"a.zip": packed({"b": b"x"})})
    refused(docx(**{"word/embeddings/a.zip": deep}), "inuti varandra")
    bomb = packed({"a": b"\0" * 12_000_000})
    refused(docx(**{"word/embeddings/a.zip": bomb}), "orimligt")


def test_a_member_that_is_damaged():
    content = bytearray(
        packed({"[Content_Types].xml": b"<Types/>" * 50, "word/document.xml": b""}, compression=0)
    )
    content[60] ^= 0xFF
    refused(bytes(content), "skadad|felaktigt")


def test_images_too_large_or_of_no_size():
    refused(png(20_000, 20_000), "bildpunkter")
    refused(jpeg(65_000, 65_000), "bildpunkter")
    refused(png(0, 10), "skadad")
    refused(jpeg(0, 10), "skadad")
    refused(b"\xff\xd8\xff\xda" + b"\0" * 30 + b"\xff\xd9", "skadad")
    refused(b"\xff\xd8\xff\xe1\0\0" + b"\0" * 30 + b"\xff\xd9", "skadad")
    with pytest.raises(RefusedFile):
        images.check_png_size(b"\x89PNG")


def test_heic_whose_boxes_lie():
    refused(heic().replace(b"meta", b"free"), "skadad")
    refused(b"\0\0\0\x04" + heic()[4:], "skadad")
    last_to_end = bytearray(heic())
    last_to_end[-58:-54] = b"\0\0\0\0"
    assert kind_of(bytes(last_to_end)) == "heic"


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic", b"PK\3\4"]),
    st.binary(max_size=300),
    st.sampled_from([b"", b"startxref\n%%EOF", b"\xff\xd9", b"IEND\xaeB`\x82", b"PK\5\6" + b"\0" * 18]),
)
def test_any_bytes_are_a_type_or_a_sentence(head, middle, tail):
    try:
        assert kind_of(head + middle + tail) in s.ALL_TYPES
    except RefusedFile as error:
        assert error.message_sv.strip().endswith(".")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_document_is_a_type_or_a_sentence(data):
    content = bytearray(data.draw(st.sampled_from([docx(), odt(), heic(), jpeg(), png(), PDF])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        kind_of(bytes(content))
    except RefusedFile as error:
        assert error.message_sv
