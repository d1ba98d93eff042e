"""What a provider publishes of itself: endpoints and keys, cached per process.

OpenID Connect Discovery 1.0 section 4; the keys (JWK Set, RFC 7517) are read again when they are old, and
once, not more often than REFETCH_SECONDS, when a token names a key that is not among them.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from sambruk.platform.identity.errors import Misconfigured
from sambruk.platform.identity.oidc.http import get_json, require_safe_url

CACHE_SECONDS = 3600.0
REFETCH_SECONDS = 30.0
_MIN_RSA_BITS = 2048
PublicKey = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class Metadata:
    """The endpoints of a provider, checked."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    auth_methods: tuple[str, ...]
    says_iss: bool


@dataclass(slots=True)
class _Entry:
    metadata: Metadata | None = None
    metadata_at: float = 0.0
    keys: tuple[PublicKey, ...] = ()
    keys_at: float = 0.0
    forced_at: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)


_entries: dict[str, _Entry] = {}
_guard = threading.Lock()


def _entry(issuer: str) -> _Entry:
    with _guard:
        return _entries.setdefault(issuer, _Entry())


def forget(issuer: str | None = None) -> None:
    """Empty the cache, or one issuer's place in it (tests; when a provider's record is changed or tried)."""
    with _guard:
        if issuer is None:
            _entries.clear()
        else:
            _entries.pop(issuer, None)


def _parse(issuer: str, document: dict[str, Any]) -> Metadata:
    # Section 4.3: the document's issuer must be the very one that was asked for.
    if document.get("issuer") != issuer:
        raise Misconfigured("metadata names another issuer")
    methods = document.get("token_endpoint_auth_methods_supported")
    end_session = document.get("end_session_endpoint")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=require_safe_url(
            document.get("authorization_endpoint"), "authorization_endpoint"
        ),
        token_endpoint=require_safe_url(document.get("token_endpoint"), "token_endpoint"),
        jwks_uri=require_safe_url(document.get("jwks_uri"), "jwks_uri"),
        end_session_endpoint=require_safe_url(end_session, "end_session_endpoint") if end_session else "",
        auth_methods=tuple(methods) if isinstance(methods, list) else ("client_secret_basic",),
        says_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def metadata_of(issuer: str) -> Metadata:
    """Return the provider's endpoints. Raises ProviderDown or Misconfigured."""
    entry = _entry(issuer)
    with entry.lock:
        if entry.metadata is None or time.monotonic() - entry.metadata_at > CACHE_SECONDS:
            url = require_safe_url(issuer, "issuer").rstrip("/") + "/.well-known/openid-configuration"
            entry.metadata = _parse(issuer, get_json(url))
            entry.metadata_at = time.monotonic()
        return entry.metadata


def _usable(raw: object) -> PublicKey | None:
    """Return a public key for signatures, or None for what is of no use here (never a symmetric one)."""
    if not isinstance(raw, dict) or raw.get("kty") not in ("RSA", "EC") or raw.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(raw)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey) and key.raw_value.key_size >= _MIN_RSA_BITS:
        return key
    return key if isinstance(key, ECKey) else None


def _read_keys(entry: _Entry, jwks_uri: str) -> None:
    listed = get_json(jwks_uri).get("keys")
    keys = (_usable(raw) for raw in listed) if isinstance(listed, list) else ()
    entry.keys = tuple(key for key in keys if key is not None)
    entry.keys_at = time.monotonic()


def keys_of(metadata: Metadata) -> tuple[PublicKey, ...]:
    """Return the provider's public signing keys. Raises ProviderDown."""
    entry = _entry(metadata.issuer)
    with entry.lock:
        if not entry.keys or time.monotonic() - entry.keys_at > CACHE_SECONDS:
            _read_keys(entry, metadata.jwks_uri)
        return entry.keys


def refetched_keys(metadata: Metadata) -> tuple[PublicKey, ...]:
    """Return the keys, read again unless that was done within REFETCH_SECONDS.

    Without the limit anybody could make us ask the provider as often as they send us a made-up key id.
    """
    entry = _entry(metadata.issuer)
    with entry.lock:
        if time.monotonic() - entry.forced_at > REFETCH_SECONDS:
            entry.forced_at = time.monotonic()
            _read_keys(entry, metadata.jwks_uri)
        return entry.keys
