import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.errors import Invalid
from sambruk.common.text import clean, lix, nfc, require_length, shorten, single_line

ANY = st.text(max_size=60)


def test_clean_keeps_what_is_seen():
    assert clean("Hej\r\nÅsa\tOk\u2028slut\x00\x07\u202efel\ufeff") == "Hej\nÅsa\tOk\nslutfel"
    assert clean("o\u0308") == "ö"
    assert clean("👩\u200d👧") == "👩\u200d👧"
    assert nfc("A\u030a") == "Å"


def test_single_line_cannot_inject_a_header():
    assert single_line("Hej\r\nBcc: alla@example.se\x85x") == "Hej Bcc: alla@example.se x"
    assert single_line("  a \u00a0 b ") == "a b"


@given(ANY)
def test_single_line_is_one_line(text):
    line = single_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in line)
    assert single_line(line) == line


@given(ANY)
def test_clean_is_idempotent_and_encodable(text):
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


@given(ANY, st.integers(1, 70))
def test_shorten_never_exceeds(text, limit):
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text if len(text) <= limit else short.endswith("…")


def test_shorten_ends_at_a_word():
    assert shorten("Ansökan om bistånd", 14) == "Ansökan om…"
    assert shorten("Ansökningshandlingar", 6) == "Ansök…"
    assert shorten("abcde\u0301fgh", 6) == "abcd…"
    with pytest.raises(ValueError):
        shorten("a", 0)
    assert single_line("en två tre", 7) == "en två…"


def test_length_is_said():
    assert require_length("abc", 3) == "abc"
    with pytest.raises(Invalid, match=r"2 tecken för lång\. Den får vara högst 3"):
        require_length("abcde", 3)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("", 0),
        ("...", 0),
        ("Det här är en text. Den är lätt.", 4),  # 8 words, 2 sentences, no long word
        ("Kommunen beslutar.", 102),  # 2 words, 1 sentence, both long
        ("Du får pengar nu\n\nVi hör av oss", 4),  # a heading is a sentence
        ("Du får 5 400 kr 3 mars 10.30.", 8),  # a full stop within a number ends nothing
    ],
)
def test_lix(text, index):
    assert lix(text) == index
