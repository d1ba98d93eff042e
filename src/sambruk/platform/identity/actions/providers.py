"""Ways to log in: the principal's identity providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid
from sambruk.common.text import single_line
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.errors import Misconfigured
from sambruk.platform.identity.models import IdentityProvider, Purpose
from sambruk.platform.identity.models.provider import DEFAULT_CLAIMS
from sambruk.platform.identity.oidc import metadata
from sambruk.platform.identity.oidc.http import require_safe_url
from sambruk.platform.identity.permissions import Permission


@transaction.atomic
def add_provider(
    *,
    by: Actor,
    slug: str,
    name: str,
    purpose: Purpose,
    issuer: str,
    client_id: str,
    client_secret: str,
    redirect_base: str,
    scopes: str = "openid profile",
    claims: Mapping[str, str | Sequence[str]] | None = None,
    acr_levels: Mapping[str, int] | None = None,
    acr_values: str = "",
    default_assurance: int = 0,
    position: int = 0,
) -> IdentityProvider:
    """Register an OpenID Connect provider. Permission: admin.principal.

    ``redirect_base`` is scheme and host (and port) of the principal's own pages, as registered with the
    provider. For the other fields see ``models.IdentityProvider``. Raises Invalid naming the field, Conflict
    for a slug that is taken. The log gets everything but the secret.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    values = {
        "slug": slug,
        "name": single_line(name, 100),
        "purpose": purpose.value,
        "issuer": issuer,
        "client_id": client_id,
        "redirect_base": redirect_base.rstrip("/"),
        "scopes": scopes,
        "claims": {
            key: value if isinstance(value, str) else list(value) for key, value in (claims or {}).items()
        },
        "acr_levels": dict(acr_levels or {}),
        "acr_values": acr_values,
        "default_assurance": default_assurance,
        "position": position,
    }
    if faults := _faults(values):
        raise Invalid(faults)
    try:
        with transaction.atomic():
            provider = IdentityProvider.objects.create(client_secret=client_secret, **values)
    except IntegrityError as error:
        raise Conflict(
            "Det finns redan en inloggning med det korta namnet.", code="provider_exists"
        ) from error
    record(event="provider.added", by=by, obj=provider, fields=values)
    return provider


def _faults(values: Mapping[str, object]) -> dict[str, str]:
    faults = {}
    if not values["name"] or not values["slug"]:
        faults["name"] = "Skriv inloggningens namn och dess korta namn."
    if not values["client_id"]:
        faults["client_id"] = "Skriv det client_id som inloggningstjänsten har gett."
    if "openid" not in str(values["scopes"]).split():
        faults["scopes"] = "Bland scopes måste openid finnas."
    try:
        require_safe_url(values["issuer"], "issuer")
    except Misconfigured:
        faults["issuer"] = "Skriv inloggningstjänstens adress (issuer), som börjar med https://."
    if not _is_own_base(str(values["redirect_base"])):
        faults["redirect_base"] = "Skriv bara början av er egen adress, till exempel https://e.kommun.se."
    claims, levels = values["claims"], values["acr_levels"]
    assert isinstance(claims, dict)  # noqa: S101 - made above
    assert isinstance(levels, dict)  # noqa: S101 - made above
    if unknown := sorted(set(claims) - set(DEFAULT_CLAIMS)):
        faults["claims"] = f"Okända uppgifter: {', '.join(unknown)}. Välj bland {', '.join(DEFAULT_CLAIMS)}."
    if not all(isinstance(level, int) and 1 <= level <= 4 for level in levels.values()):
        faults["acr_levels"] = "En tillitsnivå är ett heltal från 1 till 4."
    return faults


def _is_own_base(url: str) -> bool:
    """An https origin; http for *.localhost in demo and test."""
    parts = urlsplit(url)
    local = (settings.TEST_MODE or settings.DEMO) and (parts.hostname or "").endswith("localhost")
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    return bool(parts.hostname) and plain and (parts.scheme == "https" or (parts.scheme == "http" and local))


@transaction.atomic
def set_provider_active(*, by: Actor, provider_id: UUID, active: bool) -> None:
    """Open or close a way to log in. Permission: admin.principal. Sessions that it began go on."""
    by.require(Permission.ADMIN_PRINCIPAL)
    provider = IdentityProvider.objects.select_for_update().get(pk=provider_id)
    provider.active = active
    provider.save(update_fields=["active"])
    record(event="provider.opened" if active else "provider.closed", by=by, obj=provider)
    metadata.forget()
