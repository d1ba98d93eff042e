"""Swedish personal numbers (personnummer, samordningsnummer) and organisation numbers.

Folkbokföringslagen (1991:481) 18 § (form, check digit, plus sign from the year a person turns 100);
lag (2022:1697) om samordningsnummer (day of birth plus 60). The check digit is python-stdnum's Luhn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from stdnum import luhn

from sambruk.common.clock import today as today_in_sweden
from sambruk.common.errors import Invalid

_FORM = re.compile(
    r"(?P<century>[0-9]{2})?(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<sign>[-+]?)(?P<tail>[0-9]{4})"
)
_DASHES = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"}
)
_SPACES = re.compile(r"\s+")
_EARLIEST = date(1840, 1, 1)
_COORDINATION = 60


class PersonalNumberError(Invalid):
    """A personal or organisation number that cannot be accepted; the sentence never repeats the number."""

    code = "personal_number"


@dataclass(frozen=True, slots=True, order=True, repr=False)
class PersonalNumber:
    """A personal number that has been checked. ``digits`` are its twelve digits: what is stored.

    Made by ``parse``. Printing, logging or formatting the value shows it masked.
    """

    digits: str

    @property
    def is_coordination(self) -> bool:
        """True for a samordningsnummer."""
        return int(self.digits[6:8]) > _COORDINATION

    @property
    def birth_date(self) -> date:
        """The date of birth."""
        day = int(self.digits[6:8])
        return date(
            int(self.digits[:4]), int(self.digits[4:6]), day - _COORDINATION if self.is_coordination else day
        )

    @property
    def is_test(self) -> bool:
        """True if the number lies in the tax agency's series for tests, which no living person has."""
        return _is_test_series(self.birth_date.year, int(self.digits[8:11]), self.is_coordination)

    @property
    def masked(self) -> str:
        """For pages that need no full number: ``19900602-****``."""
        return f"{self.digits[:8]}-****"

    @property
    def display(self) -> str:
        """In full, for whoever needs it: ``19900602-2397``."""
        return f"{self.digits[:8]}-{self.digits[8:]}"

    def age_on(self, day: date) -> int:
        """Return the age in whole years on a day; one born on 29 February turns a year older on 1 March."""
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"PersonalNumber({self.masked})"


def _is_test_series(year: int, birth_number: int, coordination: bool) -> bool:
    """Skatteverket's test numbers: 238-239 born from 1990 or coordination numbers, else 980-999."""
    if coordination or year >= 1990:
        return birth_number in (238, 239)
    return 980 <= birth_number <= 999


def _full_year(match: re.Match[str], today: date) -> int:
    """The year of birth with its century: as written, or the latest that fits (plus: 100 earlier)."""
    short = int(match["year"])
    if match["century"] is not None:
        return int(match["century"]) * 100 + short
    latest = today.year - (today.year - short) % 100
    return latest - 100 if match["sign"] == "+" else latest


def _birth_date(year: int, month: int, day: int, today: date) -> date:
    try:
        born = date(year, month, day - _COORDINATION if day > _COORDINATION else day)
    except ValueError as error:
        raise PersonalNumberError(
            "De första siffrorna är inte ett datum. Kontrollera personnumret."
        ) from error
    if born > today:
        raise PersonalNumberError(
            "Födelsedatumet ligger i framtiden. Skriv personnumret med alla tolv siffror."
        )
    if born < _EARLIEST:
        raise PersonalNumberError("Födelsedatumet ligger för långt tillbaka. Kontrollera personnumret.")
    return born


def parse(text: str, *, test_mode: bool, today: date | None = None) -> PersonalNumber:
    """Read a personal or coordination number of 10 or 12 digits, with or without ``-`` or ``+``.

    Ten digits without a plus mean the latest year that is not to come. In ``test_mode`` (demo and tests)
    the tax agency's test series is accepted beside real numbers; otherwise it is refused. ``today`` is the
    Swedish date to reckon from (default: now). Raises PersonalNumberError with a Swedish sentence.
    """
    today = today or today_in_sweden()
    bare = _SPACES.sub("", text.translate(_DASHES))
    if not bare:
        raise PersonalNumberError("Skriv personnumret, till exempel ÅÅÅÅMMDD-XXXX.")
    match = _FORM.fullmatch(bare)
    if match is None:
        raise PersonalNumberError("Skriv personnumret med tolv siffror: ÅÅÅÅMMDD-XXXX.")
    year = _full_year(match, today)
    born = _birth_date(year, int(match["month"]), int(match["day"]), today)
    short = f"{match['year']}{match['month']}{match['day']}{match['tail']}"
    if match["tail"][:3] == "000" or not luhn.is_valid(short):
        raise PersonalNumberError("Personnumret stämmer inte. Kontrollera siffrorna.")
    number = PersonalNumber(f"{year:04d}{match['month']}{match['day']}{match['tail']}")
    if not test_mode and _is_test_series(born.year, int(match["tail"][:3]), number.is_coordination):
        raise PersonalNumberError("Det här är ett testnummer. Skriv ett riktigt personnummer.")
    return number


@dataclass(frozen=True, slots=True, order=True)
class OrganisationNumber:
    """A checked organisation number; ``digits`` are its ten digits. Made by ``parse_orgnr``."""

    digits: str

    @property
    def display(self) -> str:
        """As people write it: ``212000-0142``."""
        return f"{self.digits[:6]}-{self.digits[6:]}"

    def __str__(self) -> str:
        return self.display


def parse_orgnr(text: str) -> OrganisationNumber:
    """Read an organisation number of ten digits (or twelve, beginning with 16), with or without a hyphen.

    Lag (1974:174) om identitetsbeteckning för juridiska personer: the third digit is at least 2, so that
    it is never mistaken for a person's. A sole trader's personal number is not accepted here. Raises
    PersonalNumberError with a Swedish sentence.
    """
    bare = _SPACES.sub("", text.translate(_DASHES))
    match = re.fullmatch(r"(?:16)?([1-9][0-9][2-9][0-9]{3})-?([0-9]{4})", bare)
    if match is None:
        raise PersonalNumberError(
            "Skriv organisationsnumret med tio siffror: XXXXXX-XXXX.", code="organisation_number"
        )
    digits = match[1] + match[2]
    if not luhn.is_valid(digits):
        raise PersonalNumberError(
            "Organisationsnumret stämmer inte. Kontrollera siffrorna.", code="organisation_number"
        )
    return OrganisationNumber(digits)
