"""The key that signs seals: from the environment, never in the database."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from sambruk.common.errors import Unavailable

_BYTES = 32


class AuditKeyError(Unavailable):
    """The key is missing or malformed; trying again does not help until the operator sets it."""

    code = "audit_key"

    def __init__(self, message_sv: str) -> None:
        super().__init__(message_sv, permanent=True)


def key_id(public: Ed25519PublicKey) -> str:
    """Return the id of a key: the first 16 hexadecimal digits of its public part's SHA-256."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AuditKeys:
    """The key that signs, and all that verify."""

    current: str
    _private: Ed25519PrivateKey = field(repr=False)
    _public: dict[str, Ed25519PublicKey] = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Sign with the current key."""
        return self._private.sign(message)

    def verify(self, by: str, signature: bytes, message: bytes) -> str:
        """Return "" for a good signature, else what is wrong with it."""
        public = self._public.get(by)
        if public is None:
            return "signed with a key that is not known here"
        try:
            public.verify(signature, message)
        except InvalidSignature:
            return "the signature does not hold"
        return ""


@lru_cache(maxsize=4)
def _parse(text: str) -> AuditKeys:
    private: Ed25519PrivateKey | None = None
    public: dict[str, Ed25519PublicKey] = {}
    for number, entry in enumerate(part.strip() for part in text.split(",")):
        is_public = entry.startswith("pub:")
        try:
            raw = base64.b64decode(entry.removeprefix("pub:"), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != _BYTES or (is_public and number == 0):
            raise AuditKeyError(
                "SAMBRUK_AUDIT_KEY är felaktig. Skriv 32 slumpade byte i base64, därefter eventuella äldre "
                "nycklar efter komma."
            )
        if is_public:
            verifying = Ed25519PublicKey.from_public_bytes(raw)
        else:
            signing = Ed25519PrivateKey.from_private_bytes(raw)
            private = private or signing
            verifying = signing.public_key()
        public[key_id(verifying)] = verifying
    if private is None:
        raise AuditKeyError("SAMBRUK_AUDIT_KEY saknar nyckel att skriva under med.")
    return AuditKeys(key_id(private.public_key()), private, public)


def audit_keys() -> AuditKeys:
    """Return the keys of ``settings.AUDIT_KEY``: base64 seeds of 32 bytes with commas between.

    The first signs; the others, or ``pub:`` and a public key's base64, only verify what was sealed before.
    Raises AuditKeyError (permanent).
    """
    if not settings.AUDIT_KEY:
        raise AuditKeyError("Loggens nyckel saknas. Sätt SAMBRUK_AUDIT_KEY och starta om.")
    return _parse(settings.AUDIT_KEY)
