"""Money: Decimal kronor with at most two decimals, as people write it in Swedish. Never float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from sambruk.common.errors import Invalid

NBSP = "\u00a0"
MINUS = "\u2212"
ORE = Decimal("0.01")
ZERO = Decimal("0.00")
LARGEST = Decimal("999999999.99")

_SPACES = re.compile("[ \t\u00a0\u2007\u2009\u202f]+")
_SUFFIX = re.compile(r"\s*(?:kr\.?|kronor|sek|:-)$", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?P<sign>[-\u2212\u2013]?) ?(?P<whole>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[,.:](?P<part>[0-9]{1,2}))?"
)
_THOUSANDS_DOT = re.compile(r"[-\u2212\u2013]?[0-9]{1,3}(?:[.,][0-9]{3})+(?:,[0-9]{1,2})?")


class MoneyError(Invalid):
    """An amount that cannot be read or is out of bounds; the sentence says what to write instead."""

    code = "money"


def parse_kr(text: str, *, minimum: Decimal = ZERO, maximum: Decimal = LARGEST) -> Decimal:
    """Read an amount that a person wrote, and return kronor with exactly two decimals.

    Accepts ``5400``, ``5 400`` (any kind of space), ``5400,50``, ``5400.5``, ``5 400 kr``, ``5 400:-``
    and a leading minus. A dot or comma that could divide thousands (``5.400``) is refused rather than
    guessed. Raises MoneyError when it is no amount or lies outside ``minimum``..``maximum``
    (both inclusive, kronor).
    """
    shown = _SPACES.sub(" ", text).strip()
    bare = _SUFFIX.sub("", shown).strip()
    if not bare:
        raise MoneyError("Skriv ett belopp i kronor, till exempel 5 400.")
    match = _AMOUNT.fullmatch(bare)
    if match is None:
        if _THOUSANDS_DOT.fullmatch(bare):
            raise MoneyError("Skriv beloppet utan punkt mellan tusental, till exempel 5 400 eller 5400,50.")
        raise MoneyError("Skriv beloppet med siffror, till exempel 5 400 eller 5400,50.")
    digits = match["whole"].replace(" ", "")
    if len(digits.lstrip("0")) > 15:
        raise MoneyError(f"Beloppet är för stort. Det får vara högst {format_kr(maximum)}.")
    value = Decimal(f"{digits}.{(match['part'] or '').ljust(2, '0')}")
    if match["sign"] and value:
        value = -value
    if value < minimum:
        if minimum == 0:
            raise MoneyError("Beloppet får inte vara mindre än noll.")
        raise MoneyError(f"Beloppet är för litet. Det måste vara minst {format_kr(minimum)}.")
    if value > maximum:
        raise MoneyError(f"Beloppet är för stort. Det får vara högst {format_kr(maximum)}.")
    return value


def _finite(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise MoneyError("Beloppet är inte ett tal.")
    return amount


def _quantized(amount: Decimal, step: Decimal) -> Decimal:
    try:
        return _finite(amount).quantize(step, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise MoneyError("Beloppet är för stort.") from error


def format_kr(amount: Decimal, decimals: Literal["auto", "always", "never"] = "auto") -> str:
    """Write kronor as Swedish text: ``5 400 kr`` (no-break spaces), ``249,75 kr``, ``−300 kr``.

    ``auto`` shows öre only where there are any, ``always`` shows two decimals, ``never`` rounds to whole
    kronor (half up). Raises MoneyError for NaN and infinity.
    """
    rounded = _quantized(amount, ORE)
    if decimals == "never":
        rounded = _quantized(amount, Decimal(1))
    whole, _, part = f"{abs(rounded):.2f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", NBSP)
    show_part = decimals == "always" or (decimals == "auto" and part != "00")
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{grouped}{',' + part if show_part else ''}{NBSP}kr"


def ore(amount: Decimal) -> int:
    """Return kronor as whole öre. Raises MoneyError if there is a fraction of an öre, NaN or infinity."""
    exact = _finite(amount) * 100
    if exact != exact.to_integral_value():
        raise MoneyError("Beloppet har delar av ett öre.")
    return int(exact)


def from_ore(amount: int) -> Decimal:
    """Return whole öre as kronor with two decimals."""
    return Decimal(amount).scaleb(-2) if abs(amount) < 10**26 else _too_large()


def _too_large() -> Decimal:
    raise MoneyError("Beloppet är för stort.")


def round_ore(amount: Decimal) -> Decimal:
    """Round kronor to whole öre, half away from zero."""
    return _quantized(amount, ORE)


def round_kronor(amount: Decimal) -> Decimal:
    """Round to whole kronor; 50 öre goes up (away from zero), lag (1970:1029) 1 §. Two decimals, ``.00``."""
    return _quantized(_quantized(amount, Decimal(1)), ORE)
