import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sambruk.common import crypto
from sambruk.common.crypto import DecryptionError, KeyRing, KeyRingError

# Fixed, since they stand in the tests' names, which every process must agree on.
OLD = "a:" + base64.urlsafe_b64encode(bytes(range(32))).decode()
NEW = "b:" + base64.urlsafe_b64encode(bytes(range(32, 64))).decode()
RING = KeyRing.parse(f"{NEW}, {OLD}")
OLD_RING = KeyRing.parse(OLD)


@given(st.binary(max_size=200), st.binary(max_size=30))
def test_there_and_back(plain, aad):
    token = RING.encrypt(plain, aad)
    assert RING.decrypt(token, aad) == plain
    assert plain == b"" or len(plain) < 4 or plain not in token


def test_same_text_twice_gives_two_tokens():
    assert RING.encrypt(b"x", b"") != RING.encrypt(b"x", b"")


@settings(max_examples=50)
@given(st.data())
def test_every_changed_bit_is_seen(data):
    token = bytearray(RING.encrypt(b"199006022397", b"person/1"))
    place = data.draw(st.integers(0, len(token) * 8 - 1))
    token[place // 8] ^= 1 << place % 8
    with pytest.raises(DecryptionError):
        RING.decrypt(bytes(token), b"person/1")


@given(st.binary(max_size=80))
def test_no_token_is_refused(data):
    with pytest.raises(DecryptionError):
        RING.decrypt(data, b"")


def test_moved_to_another_row_is_refused():
    token = RING.encrypt(b"x", b"person/1")
    with pytest.raises(DecryptionError, match="annan post"):
        RING.decrypt(token, b"person/2")


def test_rotation():
    token = OLD_RING.encrypt(b"x", b"p")
    assert not OLD_RING.needs_rotation(token)
    assert RING.needs_rotation(token)
    assert RING.decrypt(token, b"p") == b"x"
    fresh = RING.encrypt(b"x", b"p")
    assert not RING.needs_rotation(fresh)
    with pytest.raises(DecryptionError, match="nyckel finns inte"):
        OLD_RING.decrypt(fresh, b"p")


def test_same_id_but_another_key_is_refused():
    other = KeyRing.parse(crypto.new_key_entry("b"))
    with pytest.raises(DecryptionError):
        other.decrypt(RING.encrypt(b"x", b""), b"")


def test_blind_index_finds_across_rotation_but_not_across_tenants():
    old = OLD_RING.blind_indexes("199006022397", b"tenant-1")[0]
    assert old in RING.blind_indexes("199006022397", b"tenant-1")
    assert RING.blind_indexes("199006022397", b"tenant-1")[0].startswith("b.")
    assert old not in RING.blind_indexes("199006022397", b"tenant-2")
    assert old not in RING.blind_indexes("199006022398", b"tenant-1")
    assert "199006022397" not in old
    # Context and text cannot be shifted into one another.
    assert RING.blind_indexes("bc", b"a") != RING.blind_indexes("c", b"ab")


def test_keys_are_not_printed():
    secret = OLD.partition(":")[2]
    assert secret not in repr(OLD_RING)
    assert repr(OLD_RING) == "KeyRing(ids=('a',))"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a:",
        ":" + OLD[2:],
        "a:kort",
        "a:" + base64.b64encode(b"x" * 31).decode(),
        f"{OLD},{OLD}",
        f"{OLD},",
        "å:" + OLD[2:],
    ],
)
def test_malformed_rings_are_named_without_the_key(text):
    with pytest.raises(KeyRingError, match=r"Nyckel [12] i SAMBRUK_FIELD_KEYS") as caught:
        KeyRing.parse(text)
    assert caught.value.permanent
    assert OLD[2:] not in str(caught.value)


def test_environment(monkeypatch):
    monkeypatch.delenv(crypto.ENVIRONMENT, raising=False)
    with pytest.raises(KeyRingError, match="saknas"):
        crypto.encrypt(b"x", b"")
    monkeypatch.setenv(crypto.ENVIRONMENT, OLD)
    token = crypto.encrypt(b"x", b"p")
    assert crypto.decrypt(memoryview(token), b"p") == b"x"
    assert not crypto.needs_rotation(token)
    monkeypatch.setenv(crypto.ENVIRONMENT, f"{NEW},{OLD}")
    assert crypto.needs_rotation(memoryview(token))
    assert crypto.decrypt(token, b"p") == b"x"
    assert crypto.blind_index("x") == crypto.blind_indexes("x")[0]
    assert len(crypto.blind_indexes("x")) == 2


def test_key_ids_are_plain():
    with pytest.raises(ValueError):
        crypto.new_key_entry("a:b")


def test_keys_come_from_a_mounted_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    monkeypatch.delenv(crypto.ENVIRONMENT, raising=False)
    monkeypatch.setenv(f"{crypto.ENVIRONMENT}_FILE", str(file))
    with pytest.raises(crypto.KeyRingError, match="går inte att läsa"):
        crypto.key_ring()
    file.write_text(crypto.new_key_entry("2026a") + "\n")
    assert crypto.decrypt(crypto.encrypt(b"abc", b"here"), b"here") == b"abc"
