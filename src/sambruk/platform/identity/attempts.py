"""Authorization requests under way: begun, and taken once by the browser that began."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sambruk.common.clock import now
from sambruk.platform.identity.errors import AttemptExpired, UnknownAttempt
from sambruk.platform.identity.models import IdentityProvider, LoginAttempt, Session
from sambruk.platform.identity.oidc.flow import authorization_url
from sambruk.platform.identity.oidc.metadata import metadata_of
from sambruk.platform.identity.sessions import digest, new_secret
from sambruk.platform.tenancy.compiled import Compiled

#: Long enough to find one's phone, install a renewed e-ID's code and come back.
LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the key that binds the answer to it (for a cookie)."""

    url: str
    browser_key: str
    attempt_id: UUID


@dataclass(frozen=True, slots=True)
class ToSign:
    """What a signature binds: whose session, and which bytes for which purpose."""

    session: Session
    purpose: str
    payload_sha256: str


def signing_nonce(payload_sha256: str, purpose: str, salt: str) -> str:
    """Return the nonce of a signature: the provider signs it, and it can be made again from the evidence."""
    message = f"{payload_sha256}.{purpose}.{salt}".encode()
    return base64.urlsafe_b64encode(hashlib.sha256(message).digest()).rstrip(b"=").decode("ascii")


def begin(
    provider: IdentityProvider,
    *,
    return_to: str,
    browser_key: str | None,
    required_assurance: int = 0,
    login_hint: str = "",
    sign: ToSign | None = None,
) -> Begun:
    """Write down a request and return its address at the provider.

    ``browser_key`` is what the browser has from another tab's request, so that both stay good. Raises
    ProviderDown or Misconfigured before anything is written.
    """
    metadata = metadata_of(provider.issuer)
    if not browser_key or not 20 <= len(browser_key) <= 100:
        browser_key = new_secret()
    state, verifier, salt = new_secret(), new_secret() + new_secret(), new_secret()
    nonce = signing_nonce(sign.payload_sha256, sign.purpose, salt) if sign else new_secret()
    begun = now()
    attempt = LoginAttempt.objects.create(
        provider=provider,
        state_hash=digest(state),
        browser_hash=digest(browser_key),
        nonce=nonce,
        verifier=verifier,
        return_to=return_to,
        required_assurance=required_assurance,
        created_at=begun,
        expires_at=begun + LIFE,
        session=sign.session if sign else None,
        signer_id=sign.session.person_id if sign else None,
        signing_purpose=sign.purpose if sign else "",
        payload_sha256=sign.payload_sha256 if sign else "",
        nonce_salt=salt if sign else "",
    )
    extra = {}
    if sign:
        extra = {"prompt": "login", "max_age": "0"}
    if login_hint:
        extra["login_hint"] = login_hint
    url = authorization_url(provider, metadata, state=state, nonce=nonce, verifier=verifier, extra=extra)
    return Begun(url, browser_key, attempt.pk)


_BY_STATE = Compiled(
    lambda state_hash: (
        LoginAttempt.objects.select_for_update(of=("self",))
        .select_related("provider", "session", "signer")
        .filter(state_hash=state_hash)
    ),
    str,
)


def take(state: str, browser_key: str | None) -> LoginAttempt:
    """Return the attempt of an answer's ``state``, and mark it used: a second answer finds it used.

    The row is locked until the transaction ends, so two answers at once are one after the other. Raises
    UnknownAttempt or AttemptExpired. A response of 5xx rolls the mark back: the provider was down, and the
    same answer may come again.
    """
    attempt = _BY_STATE.first(digest(state))
    if attempt is None:
        raise UnknownAttempt("state")
    if not browser_key or not hmac.compare_digest(attempt.browser_hash, digest(browser_key)):
        raise UnknownAttempt("browser")
    if attempt.used_at is not None:
        raise UnknownAttempt("used")
    attempt.used_at = now()
    attempt.save(update_fields=["used_at"])
    if attempt.expires_at <= attempt.used_at:
        raise AttemptExpired
    return attempt
