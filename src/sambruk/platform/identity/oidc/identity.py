"""From a token's claims to who it is: the mapping that the provider's record gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from sambruk.common.personal_number import PersonalNumber, PersonalNumberError, parse
from sambruk.common.text import single_line
from sambruk.platform.identity.errors import NoPersonalNumber, TokenRefused
from sambruk.platform.identity.models.provider import IdentityProvider


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified token speaks of."""

    subject: str = field(repr=False)
    assurance: int
    acr: str
    number: PersonalNumber | None = None
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


def _text(provider: IdentityProvider, claims: dict[str, Any], what: str, length: int = 200) -> str:
    for name in provider.claim_names(what):
        value = claims.get(name)
        if isinstance(value, str) and value.strip():
            return single_line(value, length)
    return ""


def identity_of(provider: IdentityProvider, claims: dict[str, Any], *, resident: bool) -> Identity:
    """Read the claims by the provider's mapping.

    Raises NoPersonalNumber for a resident without a valid one, TokenRefused for a subject that is not there
    under the name that the mapping says.
    """
    subject = _text(provider, claims, "subject", 255)
    if not subject:
        raise TokenRefused("sub", "the mapped claim is missing")
    acr = claims.get("acr")
    acr = acr if isinstance(acr, str) else ""
    return Identity(
        subject=subject,
        assurance=provider.level_of(acr),
        acr=acr[:200],
        number=_number(provider, claims) if resident else None,
        given_name=_text(provider, claims, "given_name"),
        family_name=_text(provider, claims, "family_name"),
        name=_text(provider, claims, "name"),
        email=_text(provider, claims, "email"),
        phone=_text(provider, claims, "phone", 40),
    )


def _number(provider: IdentityProvider, claims: dict[str, Any]) -> PersonalNumber:
    text = _text(provider, claims, "personal_number", 20)
    if not text:
        raise NoPersonalNumber("claim missing")
    try:
        return parse(text, test_mode=settings.TEST_MODE or settings.DEMO)
    except PersonalNumberError as error:
        raise NoPersonalNumber("not valid") from error
