"""Verification of a provider's answer: SAML 2.0 Profiles section 4.1.4, Sweden Connect's deployment profile.

The order: the document's form, the signatures, then what it says. Nothing is read out of what is not signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from sambruk.platform.identity.errors import (
    AssuranceTooLow,
    Cancelled,
    Misconfigured,
    ProviderRefused,
    TokenRefused,
)
from sambruk.platform.identity.oidc.verify import SKEW
from sambruk.platform.identity.saml.claims import claims_of
from sambruk.platform.identity.saml.document import Answer, read_answer
from sambruk.platform.identity.saml.metadata import SamlMetadata, instant
from sambruk.platform.identity.saml.names import BEARER, CANCEL, NO_CONTEXT, SAML, SAMLP, SUCCESS, q

_SKEW = timedelta(seconds=SKEW)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the answer must say: to whom, where, in answer to which request, and from when on."""

    entity_id: str
    answer_to: str
    request_id: str
    not_before: datetime
    key_pem: str = field(repr=False)
    fresh_login: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """What a believed answer says. ``proof`` is the signed XML as base64; ``assertion_hash`` names it."""

    claims: dict[str, Any] = field(repr=False)
    proof: str = field(repr=False)
    assertion_hash: str


def verify_answer(xml: bytes, metadata: SamlMetadata, expected: Expected, *, now: datetime) -> Verified:
    """Return what the answer says if form, signatures and conditions hold.

    Raises TokenRefused naming the check, Cancelled, ProviderRefused or AssuranceTooLow for a provider that
    refuses, Misconfigured for what is ours to mend.
    """
    if metadata.valid_until is not None and metadata.valid_until <= now:
        raise Misconfigured("the provider's metadata is too old")
    answer = read_answer(xml)
    if answer.assertion is None and not answer.encrypted:
        _check_response(answer.root, metadata, expected)
        raise TokenRefused("form", "no assertion")
    if answer.response_signed:
        _check_signature(xml, answer.root, metadata)
    signed_xml = xml
    if answer.encrypted:
        # Opened only if the whole is signed: a stranger's ciphertext is not tried against our key.
        if not answer.response_signed:
            raise TokenRefused("unsigned", "encrypted in an unsigned response")
        signed_xml = _opened(xml, expected)
        answer = _opened_answer(signed_xml, answer)
    assertion = answer.assertion
    if assertion is None:
        raise TokenRefused("decrypt", "no assertion inside")
    if answer.assertion_signed:
        _check_signature(signed_xml, assertion, metadata)
    _check_response(answer.root, metadata, expected, signed=answer.response_signed)
    _check_assertion(assertion, metadata, expected, now)
    return Verified(
        claims=claims_of(assertion),
        proof=_proof(xml, signed_xml, answer, expected),
        assertion_hash=hashlib.sha256(f"{metadata.entity_id} {assertion.get('ID')}".encode()).hexdigest(),
    )


def _opened(xml: bytes, expected: Expected) -> bytes:
    from sambruk.platform.identity.saml.toolkit import decrypt

    return decrypt(xml, expected.key_pem)


def _opened_answer(xml: bytes, sealed: Answer) -> Answer:
    """Read the form again: inside must be one assertion too. The response's signature was checked before."""
    opened = read_answer(xml, decrypted=True)
    return Answer(opened.root, opened.assertion, True, sealed.response_signed, opened.assertion_signed)


def _check_signature(xml: bytes, element: etree._Element, metadata: SamlMetadata) -> None:
    from sambruk.platform.identity.saml.toolkit import check_signature

    check_signature(xml, element, metadata.certificates)


def _proof(xml: bytes, opened: bytes, answer: Answer, expected: Expected) -> str:
    """Return what proves the login to others: it must not need our key to be verified.

    An encrypted assertion without a signature of its own proves nothing once opened; for a signature it is
    refused (our metadata asks for signed assertions).
    """
    if answer.encrypted and not answer.assertion_signed and expected.fresh_login:
        raise TokenRefused("proof", "the encrypted assertion is not signed itself")
    kept = opened if answer.encrypted and answer.assertion_signed else xml
    return base64.b64encode(kept).decode("ascii")


def _same(text: str | None, wanted: str) -> bool:
    return text is not None and hmac.compare_digest(text.strip().encode(), wanted.encode())


def _issuer(element: etree._Element) -> str | None:
    found = element.find(q(SAML, "Issuer"))
    return found.text if found is not None else None


def _check_response(
    root: etree._Element, metadata: SamlMetadata, expected: Expected, *, signed: bool = False
) -> None:
    if root.get("Version") != "2.0":
        raise TokenRefused("form", "another version")
    if root.find(q(SAML, "Issuer")) is not None and not _same(_issuer(root), metadata.entity_id):
        raise TokenRefused("iss", "of the response")
    destination = root.get("Destination")
    # SAML Bindings section 3.5.5.2: a signed response by POST names where it goes.
    if (destination is None and signed) or (destination is not None and destination != expected.answer_to):
        raise TokenRefused("destination")
    if not _same(root.get("InResponseTo"), expected.request_id):
        raise TokenRefused("in_response_to", "of the response")
    _check_status(root)


def _check_status(root: etree._Element) -> None:
    codes = [node.get("Value") for node in root.iterfind(f"{q(SAMLP, 'Status')}//{q(SAMLP, 'StatusCode')}")]
    if codes == [SUCCESS]:
        return
    if CANCEL in codes:
        raise Cancelled
    if NO_CONTEXT in codes:
        raise AssuranceTooLow("the provider says NoAuthnContext")
    raise ProviderRefused(str(codes[-1])[-60:] if codes else "no status")


def _check_assertion(
    assertion: etree._Element, metadata: SamlMetadata, expected: Expected, now: datetime
) -> None:
    if assertion.get("Version") != "2.0" or not assertion.get("ID"):
        raise TokenRefused("form", "the assertion's version or id")
    if not _same(_issuer(assertion), metadata.entity_id):
        raise TokenRefused("iss")
    issued = instant(assertion.get("IssueInstant"))
    if issued is None or issued > now + _SKEW or issued < expected.not_before - _SKEW:
        raise TokenRefused("iat")
    _check_conditions(assertion, expected, now)
    _check_subject(assertion, expected, now)
    _check_login(assertion, expected, now)


def _check_window(node: etree._Element, now: datetime, *, needs_end: bool) -> None:
    """NotBefore and NotOnOrAfter, with the skew that clocks may have. An unreadable time never holds."""
    begin, end = node.get("NotBefore"), node.get("NotOnOrAfter")
    if begin is not None:
        at = instant(begin)
        if at is None or at > now + _SKEW:
            raise TokenRefused("nbf")
    if end is None and not needs_end:
        return
    at = instant(end)
    if at is None or at <= now - _SKEW:
        raise TokenRefused("exp")


def _check_conditions(assertion: etree._Element, expected: Expected, now: datetime) -> None:
    found = assertion.findall(q(SAML, "Conditions"))
    if len(found) != 1:
        raise TokenRefused("aud", "no conditions")
    conditions = found[0]
    _check_window(conditions, now, needs_end=False)
    known = {q(SAML, name) for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")}
    if any(child.tag not in known for child in conditions):
        raise TokenRefused("conditions", "one that is not known")
    restrictions = conditions.findall(q(SAML, "AudienceRestriction"))
    # Each restriction must name us (Core section 2.5.1.4); none at all would let in what is for anybody.
    if not restrictions or not all(
        any(_same(audience.text, expected.entity_id) for audience in one.findall(q(SAML, "Audience")))
        for one in restrictions
    ):
        raise TokenRefused("aud")


def _check_subject(assertion: etree._Element, expected: Expected, now: datetime) -> None:
    """One bearer confirmation must hold in full: here, now, in answer to this request."""
    path = f"{q(SAML, 'Subject')}/{q(SAML, 'SubjectConfirmation')}"
    fault = TokenRefused("confirmation", "no bearer")
    for confirmation in assertion.iterfind(path):
        data = confirmation.find(q(SAML, "SubjectConfirmationData"))
        if confirmation.get("Method") != BEARER or data is None:
            continue
        try:
            if data.get("Recipient") != expected.answer_to:
                raise TokenRefused("recipient")
            if not _same(data.get("InResponseTo"), expected.request_id):
                raise TokenRefused("in_response_to")
            _check_window(data, now, needs_end=True)
        except TokenRefused as refused:
            fault = refused
            continue
        return
    raise fault


def _check_login(assertion: etree._Element, expected: Expected, now: datetime) -> None:
    statements = assertion.findall(q(SAML, "AuthnStatement"))
    if len(statements) != 1:
        raise TokenRefused("login", "not one AuthnStatement")
    logged_in = instant(statements[0].get("AuthnInstant"))
    if logged_in is None or logged_in > now + _SKEW:
        raise TokenRefused("auth_time")
    # ForceAuthn was asked for: a login from before the request is another's agreement, or an older one.
    if expected.fresh_login and logged_in < expected.not_before - _SKEW:
        raise TokenRefused("auth_time", "an older login")
    ends = statements[0].get("SessionNotOnOrAfter")
    if ends is not None:
        at = instant(ends)
        if at is None or at <= now - _SKEW:
            raise TokenRefused("exp", "the session's end")
