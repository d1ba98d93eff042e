"""Authorization requests under way: begun, and taken once by the browser that began."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from sambruk.common.clock import now
from sambruk.platform.identity.errors import AttemptExpired, TokenRefused, UnknownAttempt
from sambruk.platform.identity.models import IdentityProvider, LoginAttempt, Protocol, Session
from sambruk.platform.identity.oidc.flow import authorization_url
from sambruk.platform.identity.oidc.metadata import metadata_of
from sambruk.platform.identity.saml import flow as saml
from sambruk.platform.identity.sessions import digest, new_secret
from sambruk.platform.tenancy.batch import update_row
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
    if not browser_key or not 20 <= len(browser_key) <= 100:
        browser_key = new_secret()
    state, verifier, salt = new_secret(), new_secret() + new_secret(), new_secret()
    nonce = signing_nonce(sign.payload_sha256, sign.purpose, salt) if sign else new_secret()
    begun = now()
    url = _address(
        provider, state=state, nonce=nonce, verifier=verifier, at=begun, sign=sign, login_hint=login_hint
    )
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
    return Begun(url, browser_key, attempt.pk)


def _address(
    provider: IdentityProvider,
    *,
    state: str,
    nonce: str,
    verifier: str,
    at: datetime,
    sign: ToSign | None,
    login_hint: str,
) -> str:
    """The request's address, in the provider's protocol. A signature asks for a login of its own."""
    if provider.protocol == Protocol.SAML:
        return saml.authorization_url(provider, state=state, nonce=nonce, issued=at, fresh=sign is not None)
    extra = {"prompt": "login", "max_age": "0"} if sign else {}
    if login_hint:
        extra["login_hint"] = login_hint
    metadata = metadata_of(provider.issuer)
    return authorization_url(provider, metadata, state=state, nonce=nonce, verifier=verifier, extra=extra)


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
    update_row(attempt, "used_at")
    if attempt.expires_at <= attempt.used_at:
        raise AttemptExpired
    return attempt


def keep_posted(state: str, text: str) -> None:
    """Keep a SAMLResponse for the attempt of its RelayState, until the browser comes for it (``take``).

    The provider's form is a POST from another site, to which a browser gives no SameSite=Lax cookie: whose
    browser it is is not known here, and nothing is believed or used up. The redirect that follows carries the
    cookies, and there the answer is verified. Raises UnknownAttempt, AttemptExpired or TokenRefused.
    """
    attempt = _BY_STATE.first(digest(state)) if state else None
    if attempt is None or attempt.provider.protocol != Protocol.SAML:
        raise UnknownAttempt("state")
    if attempt.used_at is not None:
        raise UnknownAttempt("used")
    if attempt.expires_at <= now():
        raise AttemptExpired
    attempt.response = saml.posted_xml(text)
    attempt.save(update_fields=["response"])


def take_posted(attempt: LoginAttempt) -> str:
    """Return what was posted for an attempt, which from now on has it no more."""
    posted, attempt.response = attempt.response, ""
    attempt.save(update_fields=["response"])
    return posted


def claim_assertion(attempt: LoginAttempt, assertion_hash: str) -> None:
    """Write down that an assertion was believed. Raises TokenRefused("replay") if it was already.

    Attempts outlive (``sessions.purge_expired``) every assertion that could answer one of them.
    """
    attempt.assertion_hash = assertion_hash
    try:
        with transaction.atomic():
            attempt.save(update_fields=["assertion_hash"])
    except IntegrityError as error:
        raise TokenRefused("replay") from error
