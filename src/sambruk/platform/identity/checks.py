"""Trying a way to log in without logging in: what its provider publishes, and whether we can use it.

For the administrator's page and for ``sambruk doctor``: each finding is a sentence in Swedish, and what to do
where something is wrong. No finding holds a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sambruk.common.clock import local_date, now
from sambruk.platform.identity.errors import LoginFailed, Misconfigured, ProviderDown
from sambruk.platform.identity.models import IdentityProvider, Protocol
from sambruk.platform.identity.oidc import metadata
from sambruk.platform.identity.saml.metadata import SamlMetadata, parse_metadata

#: A certificate or metadata that ends sooner is told of, so that a new one can be asked for.
SOON = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was tried. ``level`` is "ok", "warn" or "fault"."""

    level: str
    text: str
    advice: str = ""


def check_provider(provider: IdentityProvider) -> list[Found]:
    """Try a provider: OpenID Connect's discovery is fetched (seconds at most), SAML's metadata is read."""
    return list(_saml(provider) if provider.protocol == Protocol.SAML else _oidc(provider))


def _oidc(provider: IdentityProvider) -> Iterator[Found]:
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    metadata.forget(provider.issuer)
    try:
        found = metadata.metadata_of(provider.issuer)
    except ProviderDown as error:
        yield Found(
            "fault",
            f"{address} svarar inte som den ska ({error.detail}).",
            "Kontrollera adressen, och att er brandvägg släpper ut oss till den.",
        )
        return
    except Misconfigured as error:
        yield _unusable(provider, error)
        return
    yield Found("ok", "Inloggningstjänsten svarar och beskriver sig själv.")
    yield from _oidc_keys(found)
    if provider.client_secret and not {"client_secret_basic", "client_secret_post"} & set(found.auth_methods):
        yield Found(
            "fault",
            "Tjänsten tar inte emot en hemlighet från oss.",
            "Be leverantören tillåta client_secret_basic för er klient.",
        )
    yield from _levels(provider)
    yield (
        Found("ok", "Det går att skriva under med den här inloggningen.")
        if provider.purpose == ("resident")
        else Found("ok", "Medarbetarens konto läses ur " + ", ".join(provider.claim_names("subject")) + ".")
    )


def _unusable(provider: IdentityProvider, error: Misconfigured) -> Found:
    if error.detail == "metadata names another issuer":
        return Found(
            "fault",
            f"Tjänsten säger att den heter något annat än {provider.issuer}.",
            "Skriv adressen (issuer) exakt som tjänsten anger den, även snedstreck på slutet.",
        )
    return Found(
        "fault",
        f"Tjänstens beskrivning går inte att använda: {error.detail}.",
        "Alla adresser måste finnas och börja med https://. Kontakta leverantören.",
    )


def _oidc_keys(found: metadata.Metadata) -> Iterator[Found]:
    try:
        keys = metadata.keys_of(found)
    except (ProviderDown, LoginFailed) as error:
        yield Found(
            "fault", f"Tjänstens nycklar går inte att hämta ({error.detail}).", "Kontakta leverantören."
        )
        return
    if keys:
        count = f"{len(keys)} nycklar" if len(keys) > 1 else "en nyckel"
        yield Found("ok", f"Tjänsten har {count} som vi kan kontrollera svar med.")
    else:
        yield Found(
            "fault",
            "Tjänsten har ingen nyckel som vi kan använda.",
            "Den behöver en RSA-nyckel på minst 2048 bitar, eller en EC-nyckel. Kontakta leverantören.",
        )


def _levels(provider: IdentityProvider) -> Iterator[Found]:
    unknown = [acr for acr in provider.acr_values.split() if not provider.level_of(acr)]
    if unknown:
        yield Found(
            "fault",
            f"Ni begär {', '.join(unknown)}, men ingen tillitsnivå är angiven för det. Ingen kommer in.",
            "Lägg till en rad under Tillitsnivåer.",
        )
    elif provider.default_assurance:
        yield Found(
            "warn",
            f"Ett svar utan tillitsnivå räknas som nivå {provider.default_assurance}.",
            "Ta bort det om tjänsten kan ange nivån själv.",
        )


def _saml(provider: IdentityProvider) -> Iterator[Found]:
    from sambruk.platform.identity.saml.toolkit import HOW_TO_INSTALL, find_program

    if find_program() is None:
        yield Found(
            "fault",
            "Programmet xmlsec1 saknas på servern. Utan det kan ingen logga in med SAML.",
            f"Den som sköter servern kör: {HOW_TO_INSTALL}",
        )
    try:
        found = parse_metadata(provider.saml_metadata)
    except Misconfigured as error:
        yield Found("fault", error.detail, "Hämta metadata på nytt från leverantören och klistra in dem.")
        return
    yield Found("ok", f"Metadata går att läsa. Inloggningen sker på {found.sso_url.partition('?')[0]}.")
    if found.entity_id != provider.issuer:
        yield Found(
            "fault",
            f"Metadata gäller {found.entity_id}, inte {provider.issuer}.",
            "Klistra in metadata för rätt tjänst.",
        )
    yield from _ends(found)
    yield from _levels(provider)
    if provider.purpose == "resident":
        yield Found(
            "ok",
            "Det går att skriva under med den här inloggningen, om tjänsten skriver under själva intyget "
            "(assertion) och låter personen legitimera sig på nytt (ForceAuthn).",
        )


def _ends(found: SamlMetadata) -> Iterator[Found]:
    at = now()
    if found.valid_until is not None and found.valid_until <= at + SOON:
        over = found.valid_until <= at
        yield Found(
            "fault" if over else "warn",
            f"Metadata {'gällde' if over else 'gäller'} till {local_date(found.valid_until)}."
            f"{' Ingen kan logga in.' if over else ''}",
            "Hämta nya metadata från leverantören och klistra in dem.",
        )
    ends = max(certificate.not_valid_after_utc for certificate in found.certificates)
    if ends <= at + SOON:
        yield Found(
            "warn",
            f"Tjänstens certifikat gäller till {local_date(ends)}.",
            "Fråga leverantören när de byter. Nya metadata måste klistras in innan dess.",
        )
    else:
        yield Found("ok", f"Vi kan kontrollera svar med tjänstens certifikat till {local_date(ends)}.")
