"""A way to log in: the principal's own record of an identity provider."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sambruk.platform.identity.encrypted import EncryptedTextField
from sambruk.platform.tenancy.base import TenantModel

#: Which claim says what, unless the record says otherwise; the first that the token has is taken.
#: The personal number under the names of OpenID Sweden's attribute specification and of common brokers.
DEFAULT_CLAIMS: dict[str, list[str]] = {
    "subject": ["sub"],
    "personal_number": [
        "https://id.oidc.se/claim/personalIdentityNumber",
        "https://id.oidc.se/claim/coordinationNumber",
        "personal_number",
        "personalNumber",
    ],
    "given_name": ["given_name"],
    "family_name": ["family_name"],
    "name": ["name"],
    "email": ["email"],
    "phone": ["phone_number"],
}

#: The same for SAML: names of attributes in Sweden Connect's attribute specification. "NameID" is the
#: subject's own name in the assertion; a transient one, new at each login, is never taken for staff.
DEFAULT_SAML_CLAIMS: dict[str, list[str]] = {
    "subject": ["NameID"],
    "personal_number": ["urn:oid:1.2.752.29.4.13"],
    "given_name": ["urn:oid:2.5.4.42"],
    "family_name": ["urn:oid:2.5.4.4"],
    "name": ["urn:oid:2.16.840.1.113730.3.1.241"],
    "email": ["urn:oid:0.9.2342.19200300.100.1.3"],
    "phone": ["urn:oid:0.9.2342.19200300.100.1.41", "urn:oid:2.5.4.20"],
}

#: Levels of assurance in Sweden's Tillitsramverk, as the ``acr`` values of Digg's e-legitimation (the same
#: addresses stand in SAML's AuthnContextClassRef).
DEFAULT_ACR: dict[str, int] = {
    "http://id.elegnamnden.se/loa/1.0/loa2": 2,
    "http://id.elegnamnden.se/loa/1.0/loa3": 3,
    "http://id.elegnamnden.se/loa/1.0/loa4": 4,
    "http://id.swedenconnect.se/loa/1.0/uncertified-loa3": 3,
}


class Purpose(models.TextChoices):
    """Whom a provider lets in."""

    RESIDENT = "resident", _("Invånare")
    STAFF = "staff", _("Medarbetare")


class Protocol(models.TextChoices):
    """How a provider is spoken to."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


class IdentityProvider(TenantModel):
    """An identity provider as this principal has registered with it.

    ``redirect_base`` is the scheme and host that the provider returns to, such as
    ``https://e.jarfalla.se``: from here, never from a request's Host header. ``claims`` overrides
    ``DEFAULT_CLAIMS`` name by name, ``acr_levels`` replaces ``DEFAULT_ACR``. ``acr_values`` is what is
    asked for. ``default_assurance`` is the level where the token has no ``acr``; 0 refuses the login.

    With SAML ``issuer`` is the provider's entityID, ``client_id`` our own, ``saml_metadata`` what the
    provider publishes of itself, as the administrator pasted it (nothing is fetched), and ``saml_key``
    with ``saml_certificate`` our key pair (PEM), by which we sign requests and read encrypted answers.
    """

    slug = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    protocol = models.CharField(max_length=10, choices=Protocol.choices, default=Protocol.OIDC)
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=300)
    client_secret = EncryptedTextField(blank=True)
    redirect_base = models.URLField(max_length=200)
    scopes = models.CharField(max_length=300, default="openid profile")
    claims = models.JSONField(default=dict, blank=True)
    acr_levels = models.JSONField(default=dict, blank=True)
    acr_values = models.CharField(max_length=300, blank=True)
    default_assurance = models.PositiveSmallIntegerField(default=0)
    saml_metadata = models.TextField(blank=True)
    saml_key = EncryptedTextField(blank=True)
    saml_certificate = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="provider_slug_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(default_assurance__lte=4), name="provider_assurance_at_most_4"
            ),
            models.CheckConstraint(
                condition=~models.Q(protocol="saml")
                | (~models.Q(saml_metadata="") & ~models.Q(saml_certificate="")),
                name="provider_saml_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to (with SAML: the assertion consumer service)."""
        path = "/logga-in/saml/svar/" if self.protocol == Protocol.SAML else "/logga-in/svar/"
        return f"{self.redirect_base.rstrip('/')}{path}"

    @property
    def default_claims(self) -> dict[str, list[str]]:
        """Which claim, or attribute, says what unless ``claims`` says otherwise."""
        return DEFAULT_SAML_CLAIMS if self.protocol == Protocol.SAML else DEFAULT_CLAIMS

    def claim_names(self, what: str) -> list[str]:
        """Return the names of the claims that may hold ``what``, in order."""
        own = self.claims.get(what)
        if isinstance(own, str):
            return [own]
        return list(own) if own else self.default_claims[what]

    def level_of(self, acr: str | None) -> int:
        """Return the level of assurance of a token's ``acr``; 0 for one that is not known."""
        if not acr:
            return self.default_assurance
        levels = self.acr_levels or DEFAULT_ACR
        return int(levels.get(acr, 0))
