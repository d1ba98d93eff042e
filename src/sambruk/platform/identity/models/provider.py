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

#: Levels of assurance in Sweden's Tillitsramverk, as the ``acr`` values of Digg's e-legitimation.
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


class IdentityProvider(TenantModel):
    """An OpenID Connect provider as this principal has registered with it.

    ``redirect_base`` is the scheme and host that the provider returns to, such as
    ``https://e.jarfalla.se``: from here, never from a request's Host header. ``claims`` overrides
    ``DEFAULT_CLAIMS`` name by name, ``acr_levels`` replaces ``DEFAULT_ACR``. ``acr_values`` is what is
    asked for. ``default_assurance`` is the level where the token has no ``acr``; 0 refuses the login.
    """

    slug = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    issuer = models.URLField(max_length=300)
    client_id = models.CharField(max_length=200)
    client_secret = EncryptedTextField(blank=True)
    redirect_base = models.URLField(max_length=200)
    scopes = models.CharField(max_length=300, default="openid profile")
    claims = models.JSONField(default=dict, blank=True)
    acr_levels = models.JSONField(default=dict, blank=True)
    acr_values = models.CharField(max_length=300, blank=True)
    default_assurance = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="provider_slug_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(default_assurance__lte=4), name="provider_assurance_at_most_4"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to."""
        return f"{self.redirect_base.rstrip('/')}/logga-in/svar/"

    def claim_names(self, what: str) -> list[str]:
        """Return the names of the claims that may hold ``what``, in order."""
        own = self.claims.get(what)
        if isinstance(own, str):
            return [own]
        return list(own) if own else DEFAULT_CLAIMS[what]

    def level_of(self, acr: str | None) -> int:
        """Return the level of assurance of a token's ``acr``; 0 for one that is not known."""
        if not acr:
            return self.default_assurance
        levels = self.acr_levels or DEFAULT_ACR
        return int(levels.get(acr, 0))
