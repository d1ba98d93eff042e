"""The two messages of a SAML login: the request in an address, the answer in a form that is posted."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from sambruk.platform.identity.errors import TokenRefused
from sambruk.platform.identity.models.login import LoginAttempt
from sambruk.platform.identity.models.provider import DEFAULT_ACR, IdentityProvider, Purpose
from sambruk.platform.identity.oidc.identity import Identity, identity_of
from sambruk.platform.identity.saml.claims import NAME_ID
from sambruk.platform.identity.saml.document import MAX_BYTES
from sambruk.platform.identity.saml.metadata import parse_metadata
from sambruk.platform.identity.saml.verify import Expected, Verified, verify_answer

#: Sweden Connect's entity categories: by them providers of e-ID know that we need the personal number.
_CATEGORIES = {level: f"http://id.elegnamnden.se/ec/1.0/loa{level}-pnr" for level in (2, 3, 4)}


def request_id(nonce: str) -> str:
    """Return a request's ID: an XML name made of the attempt's nonce, which the answer must repeat.

    The provider signs it (InResponseTo), so for a signature it binds the signed bytes as OIDC's nonce does.
    """
    return f"_{nonce}"


def authorization_url(
    provider: IdentityProvider, *, state: str, nonce: str, issued: datetime, fresh: bool
) -> str:
    """Return the address to send the browser to. ``fresh``: log in anew. Raises Misconfigured."""
    from sambruk.platform.identity.saml.toolkit import Request, request_address

    metadata = parse_metadata(provider.saml_metadata)
    request = Request(
        id=request_id(nonce),
        issued=issued,
        destination=metadata.sso_url,
        entity_id=provider.client_id,
        answer_to=provider.redirect_uri,
        contexts=tuple(provider.acr_values.split()),
        force=fresh,
    )
    return request_address(request, relay_state=state, key_pem=provider.saml_key)


def posted_xml(text: str) -> str:
    """Return the XML of a posted SAMLResponse. Raises TokenRefused ("form")."""
    if not 0 < len(text) <= MAX_BYTES * 3 // 2:
        raise TokenRefused("form", "missing or too large")
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise TokenRefused("form", "no base64") from error


def identity_in(attempt: LoginAttempt, posted: str, *, now: datetime) -> tuple[Identity, Verified]:
    """Verify the XML that was posted for an attempt; return who it speaks of, and what proves it."""
    provider = attempt.provider
    expected = Expected(
        entity_id=provider.client_id,
        answer_to=provider.redirect_uri,
        request_id=request_id(attempt.nonce),
        not_before=attempt.created_at,
        key_pem=provider.saml_key,
        fresh_login=attempt.is_signature,
    )
    if not posted:
        raise TokenRefused("form", "no answer")
    metadata = parse_metadata(provider.saml_metadata)
    verified = verify_answer(posted.encode("utf-8"), metadata, expected, now=now)
    claims = verified.claims
    resident = provider.purpose == Purpose.RESIDENT
    if claims.pop("transient", False) and not resident:
        # A name that is new at each login cannot be an account: somebody else may get it another day.
        del claims[NAME_ID]
    return identity_of(provider, claims, resident=resident), verified


def our_metadata(provider: IdentityProvider, *, name: str) -> bytes:
    """Return what we publish of ourselves to this provider (XML)."""
    from sambruk.platform.identity.saml.toolkit import service_metadata

    levels = provider.acr_levels or DEFAULT_ACR
    wanted = {int(levels.get(acr, 0)) for acr in provider.acr_values.split()} or {3}
    resident = provider.purpose == Purpose.RESIDENT
    return service_metadata(
        entity_id=provider.client_id,
        answer_to=provider.redirect_uri,
        certificate_pem=provider.saml_certificate,
        name=name,
        categories=[_CATEGORIES[level] for level in sorted(wanted & set(_CATEGORIES))] if resident else [],
    )
