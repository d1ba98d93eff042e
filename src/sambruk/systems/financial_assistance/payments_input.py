"""What a payment file is made of, and the text that banks take. Pure; written by `payments_pain001`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from sambruk.common.errors import Invalid

LONGEST_NAME = 70
"""Banks take 70 characters of a name, though the schema has room for 140."""
LONGEST_ID = 35
LONGEST_REFERENCE = 140
LARGEST_ORDER = Decimal("9999999.99")

_KEPT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 /-?:().,'+åäöÅÄÖ")
_SPELLED = {
    "&": "+",
    "ø": "ö",
    "Ø": "Ö",
    "æ": "ä",
    "Æ": "Ä",
    "ß": "ss",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "’": "'",
}
_SPELLED |= {"–": "-", "—": "-", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "œ": "oe", "Œ": "Oe"}


class PaymentFault(Invalid):
    """The file cannot be written as asked; `field_errors` names the field, `order` which order (from 1)."""

    code = "payment"

    def __init__(self, field_name: str, message_sv: str, order: int | None = None) -> None:
        place = field_name if order is None else f"orders[{order}].{field_name}"
        super().__init__(message_sv, {place: message_sv})
        self.order = order


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """Who pays: name, organisation number (ten digits), its account as IBAN, and the bank's BIC."""

    name: str
    organisation_number: str
    iban: str
    bic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditorAccount:
    """Where the money goes. `number` is of the `kind`; `clearing` stands beside it for `bban` only."""

    kind: Literal["iban", "bban", "bankgiro", "plusgiro"]
    number: str = field(repr=False)
    clearing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One amount (kronor, above zero, whole öre) to one payee; the bank's reports name `end_to_end_id`."""

    end_to_end_id: str
    name: str
    account: CreditorAccount
    amount: Decimal
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a bank's guide decides. All defaults are unverified; see `payments_pain001`."""

    service_level: str = "NURG"
    category_purpose: str = "SSBE"
    giro_category_purpose: str = "SSBE"
    debtor_scheme: str = "COID"
    bankgiro_scheme: str = "BGNR"
    bankgiro_member: str = "9900"
    plusgiro_member: str = "9500"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFileContent:
    """The file and what it holds: bytes in UTF-8, the control sum in kronor, the number of transfers."""

    message_id: str
    xml: bytes = field(repr=False)
    total: Decimal
    count: int


def clean_text(text: str, longest: int) -> str:
    """Return text in the characters that banks take: Latin letters with å, ä, ö, digits, a few signs.

    Other Latin letters lose their accents; everything else (control characters, emoji) becomes a
    space. White space is collapsed and the text cut at `longest`. May return nothing.
    """
    out = ""
    for char in unicodedata.normalize("NFC", text):
        if char in _KEPT:
            out += char
        elif char in _SPELLED:
            out += _SPELLED[char]
        else:
            base = unicodedata.normalize("NFKD", char)
            kept = "".join(part for part in base if part in _KEPT)
            out += kept if kept or unicodedata.combining(char) else " "
    return " ".join(out.split())[:longest].strip()
