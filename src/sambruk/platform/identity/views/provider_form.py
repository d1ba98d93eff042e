"""The form of a way to log in: its fields for each protocol, and what was typed as ``ProviderValues``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from sambruk.common.errors import Invalid
from sambruk.platform.identity.actions.provider_values import ProviderValues
from sambruk.platform.identity.models import IdentityProvider, Protocol, Purpose
from sambruk.platform.ui.fields import Choice, FieldView

Data = Mapping[str, Any]


def typed_values(data: Data, protocol: Protocol) -> ProviderValues:
    """Read what was typed. Raises Invalid for lines and numbers that cannot be read."""
    faults: dict[str, str] = {}
    levels: dict[str, int] = {}
    for name, text in _lines(data, "acr_levels", faults).items():
        if text.isdecimal() and len(text) < 3:
            levels[name] = int(text)
        else:
            faults["acr_levels"] = _("Skriv en rad för varje namn, till exempel http://exempel.se/loa3 = 3.")
    claims = {
        name: [one.strip() for one in text.split(",") if one.strip()]
        for name, text in _lines(data, "claims", faults).items()
    }
    numbers = {name: _number(data, name, faults) for name in ("default_assurance", "position")}
    if faults:
        raise Invalid(faults)
    saml = protocol == Protocol.SAML
    return ProviderValues(
        name=_text(data, "name"),
        redirect_base=_text(data, "redirect_base"),
        issuer="" if saml else _text(data, "issuer"),
        client_id=_text(data, "client_id"),
        scopes=_text(data, "scopes") or "openid profile",
        claims=claims,
        acr_levels=levels,
        acr_values=_text(data, "acr_values"),
        default_assurance=numbers["default_assurance"],
        position=numbers["position"],
        saml_metadata=str(data.get("saml_metadata", "")) if saml else "",
    )


def _text(data: Data, name: str) -> str:
    return str(data.get(name, "")).strip()


def _number(data: Data, name: str, faults: dict[str, str]) -> int:
    text = _text(data, name) or "0"
    if text.isdecimal() and len(text) < 5:
        return int(text)
    faults[name] = _("Skriv ett heltal, till exempel 0.")
    return 0


def _lines(data: Data, name: str, faults: dict[str, str]) -> dict[str, str]:
    """Read ``name = value``, one a line. The last equals sign counts: addresses may hold others."""
    found: dict[str, str] = {}
    for line in _text(data, name).splitlines():
        if not line.strip():
            continue
        key, sign, value = (part.strip() for part in line.rpartition("="))
        if not (key and sign and value):
            faults[name] = _("Skriv en rad för varje uppgift: namn, likhetstecken, värde.")
        found[key] = value
    return found


def data_of(provider: IdentityProvider) -> dict[str, str]:
    """What the form shows of a record: never the secret."""
    claims = {
        name: value if isinstance(value, str) else ", ".join(value) for name, value in provider.claims.items()
    }
    return {
        "name": provider.name,
        "redirect_base": provider.redirect_base,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "scopes": provider.scopes,
        "claims": "\n".join(f"{name} = {value}" for name, value in claims.items()),
        "acr_levels": "\n".join(f"{name} = {level}" for name, level in provider.acr_levels.items()),
        "acr_values": provider.acr_values,
        "default_assurance": str(provider.default_assurance),
        "position": str(provider.position),
        "saml_metadata": provider.saml_metadata,
    }


def fields_of(
    data: Data, faults: Mapping[str, str], *, protocol: Protocol, new: bool, has_secret: bool = False
) -> tuple[Sequence[FieldView], Sequence[FieldView]]:
    """Return the fields that everybody fills in, and those that most leave as they are."""

    def view(name: str, label: str, kind: Any = "text", **more: Any) -> FieldView:
        errors = [faults[name]] if name in faults else []
        value = "" if kind == "password" else data.get(name, "")
        return FieldView(name=name, label=label, kind=kind, value=value, errors=errors, **more)

    main = [
        view("name", _("Namn"), help=_("Så som den som loggar in ska se det, till exempel BankID.")),
        *(_identity_of_new(view) if new else ()),
        *(_saml_fields(view) if protocol == Protocol.SAML else _oidc_fields(view, has_secret, new)),
        view("redirect_base", _("Er egen adress"), help=_("Till exempel https://e.kommun.se.")),
        view(
            "acr_values",
            _("Tillitsnivå som begärs"),
            required=False,
            help=_("Till exempel http://id.elegnamnden.se/loa/1.0/loa3. Flera skiljs åt med mellanslag."),
        ),
    ]
    return main, _rare_fields(view, protocol)


def _identity_of_new(view: Any) -> list[FieldView]:
    choices = tuple(Choice(purpose.value, str(purpose.label)) for purpose in Purpose)
    return [
        view(
            "slug",
            _("Kort namn"),
            help=_("Små bokstäver, siffror och bindestreck. Det står i adresser och kan inte ändras sedan."),
        ),
        view("purpose", _("Vem loggar in?"), "radio", choices=choices),
    ]


def _saml_fields(view: Any) -> list[FieldView]:
    text = _("Klistra in texten från leverantören: en EntityDescriptor. Vi hämtar inget själva.")
    return [view("saml_metadata", _("Leverantörens metadata (XML)"), "long_text", rows=10, help=text)]


def _oidc_fields(view: Any, has_secret: bool, new: bool) -> list[FieldView]:
    keep = _("Det finns en hemlighet. Lämna tomt om den ska vara kvar. Den visas aldrig.")
    once = _("Från leverantören. När du har sparat den visas den aldrig igen.")
    return [
        view(
            "issuer", _("Inloggningstjänstens adress (issuer)"), help=_("Exakt som leverantören anger den.")
        ),
        view("client_id", _("Vårt namn hos tjänsten (client_id)")),
        view(
            "client_secret",
            _("Hemlighet (client_secret)") if new or not has_secret else _("Ny hemlighet (client_secret)"),
            "password",
            required=False,
            autocomplete="new-password",
            help=keep if has_secret else once,
        ),
    ]


def _rare_fields(view: Any, protocol: Protocol) -> list[FieldView]:
    attribute = "urn:oid:1.2.752.29.4.13" if protocol == Protocol.SAML else "personal_number"
    rare = [
        view(
            "acr_levels",
            _("Tillitsnivåer"),
            "long_text",
            required=False,
            help=_("En rad för varje namn: http://exempel.se/hog = 3. Tomt: Diggs namn för nivå 2, 3 och 4."),
        ),
        view(
            "default_assurance",
            _("Nivå när svaret inte anger någon"),
            "number",
            required=False,
            help=_("0 betyder att ingen släpps in."),
        ),
        view(
            "claims",
            _("Var uppgifterna står i svaret"),
            "long_text",
            required=False,
            help=_("En rad för varje uppgift: personal_number = %(name)s. Tomt: det vanliga.")
            % {"name": attribute},
        ),
        view("position", _("Plats i listan när flera finns"), "number", required=False),
    ]
    if protocol == Protocol.OIDC:
        rare.insert(0, view("scopes", _("Scopes"), required=False))
    else:
        text = _("Vårt entityID. Tomt: adressen till vår metadata.")
        rare.insert(0, view("client_id", _("Vårt namn hos tjänsten"), required=False, help=text))
    return rare
