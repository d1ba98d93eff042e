"""The personal values of an event: canonical, hashed with a salt, encrypted for their row."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sambruk.common import crypto
from sambruk.common.content_hash import canonical_json

SALT_BYTES = 16


def plain(value: Any) -> Any:
    """Return the value as JSON has it: dates as ISO text, decimals and ids as text.

    Raises TypeError for what has no plain form, naming the type and never the value.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else str(value)
    if isinstance(value, float | Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=str)
    raise TypeError(f"{type(value).__name__} cannot stand in the audit trail: give its text or id")


def value_hash(salt: bytes, canonical: bytes) -> str:
    """Return SHA-256 (hex) over the salt and the canonical JSON."""
    return hashlib.sha256(salt + canonical).hexdigest()


def _place(tenant_id: UUID, event_id: UUID) -> bytes:
    return b"audit.value/" + tenant_id.bytes + event_id.bytes


def seal_values(tenant_id: UUID, event_id: UUID, values: Mapping[str, Any]) -> tuple[bytes, bytes, str]:
    """Return salt, encrypted token and hash of an event's values."""
    canonical = canonical_json(plain(values))
    salt = os.urandom(SALT_BYTES)
    return salt, crypto.encrypt(canonical, _place(tenant_id, event_id)), value_hash(salt, canonical)


def open_values(tenant_id: UUID, event_id: UUID, token: bytes | memoryview) -> tuple[dict[str, Any], bytes]:
    """Return the values and their canonical bytes. Raises crypto.DecryptionError if the token was changed."""
    canonical = crypto.decrypt(token, _place(tenant_id, event_id))
    values: dict[str, Any] = json.loads(canonical)
    return values, canonical


def rotated(tenant_id: UUID, event_id: UUID, token: bytes | memoryview) -> bytes | None:
    """Return the token encrypted anew with the current key, or None where it already is."""
    if not crypto.needs_rotation(token):
        return None
    place = _place(tenant_id, event_id)
    return crypto.encrypt(crypto.decrypt(token, place), place)
