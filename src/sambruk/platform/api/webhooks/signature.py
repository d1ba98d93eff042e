"""The signature of a webhook, as Standard Webhooks 1.0 writes it: HMAC-SHA256 over id, time and body.

The receiver computes the same over the bytes that it got, compares, and refuses what is older than it likes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def new_secret() -> str:
    """Return a new secret: 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def sign(*, secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the signature's header. ``timestamp`` is the sending in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")


def headers(*, secret: str, event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a signed message."""
    return {
        ID: event_id,
        TIMESTAMP: str(timestamp),
        SIGNATURE: sign(secret=secret, event_id=event_id, timestamp=timestamp, body=body),
    }
