"""Signing with one's own e-ID: a new login that the person makes for these very bytes.

The nonce that the provider puts into its signed token is the hash of the bytes' SHA-256, the purpose and a
salt (``attempts.signing_nonce``), so the token proves who agreed to what. The person must authenticate anew
(``prompt=login``, ``max_age=0``, and the token's ``auth_time`` is checked). With SAML the same nonce is the
request's ID, which the provider signs as the assertion's InResponseTo; ForceAuthn asks for the new login, and
AuthnInstant is checked.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import NotAllowed
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.actor import actor_of
from sambruk.platform.identity.attempts import ToSign
from sambruk.platform.identity.attempts import begin as begin_attempt
from sambruk.platform.identity.cookies import read_browser_key, set_browser_key
from sambruk.platform.identity.errors import (
    AssuranceTooLow,
    LoginFailed,
    ProviderDown,
    SignedByAnother,
    SigningCancelled,
    SigningExpired,
    SigningFailed,
)
from sambruk.platform.identity.models import LoginAttempt, Protocol, Session
from sambruk.platform.identity.oidc.identity import Identity
from sambruk.platform.identity.oidc.metadata import metadata_of
from sambruk.platform.identity.redirects import safe_path
from sambruk.platform.identity.saml.metadata import parse_metadata
from sambruk.platform.tenancy.batch import update_row
from sambruk.platform.tenancy.compiled import Compiled
from sambruk.platform.ui.csp import allow_forms_to

#: The query parameter by which ``return_to`` learns which signature it is to collect. Not a secret: it is
#: good only in the session that began it.
PARAMETER = "signatur"
_COLLECT_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignatureEvidence:
    """Who signed what, when, and by which proof.

    ``nonce`` is ``signing_nonce(payload_sha256, purpose, nonce_salt)`` and stands in ``id_token``, which the
    provider signed (with SAML: the signed XML as base64, where ``_`` and the nonce are its InResponseTo).
    The token and ``subject`` hold personal data: ``as_json`` leaves them out and gives their SHA-256;
    ``as_sealed_json`` is for an encrypted column.
    """

    person_id: UUID
    payload_sha256: str
    purpose: str
    provider: str
    issuer: str
    subject: str = field(repr=False)
    at: datetime
    assurance: int
    acr: str
    nonce: str
    nonce_salt: str
    id_token_hash: str
    id_token: str = field(repr=False)
    on_behalf_of: UUID | None = None
    mandate_id: UUID | None = None

    def as_sealed_json(self) -> dict[str, Any]:
        """Everything, for an encrypted column."""
        data = asdict(self)
        for name in ("person_id", "on_behalf_of", "mandate_id"):
            data[name] = str(data[name]) if data[name] else None
        data["at"] = self.at.isoformat()
        return data

    def as_json(self) -> dict[str, Any]:
        """Without token and subject, but with the hashes by which they can be recognised."""
        data = self.as_sealed_json()
        del data["id_token"]
        data["subject_hash"] = hashlib.sha256(data.pop("subject").encode()).hexdigest()
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SignatureEvidence:
        """Read what ``as_sealed_json`` wrote."""
        values = dict(data)
        for name in ("person_id", "on_behalf_of", "mandate_id"):
            values[name] = UUID(values[name]) if values[name] else None
        values["at"] = datetime.fromisoformat(values["at"])
        return cls(**values)


def begin(
    request: HttpRequest, *, payload: bytes, purpose: str, return_to: str, login_hint: str = ""
) -> HttpResponse:
    """Send the logged-in resident to her own provider to sign ``payload``; she comes back to ``return_to``.

    The page that asks calls ``allow_form``. ``purpose`` is a stable word for what is signed
    ("forms.submission"). ``return_to`` is a path here. Raises NotAllowed for anybody but a logged-in
    resident, ProviderDown if the provider does not answer.
    """
    session: Session | None = getattr(request, "login_session", None)
    if session is None or session.person_id is None:
        raise NotAllowed("Logga in med din e-legitimation för att skriva under.")
    begun = begin_attempt(
        session.provider,
        return_to=safe_path(return_to),
        browser_key=read_browser_key(request),
        required_assurance=session.assurance,
        login_hint=login_hint,
        sign=ToSign(session, purpose[:100], hashlib.sha256(payload).hexdigest()),
    )
    fragment = request.headers.get("HX-Request") == "true"
    response = (
        HttpResponse(headers={"HX-Redirect": begun.url}) if fragment else HttpResponseRedirect(begun.url)
    )
    set_browser_key(response, begun.browser_key)
    return response


def allow_form(request: HttpRequest) -> None:
    """Call in the view of the page whose form leads to ``begin``.

    A browser holds a form's whole way, redirects too, to the page's ``form-action``: the provider's origin
    must stand there. A provider that does not answer now gets the issuer's origin.
    """
    session: Session | None = getattr(request, "login_session", None)
    if session is None:
        return
    provider = session.provider
    try:
        if provider.protocol == Protocol.SAML:
            address = parse_metadata(provider.saml_metadata).sso_url
        else:
            address = metadata_of(provider.issuer).authorization_endpoint
    except (ProviderDown, LoginFailed):
        address = provider.issuer
    parts = urlsplit(address)
    allow_forms_to(request, f"{parts.scheme}://{parts.netloc}")


_COLLECTABLE = Compiled(
    lambda attempt_id, session_id, purpose: LoginAttempt.objects.select_for_update().filter(
        pk=attempt_id, session_id=session_id, signing_purpose=purpose, collected_at__isnull=True
    ),
    UUID,
    UUID,
    str,
)


def complete(request: HttpRequest, *, purpose: str) -> SignatureEvidence:
    """Collect the signature that the request's ``signatur`` names. Once: afterwards it is gone.

    Compare ``payload_sha256`` with the bytes that you keep. Raises SigningCancelled, SignedByAnother,
    AssuranceTooLow, SigningExpired or SigningFailed, each with its sentence.
    """
    session: Session | None = getattr(request, "login_session", None)
    try:
        attempt_id = UUID(request.GET.get(PARAMETER, ""))
    except ValueError as error:
        raise SigningExpired from error
    attempt = _COLLECTABLE.first(attempt_id, session.pk, purpose) if session is not None else None
    if attempt is None or attempt.used_at is None or now() - attempt.used_at > _COLLECT_WITHIN:
        raise SigningExpired
    attempt.collected_at = now()
    stored, attempt.evidence = attempt.evidence, None
    update_row(attempt, "collected_at", "evidence")
    if attempt.outcome != "done":
        raise _FAULTS.get(attempt.outcome, SigningFailed)()
    return SignatureEvidence.from_json(stored)


_FAULTS: dict[str, type[LoginFailed]] = {
    fault.code: fault for fault in (SignedByAnother, SigningCancelled, SigningExpired, AssuranceTooLow)
}


def keep(attempt: LoginAttempt, identity: Identity, token: str, *, session: Session | None) -> None:
    """Keep what a verified answer to a signature proves, until it is collected.

    Raises SignedByAnother if it is not the person who began, or her session is not the one that began.
    """
    signer = attempt.signer
    if signer is None or identity.number is None:
        raise SigningFailed("no signer")
    if session is None or session.pk != attempt.session_id:
        raise SigningExpired("another session")
    if not hmac.compare_digest(identity.number.digits, signer.personal_number):
        raise SignedByAnother
    if identity.assurance < max(attempt.required_assurance, 1):
        raise AssuranceTooLow(f"{identity.assurance} < {attempt.required_assurance}")
    by = actor_of(session, ())
    evidence = _evidence(attempt, identity, token, by)
    attempt.outcome = "done"
    attempt.evidence = evidence.as_sealed_json()
    update_row(attempt, "outcome", "evidence")
    record(
        event="signature.made",
        by=by,
        obj=attempt,
        person_id=signer.pk,
        fields={"payload_sha256": attempt.payload_sha256, "purpose": attempt.signing_purpose},
    )


def _evidence(attempt: LoginAttempt, identity: Identity, token: str, by: Actor) -> SignatureEvidence:
    assert attempt.signer_id is not None  # noqa: S101 - by constraint login_signature_is_whole
    return SignatureEvidence(
        person_id=attempt.signer_id,
        payload_sha256=attempt.payload_sha256,
        purpose=attempt.signing_purpose,
        provider=attempt.provider.slug,
        issuer=attempt.provider.issuer,
        subject=identity.subject,
        at=now(),
        assurance=identity.assurance,
        acr=identity.acr,
        nonce=attempt.nonce,
        nonce_salt=attempt.nonce_salt,
        id_token_hash=hashlib.sha256(token.encode("ascii")).hexdigest(),
        id_token=token,
        on_behalf_of=by.on_behalf_of,
        mandate_id=by.mandate_id,
    )


def keep_fault(attempt: LoginAttempt, error: LoginFailed) -> None:
    """Keep what went wrong, until it is collected."""
    attempt.outcome = error.code
    attempt.save(update_fields=["outcome"])


def cancelled() -> LoginFailed:
    """The fault of a person who pressed cancel."""
    return SigningCancelled()
