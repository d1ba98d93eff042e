"""Swedish bank accounts: clearing number and account number, checked by each bank's rule; bankgiro, plusgiro.

The ranges and rules are data with their source: ``clearing_numbers.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from ruamel.yaml import YAML
from stdnum import luhn

from sambruk.common.clock import today
from sambruk.common.errors import Invalid

_SEPARATORS = re.compile("[\\s\u00a0.,\u2010-\u2015\u2212-]+")
_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1)


class BankAccountError(Invalid):
    """An account that cannot be accepted. ``field_errors`` has ``clearing`` or ``account``."""

    code = "bank_account"

    def __init__(self, field: str, message_sv: str) -> None:
        super().__init__(message_sv, {field: message_sv})


@dataclass(frozen=True, slots=True)
class ClearingRange:
    """A row of the data: whose clearing numbers these are, how accounts are checked, how sure we are."""

    first: int
    last: int
    bank: str
    check: str
    mark: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account that has been checked; made by ``parse_account``.

    ``clearing`` has four digits (Swedbank's fifth is checked and dropped, as payment files want it),
    ``account`` the digits that the bank's rule asks for, filled up with zeros. ``check_failed`` is true
    for a Swedbank account in the 8000 series whose check digit is wrong: such accounts exist, so the
    person is asked to look again but not stopped. ``verified`` is false where the range itself is.
    """

    clearing: str
    account: str
    bank: str
    verified: bool = True
    check_failed: bool = False

    @property
    def masked(self) -> str:
        """For lists and receipts: bank, clearing number and the last two digits."""
        return f"{self.bank} {self.clearing}-{'*' * (len(self.account) - 2)}{self.account[-2:]}"

    @property
    def display(self) -> str:
        """In full: ``5001-1234567``."""
        return f"{self.clearing}-{self.account}"

    @property
    def bban(self) -> str:
        """Clearing and account number in one, as payment files write it."""
        return self.clearing + self.account

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"BankAccount({self.masked})"


@dataclass(frozen=True, slots=True)
class _Rule:
    shortest: int
    longest: int
    width: int
    check: Callable[[str, str], bool]


def modulus_11(digits: str) -> bool:
    """Check digits (at most eleven, the last is the check digit): weights 1-10 and 1 from the right."""
    return (
        sum(int(digit) * weight for digit, weight in zip(reversed(digits), _WEIGHTS, strict=False)) % 11 == 0
    )


_RULES = {
    "eleven_10": _Rule(7, 7, 7, lambda clearing, account: modulus_11(clearing[1:] + account)),
    "eleven_11": _Rule(7, 7, 7, lambda clearing, account: modulus_11(clearing + account)),
    "ten_10": _Rule(10, 10, 10, lambda _, account: luhn.is_valid(account)),
    "eleven_9": _Rule(7, 9, 9, lambda _, account: modulus_11(account)),
    "swedbank": _Rule(6, 10, 10, lambda _, account: luhn.is_valid(account)),
    "plusgiro": _Rule(2, 8, 0, lambda _, account: luhn.is_valid(account)),
}


@lru_cache(maxsize=1)
def clearing_ranges() -> tuple[ClearingRange, ...]:
    """Return all rows of the data, in order of clearing number."""
    text = files("sambruk.common").joinpath("clearing_numbers.yaml").read_text("utf-8")
    rows = YAML(typ="safe", pure=True).load(text)["rows"]
    return tuple(
        ClearingRange(
            first=row["clearing"][0],
            last=row["clearing"][1],
            bank=row["bank"],
            check=row["check"],
            mark=row["mark"],
            valid_from=row.get("from", date.min),
            valid_to=row.get("to", date.max),
        )
        for row in rows
    )


def find_range(clearing: str, on: date | None = None) -> ClearingRange | None:
    """Return whose a clearing number of four digits is on a day (default: today), or None."""
    number, day = int(clearing), on or today()
    for row in clearing_ranges():
        if row.first <= number <= row.last and row.valid_from <= day <= row.valid_to:
            return row
    return None


def _clearing(text: str, on: date | None) -> tuple[str, ClearingRange]:
    digits = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"[0-9]{4,5}", digits):
        raise BankAccountError(
            "clearing", "Skriv clearingnumret med fyra siffror (fem för en del konton i Swedbank)."
        )
    if len(digits) == 5 and (digits[0] != "8" or not luhn.is_valid(digits)):
        if digits[0] == "8":
            raise BankAccountError("clearing", "Clearingnumret stämmer inte. Kontrollera den femte siffran.")
        raise BankAccountError("clearing", "Clearingnumret ska ha fyra siffror.")
    row = find_range(digits[:4], on)
    if row is None:
        raise BankAccountError(
            "clearing", "Vi känner inte till någon bank med det clearingnumret. Kontrollera det."
        )
    return digits[:4], row


def parse_account(clearing: str, account: str, *, on: date | None = None) -> BankAccount:
    """Check a clearing number and an account number as typed (spaces, dots and hyphens allowed).

    A clearing number repeated at the head of the account number is dropped when the rest then fits, and
    Nordea personal accounts may be given as a personal number of twelve digits. ``on`` is the day for
    which the ranges count. Raises BankAccountError with the field and a Swedish sentence.
    """
    number, row = _clearing(clearing, on)
    rule = _RULES[row.check]
    digits = _SEPARATORS.sub("", account)
    if not re.fullmatch(r"[0-9]+", digits):
        raise BankAccountError("account", "Skriv kontonumret med siffror.")
    if len(digits) > rule.longest and digits.startswith(number):
        digits = digits[4:]
    if row.check == "ten_10" and len(digits) == 12 and digits[:2] in ("19", "20"):
        digits = digits[2:]
    if not rule.shortest <= len(digits) <= rule.longest:
        span = str(rule.longest) if rule.shortest == rule.longest else f"{rule.shortest}–{rule.longest}"
        raise BankAccountError(
            "account", f"Ett kontonummer i {row.bank} har {span} siffror. Kontrollera det."
        )
    digits = digits.zfill(rule.width)
    if not digits.strip("0"):
        raise BankAccountError("account", "Kontonumret stämmer inte. Kontrollera siffrorna.")
    fulfilled = rule.check(number, digits)
    if not fulfilled and row.check != "swedbank":
        raise BankAccountError("account", "Kontonumret stämmer inte. Kontrollera siffrorna.")
    return BankAccount(
        number, digits, row.bank, verified=row.mark != "unverified", check_failed=not fulfilled
    )


def parse_bankgiro(text: str) -> str:
    """Check a bankgiro number (7-8 digits, Luhn) and return it as ``123-4567`` or ``1234-5678``."""
    digits = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"[1-9][0-9]{6,7}", digits) or not luhn.is_valid(digits):
        raise BankAccountError("account", "Bankgironumret stämmer inte. Skriv det som på fakturan: 123-4567.")
    return f"{digits[:-4]}-{digits[-4:]}"


def parse_plusgiro(text: str) -> str:
    """Check a plusgiro number (2-8 digits, Luhn) and return it grouped as ``12 34 56-7``."""
    digits = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"[1-9][0-9]{1,7}", digits) or not luhn.is_valid(digits):
        raise BankAccountError(
            "account", "Plusgironumret stämmer inte. Skriv det som på fakturan: 12 34 56-7."
        )
    body, grouped = digits[:-1], ""
    while body:
        grouped = f"{body[-2:]} {grouped}".strip()
        body = body[:-2]
    return f"{grouped}-{digits[-1]}"
