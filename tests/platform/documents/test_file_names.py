import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.platform.documents.file_names import safe_name


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("hyra.pdf", "hyra.pdf"),
        ("Hyra november 2026.PDF", "Hyra november 2026.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Åsa\\löneavi.pdf", "löneavi.pdf"),
        ("faktura\u202efdp.exe", "fakturafdp.pdf"),
        ("a\x00b\r\nc.pdf", "ab c.pdf"),
        ("hyra.exe", "hyra.pdf"),
        ("hyra.pdf.exe", "hyra.pdf.pdf"),
        ("", "bilaga.pdf"),
        ("...", "bilaga.pdf"),
        (".pdf", "bilaga.pdf"),
        ("/", "bilaga.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("lpt1.pdf", "_lpt1.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("kvitto 3.5 kr", "kvitto 3.5 kr.pdf"),
        ("o\u0308l.pdf", "öl.pdf"),
        ("a\u200bb.pdf", "ab.pdf"),
    ],
)
def test_names(given_name, name):
    assert safe_name(given_name, ".pdf") == name


def test_long_names_are_cut_by_bytes_too():
    name = safe_name("å" * 500 + ".pdf", ".pdf")
    assert name == "å" * 100 + ".pdf"
    assert safe_name("a" * 500, ".pdf") == "a" * 120 + ".pdf"


def test_a_known_other_extension_stays():
    assert safe_name("bild.JPEG", ".jpg", also=(".jpg", ".jpeg")) == "bild.jpeg"
    assert safe_name("bild.png", ".jpg", also=(".jpg", ".jpeg")) == "bild.jpg"


@given(st.text(max_size=400))
def test_any_name_becomes_safe(text):
    name = safe_name(text, ".pdf")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 204
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name)
    assert not any(unicodedata.bidirectional(char) in ("RLO", "LRO", "RLE", "LRE", "PDF") for char in name)
    assert not name.startswith(".")
    assert safe_name(name, ".pdf") == name
