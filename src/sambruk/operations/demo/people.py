"""The people of the demo: who they are, where they belong, and what each of them shows.

All are made up. Personal numbers lie in Skatteverket's series for tests, which no living person has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum import luhn

NUMBER_CLAIM = "https://id.oidc.se/claim/personalIdentityNumber"
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"


@dataclass(frozen=True, slots=True)
class DemoMunicipality:
    """A municipality of the 2011 report. ``host`` is where its pages are."""

    code: str
    name: str
    short_name: str
    host: str
    colour: str
    org_number: str
    city: str
    postal_code: str

    def client_id(self, purpose: str) -> str:
        """The id of the municipality's ``resident`` or ``staff`` login at the test identity provider."""
        return f"sambruk-{self.code}-{purpose}"

    def origin(self, port: int) -> str:
        """Scheme, host and port of its pages."""
        return f"http://{self.host}:{port}"


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who lives in a municipality. ``sub`` is what the identity provider calls them."""

    sub: str
    municipality: str
    given_name: str
    family_name: str
    born: date
    serial: int
    shows: str
    partner: str = ""

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def personal_number(self) -> str:
        """Twelve digits of the test series, with their check digit."""
        short = f"{self.born:%y%m%d}{self.serial:03d}"
        return f"{self.born:%Y%m%d}{self.serial:03d}{luhn.calc_check_digit(short)}"

    @property
    def claims(self) -> dict[str, Any]:
        """What the identity provider says of them."""
        return {
            NUMBER_CLAIM: self.personal_number,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "name": self.name,
            "acr": LOA3,
        }


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works in a municipality, in roles (``identity.roles``) at units (their slugs)."""

    sub: str
    municipality: str
    name: str
    title: str
    roles: tuple[tuple[str, str], ...]
    shows: str

    @property
    def email(self) -> str:
        """An address that leads nowhere (RFC 2606)."""
        return f"{self.sub}@{self.municipality}.example"

    @property
    def claims(self) -> dict[str, Any]:
        """What the identity provider says of them."""
        given, _, family = self.name.partition(" ")
        return {
            "given_name": given,
            "family_name": family,
            "name": self.name,
            "email": self.email,
            "acr": LOA3,
        }


MUNICIPALITIES = (
    DemoMunicipality(
        "0123",
        "Järfälla kommun",
        "Järfälla",
        "jarfalla.localhost",
        "#00629b",
        "212000-0043",
        "Järfälla",
        "177 80",
    ),
    DemoMunicipality(
        "0127",
        "Botkyrka kommun",
        "Botkyrka",
        "botkyrka.localhost",
        "#007a53",
        "212000-2882",
        "Tumba",
        "147 85",
    ),
    DemoMunicipality(
        "0680",
        "Jönköpings kommun",
        "Jönköping",
        "jonkoping.localhost",
        "#a4123f",
        "212000-0530",
        "Jönköping",
        "551 89",
    ),
)

RESIDENTS = (
    Resident(
        "anna",
        "0123",
        "Anna",
        "Lindqvist",
        date(1990, 6, 2),
        239,
        "Söker försörjningsstöd med sin sambo",
        "erik",
    ),
    Resident("erik", "0123", "Erik", "Holm", date(1992, 1, 15), 238, "Medsökande som skriver under", "anna"),
    Resident("samira", "0127", "Samira", "Haddad", date(1994, 3, 21), 239, "Söker med sin man", "yusuf"),
    Resident(
        "yusuf", "0127", "Yusuf", "Haddad", date(1991, 11, 8), 238, "Medsökande som skriver under", "samira"
    ),
    Resident("maria", "0680", "Maria", "Ek", date(1985, 4, 12), 988, "Ensam med två barn"),
)

_SOCIAL, _STREET, _ALL, _CENTRE = "forsorjningsstod", "gata-park", "kommunledning", "kontaktcenter"

STAFF = tuple(
    Staff(f"{slug}-{town}", code, name, title, roles, shows)
    for town, code, names in (
        (
            "jarfalla",
            "0123",
            ("Karin Sjöberg", "Lars Nyman", "Petra Wik", "Olle Berg", "Ann-Marie Falk", "Ali Demir"),
        ),
        (
            "botkyrka",
            "0127",
            ("Leila Aziz", "Johan Modig", "Eva Stråhle", "Kent Lund", "Ritva Niemi", "Sanna Holst"),
        ),
        (
            "jonkoping",
            "0680",
            ("Hanna Frid", "Göran Ås", "Siv Öberg", "Nils Alm", "Birgitta Rask", "Jonas Lager"),
        ),
    )
    for (slug, title, roles, shows), name in zip(
        (
            (
                "handlaggare",
                "Socialsekreterare",
                ((_SOCIAL, "caseworker"),),
                "Tar emot, räknar och föreslår beslut",
            ),
            (
                "beslutsfattare",
                "Gruppledare",
                ((_SOCIAL, "decision_maker"),),
                "Beslutar det som en annan har föreslagit",
            ),
            ("utbetalning", "Ekonomiassistent", ((_SOCIAL, "payment_approver"),), "Godkänner utbetalningar"),
            ("gata", "Driftledare gata och park", ((_STREET, "field_worker"),), "Åtgärdar felanmälningar"),
            (
                "admin",
                "Systemförvaltare",
                (
                    (_ALL, "administrator"),
                    (_ALL, "operator"),
                    (_ALL, "reviewer"),
                    *((slug, "archivist") for slug in (_SOCIAL, _STREET, _CENTRE)),
                ),
                "Ställer in e-tjänster, ser driften, granskar loggen och gallrar",
            ),
            (
                "kontakt",
                "Kommunvägledare",
                ((_CENTRE, "contact_centre"),),
                "Tar emot felanmälningar, sorterar och svarar",
            ),
        ),
        names,
        strict=True,
    )
)


EVERYBODY: tuple[Resident | Staff, ...] = (*RESIDENTS, *STAFF)


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """A unit of each municipality, and the authority (kind of nämnd) that it belongs to."""

    slug: str
    name: str
    authority: str
    authority_kind: str


UNITS = (
    DemoUnit(_SOCIAL, "Försörjningsstöd", "Socialnämnden", "social"),
    DemoUnit(_STREET, "Gata och park", "Tekniska nämnden", "technical"),
    DemoUnit(_ALL, "Kommunledningskontoret", "Kommunstyrelsen", "board"),
    DemoUnit(_CENTRE, "Kontaktcenter", "Kommunstyrelsen", "board"),
)


def municipality(code: str) -> DemoMunicipality:
    """Return the municipality with a code."""
    return next(found for found in MUNICIPALITIES if found.code == code)


def person(sub: str) -> Resident | Staff:
    """Return the resident or member of staff whom the identity provider calls ``sub``. Raises KeyError."""
    for found in EVERYBODY:
        if found.sub == sub:
            return found
    raise KeyError(sub)
