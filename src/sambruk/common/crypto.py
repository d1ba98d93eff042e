"""Authenticated encryption of columns, and keyed indexes to look encrypted values up by.

Keys come from the environment: ``SAMBRUK_FIELD_KEYS="2026b:<base64>,2026a:<base64>"``, 32 random bytes each,
the current one first. To rotate, put a new key first, let the rotation job rewrite what ``needs_rotation``,
then remove the old one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sambruk.common.errors import SambrukError, Unavailable

ENVIRONMENT = "SAMBRUK_FIELD_KEYS"
_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class KeyRingError(Unavailable):
    """The keys are missing or malformed; trying again does not help until the operator sets them."""

    code = "field_keys"

    def __init__(self, message_sv: str) -> None:
        super().__init__(message_sv, permanent=True)


class DecryptionError(SambrukError):
    """The token was changed, belongs to another row or column, or its key is not in the ring."""

    code = "decryption"


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=b"sambruk/" + purpose).derive(
        master
    )


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id, the current one first. Never prints its keys."""

    ids: tuple[str, ...]
    _encryption: dict[str, AESGCM] = field(repr=False)
    _index: dict[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read ``id:base64,id:base64``. Raises KeyRingError naming which entry is wrong, never the key."""
        encryption: dict[str, AESGCM] = {}
        index: dict[str, bytes] = {}
        for number, entry in enumerate((part.strip() for part in text.split(",")), start=1):
            key_id, _, encoded = entry.partition(":")
            try:
                master = base64.b64decode(encoded, altchars=b"-_", validate=True) if encoded else b""
            except (binascii.Error, ValueError):
                master = b""
            if not _KEY_ID.fullmatch(key_id) or len(master) != _KEY_BYTES or key_id in encryption:
                raise KeyRingError(
                    f"Nyckel {number} i {ENVIRONMENT} är felaktig. Skriv id:base64 med 32 slumpade byte."
                )
            encryption[key_id] = AESGCM(_derive(master, b"field-encryption/1"))
            index[key_id] = _derive(master, b"blind-index/1")
        return cls(tuple(encryption), encryption, index)

    @property
    def current(self) -> str:
        """The id of the key that new values are encrypted with."""
        return self.ids[0]

    def encrypt(self, plain: bytes, aad: bytes) -> bytes:
        """Encrypt for the place ``aad`` names; the token is version, key id, nonce, text, tag."""
        key_id = self.current.encode("ascii")
        head = bytes((_VERSION, len(key_id))) + key_id
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + self._encryption[self.current].encrypt(nonce, plain, head + aad)

    def decrypt(self, token: bytes, aad: bytes) -> bytes:
        """Return the plain bytes. Raises DecryptionError if anything about token, key or place differs."""
        key_id, head_length = _key_id(token)
        cipher = self._encryption.get(key_id)
        if cipher is None:
            raise DecryptionError("Uppgiften kan inte läsas: dess nyckel finns inte längre.")
        nonce = token[head_length : head_length + _NONCE_BYTES]
        body = token[head_length + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, token[:head_length] + aad)
        except InvalidTag as error:
            raise DecryptionError(
                "Uppgiften kan inte läsas: den har ändrats eller hör till en annan post."
            ) from error

    def needs_rotation(self, token: bytes) -> bool:
        """Say whether the token was made with another key than the current one."""
        return _key_id(token)[0] != self.current

    def blind_indexes(self, text: str, context: bytes = b"") -> tuple[str, ...]:
        """Return the index of the text under every key, the current one's first: look up by any of them."""
        message = len(context).to_bytes(4, "big") + context + text.encode("utf-8")
        return tuple(
            f"{key_id}.{hmac.digest(self._index[key_id], message, 'sha256').hex()}" for key_id in self.ids
        )


def _key_id(token: bytes) -> tuple[str, int]:
    """Return the key id in a token and where its head ends; DecryptionError if it is no token of ours."""
    head_length = 2 + token[1] if len(token) > 1 else 0
    shortest = head_length + _NONCE_BYTES + _TAG_BYTES
    if len(token) < 2 or token[0] != _VERSION or len(token) < shortest:
        raise DecryptionError("Uppgiften kan inte läsas: den är inte krypterad på känt sätt.")
    return token[2:head_length].decode("ascii", "replace"), head_length


@lru_cache(maxsize=4)
def _parsed(text: str) -> KeyRing:
    return KeyRing.parse(text)


@lru_cache(maxsize=4)
def _mounted(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise KeyRingError(f"Filen med krypteringsnycklar går inte att läsa ({error.strerror}).") from error


def key_ring() -> KeyRing:
    """Return the ring of the environment, or of the mounted file that ``SAMBRUK_FIELD_KEYS_FILE`` names.

    Raises KeyRingError (permanent) where none is set, or the file cannot be read.
    """
    text = os.environ.get(ENVIRONMENT, "").strip()
    if file := os.environ.get(f"{ENVIRONMENT}_FILE"):
        text = _mounted(file)
    if not text:
        raise KeyRingError(f"Krypteringsnycklar saknas. Sätt {ENVIRONMENT} och starta om.")
    return _parsed(text)


def encrypt(plain: bytes, aad: bytes) -> bytes:
    """Encrypt bytes with the current key (AES-256-GCM, random nonce).

    ``aad`` names the place (table, column, tenant, row id): a token moved elsewhere does not decrypt.
    """
    return key_ring().encrypt(plain, aad)


def decrypt(token: bytes | memoryview, aad: bytes) -> bytes:
    """Return the bytes that were encrypted for this place. Raises DecryptionError or KeyRingError."""
    return key_ring().decrypt(bytes(token), aad)


def needs_rotation(token: bytes | memoryview) -> bool:
    """Say whether the value should be encrypted again with the current key."""
    return key_ring().needs_rotation(bytes(token))


def blind_index(text: str, context: bytes = b"") -> str:
    """Return ``keyid.hex`` (HMAC-SHA-256) to store beside an encrypted value and find it by equality.

    ``context`` (the tenant's id and the column) keeps equal values in two tenants from being linked.
    Normalise the text first; personal numbers as their twelve digits.
    """
    return key_ring().blind_indexes(text, context)[0]


def blind_indexes(text: str, context: bytes = b"") -> tuple[str, ...]:
    """Return the index under every key in the ring: what a look-up compares with while keys rotate."""
    return key_ring().blind_indexes(text, context)


def new_key_entry(key_id: str) -> str:
    """Return a fresh ``id:base64`` entry for the environment (the demo makes its own at first start)."""
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError("a key id is 1-32 letters, digits, _ or -")
    return f"{key_id}:{base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode('ascii')}"
