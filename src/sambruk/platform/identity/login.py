"""The answer from the provider: verified, and turned into a session or a signature's evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import structlog
from django.db.models.functions import Now

from sambruk.common.clock import now
from sambruk.platform.audit.actions import record
from sambruk.platform.identity import attempts, sessions, signing
from sambruk.platform.identity.actions.persons import upsert_person_from_login
from sambruk.platform.identity.actor import actor_of
from sambruk.platform.identity.errors import (
    AssuranceTooLow,
    Cancelled,
    CodeRefused,
    LoginFailed,
    Misconfigured,
    SigningFailed,
    TokenRefused,
    UnknownStaff,
)
from sambruk.platform.identity.models import (
    LoginAttempt,
    Person,
    Protocol,
    Purpose,
    Session,
    StaffMember,
)
from sambruk.platform.identity.oidc.flow import exchange_code
from sambruk.platform.identity.oidc.identity import Identity, identity_of
from sambruk.platform.identity.oidc.metadata import Metadata, metadata_of
from sambruk.platform.identity.oidc.verify import Expected, verify_id_token
from sambruk.platform.identity.saml import flow as saml

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer: where to go, and for a login the new session and its cookie's key."""

    return_to: str
    session: Session | None = None
    key: str = field(default="", repr=False)


class AnswerFailed(Exception):  # noqa: N818 - reads as what happened
    """A login that failed, with the attempt (if known) so that the page can lead back to it."""

    def __init__(self, error: LoginFailed, attempt: LoginAttempt | None) -> None:
        super().__init__(error.code)
        self.error = error
        self.attempt = attempt


def answer(
    parameters: Mapping[str, str],
    *,
    browser_key: str | None,
    old_key: str | None,
    old_session: Session | None,
) -> Answered:
    """Take the provider's answer (the callback's query parameters).

    Raises AnswerFailed for what must not be tried again with the same answer, ProviderDown for what may.
    A failed signature leads back to where it was begun, which collects the fault (``signing.complete``).
    """
    try:
        attempt = attempts.take(parameters.get("state", ""), browser_key)
    except LoginFailed as error:
        raise AnswerFailed(error, None) from error
    try:
        identity, token = _identity(attempt, parameters)
        if attempt.is_signature:
            signing.keep(attempt, identity, token, session=old_session)
            return Answered(_collect_at(attempt))
        session, key = _log_in(attempt, identity, old_key)
    except LoginFailed as error:
        # Which check failed, never what the token said: claims are personal data.
        log.warning("login_refused", code=error.code, detail=error.detail, provider=attempt.provider.slug)
        if attempt.is_signature:
            signing.keep_fault(attempt, _as_signing_fault(error))
            return Answered(_collect_at(attempt))
        raise AnswerFailed(error, attempt) from error
    return Answered(attempt.return_to, session, key)


def _collect_at(attempt: LoginAttempt) -> str:
    separator = "&" if "?" in attempt.return_to else "?"
    return f"{attempt.return_to}{separator}{urlencode({signing.PARAMETER: str(attempt.pk)})}"


def _as_signing_fault(error: LoginFailed) -> LoginFailed:
    if isinstance(error, Cancelled):
        return signing.cancelled()
    return error if isinstance(error, SigningFailed | AssuranceTooLow) else SigningFailed(error.code)


def _identity(attempt: LoginAttempt, parameters: Mapping[str, str]) -> tuple[Identity, str]:
    """Return who the provider says it is, and its signed word (ID token, or SAML as base64)."""
    provider = attempt.provider
    if not provider.active:
        raise Misconfigured("the provider is closed")
    if provider.protocol == Protocol.SAML:
        identity, verified = saml.identity_in(attempt, attempts.take_posted(attempt), now=now())
        attempts.claim_assertion(attempt, verified.assertion_hash)
        return identity, verified.proof
    metadata = metadata_of(provider.issuer)
    _check_issuer(parameters, metadata)
    if error := parameters.get("error"):
        if error == "access_denied":
            raise Cancelled
        raise CodeRefused(error[:60])
    code = parameters.get("code", "")
    if not 0 < len(code) <= 4000:
        raise CodeRefused("no code")
    token = exchange_code(provider, metadata, code=code, verifier=attempt.verifier)
    expected = Expected(
        client_id=provider.client_id,
        nonce=attempt.nonce,
        not_before=attempt.created_at,
        fresh_login=attempt.is_signature,
    )
    claims = verify_id_token(token, metadata, expected, now=now())
    return identity_of(provider, claims, resident=provider.purpose == Purpose.RESIDENT), token


def _check_issuer(parameters: Mapping[str, str], metadata: Metadata) -> None:
    """RFC 9207: an answer that names its issuer must name the one that was asked (mix-up of providers)."""
    named = parameters.get("iss")
    if (named is None and metadata.says_iss) or (named is not None and named != metadata.issuer):
        raise TokenRefused("iss", "in the answer")


def _log_in(attempt: LoginAttempt, identity: Identity, old_key: str | None) -> tuple[Session, str]:
    # A level that the record does not know counts as none: it is refused, not taken for the lowest.
    if identity.assurance < max(attempt.required_assurance, 1):
        raise AssuranceTooLow(f"{identity.assurance} < {attempt.required_assurance}, acr {identity.acr!r}")
    account: Person | StaffMember
    if attempt.provider.purpose == Purpose.RESIDENT:
        account = upsert_person_from_login(identity=identity)
    else:
        account = _staff(attempt, identity)
    sessions.purge_expired()
    session, key = sessions.start(
        account=account, provider=attempt.provider, assurance=identity.assurance, old_key=old_key
    )
    LoginAttempt.objects.filter(pk=attempt.pk).update(outcome="done")
    _record_login(account, session, identity)
    return session, key


def _staff(attempt: LoginAttempt, identity: Identity) -> StaffMember:
    """The member of staff of this provider's account: the same subject of another provider is another."""
    found = StaffMember.objects.filter(
        provider_id=attempt.provider_id, subject=identity.subject, active=True
    ).first()
    if found is None:
        raise UnknownStaff
    StaffMember.objects.filter(pk=found.pk).update(last_login_at=Now())
    return found


def _record_login(account: Person | StaffMember, session: Session, identity: Identity) -> None:
    by = actor_of(session, ())
    person_id = account.pk if isinstance(account, Person) else None
    fields = {"provider": session.provider.slug, "assurance": identity.assurance}
    record(event="session.began", by=by, obj=session, person_id=person_id, fields=fields)
