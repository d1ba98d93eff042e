"""What a provider's record must say, and the sentence where it does not: one home for adding and changing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from sambruk.common.errors import Invalid
from sambruk.common.text import single_line
from sambruk.platform.identity.errors import Misconfigured
from sambruk.platform.identity.models import Protocol
from sambruk.platform.identity.models.provider import DEFAULT_CLAIMS
from sambruk.platform.identity.oidc.http import require_safe_url
from sambruk.platform.identity.saml.document import MAX_BYTES
from sambruk.platform.identity.saml.metadata import parse_metadata

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderValues:
    """What an administrator says of a provider. SAML: ``issuer`` and ``client_id`` follow from the rest."""

    name: str
    redirect_base: str
    issuer: str = ""
    client_id: str = ""
    scopes: str = "openid profile"
    claims: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    acr_levels: Mapping[str, int] = field(default_factory=dict)
    acr_values: str = ""
    default_assurance: int = 0
    position: int = 0
    saml_metadata: str = ""


def checked(values: ProviderValues, *, protocol: Protocol, slug: str) -> dict[str, Any]:
    """Return the columns of a record. Raises Invalid naming every field that cannot be trusted."""
    columns: dict[str, Any] = {
        "name": single_line(values.name, 100),
        "redirect_base": values.redirect_base.strip().rstrip("/"),
        "claims": {
            key: value if isinstance(value, str) else list(value) for key, value in values.claims.items()
        },
        "acr_levels": dict(values.acr_levels),
        "acr_values": " ".join(values.acr_values.split()),
        "default_assurance": values.default_assurance,
        "position": values.position,
    }
    faults = _common_faults(columns, slug)
    if protocol == Protocol.SAML:
        columns |= _saml(values, columns["redirect_base"], slug, faults)
    else:
        columns |= _oidc(values, faults)
    for name, longest in (("issuer", 300), ("client_id", 300), ("scopes", 300), ("acr_values", 300)):
        if len(str(columns.get(name, ""))) > longest:
            faults.setdefault(name, f"Skriv högst {longest} tecken.")
    if faults:
        raise Invalid(faults)
    return columns


def _common_faults(columns: Mapping[str, Any], slug: str) -> dict[str, str]:
    faults = {}
    if not columns["name"]:
        faults["name"] = "Skriv inloggningens namn, så som den som loggar in ska se det."
    if not _SLUG.fullmatch(slug):
        faults["slug"] = (
            "Skriv ett kort namn med små bokstäver a–z, siffror och bindestreck, till exempel bankid."
        )
    if not _is_own_base(columns["redirect_base"]):
        faults["redirect_base"] = "Skriv bara början av er egen adress, till exempel https://e.kommun.se."
    if unknown := sorted(set(columns["claims"]) - set(DEFAULT_CLAIMS)):
        faults["claims"] = f"Okända uppgifter: {', '.join(unknown)}. Välj bland {', '.join(DEFAULT_CLAIMS)}."
    levels = [*columns["acr_levels"].values()]
    if not all(isinstance(level, int) and 1 <= level <= 4 for level in levels):
        faults["acr_levels"] = "En tillitsnivå är ett heltal från 1 till 4."
    if not 0 <= columns["default_assurance"] <= 4:
        faults["default_assurance"] = "Välj en nivå från 0 till 4."
    if not 0 <= columns["position"] <= 999:
        faults["position"] = "Skriv ett tal från 0 till 999."
    return faults


def _oidc(values: ProviderValues, faults: dict[str, str]) -> dict[str, Any]:
    columns = {
        "issuer": values.issuer.strip(),
        "client_id": values.client_id.strip(),
        "scopes": " ".join(values.scopes.split()),
    }
    if not columns["client_id"]:
        faults["client_id"] = "Skriv det client_id som inloggningstjänsten har gett."
    if "openid" not in columns["scopes"].split():
        faults["scopes"] = "Bland scopes måste openid finnas."
    try:
        require_safe_url(columns["issuer"], "issuer")
    except (Misconfigured, ValueError):
        faults["issuer"] = "Skriv inloggningstjänstens adress (issuer), som börjar med https://."
    return columns


def _saml(values: ProviderValues, base: str, slug: str, faults: dict[str, str]) -> dict[str, Any]:
    """Read the metadata: it says who the provider is. We are named by the address of our own metadata."""
    xml = values.saml_metadata.strip()
    issuer = ""
    if not xml:
        faults["saml_metadata"] = "Klistra in metadata (XML) från leverantören."
    elif len(xml.encode("utf-8")) > MAX_BYTES:
        faults["saml_metadata"] = "Texten är för lång. Klistra in bara den EntityDescriptor som gäller."
    else:
        try:
            issuer = parse_metadata(xml).entity_id
        except Misconfigured as error:
            faults["saml_metadata"] = error.detail
    client_id = values.client_id.strip() or f"{base}/logga-in/saml/metadata/{slug}/"
    return {"saml_metadata": xml, "issuer": issuer, "client_id": client_id}


def _is_own_base(url: str) -> bool:
    """An https origin; http for *.localhost in demo and test."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    local = (settings.TEST_MODE or settings.DEMO) and host.endswith("localhost")
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    return bool(host) and plain and (parts.scheme == "https" or (parts.scheme == "http" and local))
