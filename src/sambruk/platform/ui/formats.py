"""How values are written on a page: amounts, dates, times, months, sizes. Bad input is shown, not hidden."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from sambruk.common.calendar import Month, format_date, local_date, to_stockholm, today
from sambruk.common.errors import Invalid
from sambruk.common.money import NBSP, format_kr
from sambruk.common.month import MONTH_NAMES


def kr(value: Any, decimals: str = "auto") -> str:
    """Write an amount in kronor: ``5 400 kr``. ``decimals``: auto, always, never. Nothing for None."""
    if value is None or value == "":
        return ""
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
        return format_kr(amount, decimals if decimals in ("always", "never") else "auto")  # type: ignore[arg-type]
    except (InvalidOperation, Invalid):
        return str(value)


def as_date(value: Any) -> date | None:
    """Return the Swedish date of a date, an aware datetime or an ISO text, else None."""
    if isinstance(value, datetime):
        return local_date(value) if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and value:
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None


def datum(value: Any, form: str = "") -> str:
    """Write a date: ``5 december 2026``; ``veckodag`` puts the weekday first, ``kort`` writes 5 dec.

    ``iso`` writes 2026-12-05, ``utan_ar`` leaves the year out. Nothing for None.
    """
    day = as_date(value)
    if day is None:
        return "" if value in (None, "") else str(value)
    if form == "iso":
        return day.isoformat()
    if form == "kort":
        short = f"{day.day}{NBSP}{MONTH_NAMES[day.month - 1][:3]}"
        return short if day.year == today().year else f"{short}{NBSP}{day.year}"
    return format_date(day, weekday=form == "veckodag", year=form != "utan_ar")


def tid(value: Any) -> str:
    """Write the Swedish time of day of an aware datetime: ``14.32``. Nothing for None."""
    if not isinstance(value, datetime):
        return "" if value in (None, "") else str(value)
    local = to_stockholm(value) if value.tzinfo else value
    return f"{local.hour:02d}.{local.minute:02d}"


def datum_tid(value: Any) -> str:
    """Write date and time: ``5 december 2026 kl. 14.32``."""
    if not isinstance(value, datetime):
        return datum(value)
    return str(_("%(date)s kl. %(time)s") % {"date": datum(value), "time": tid(value)})


def month(value: Any) -> str:
    """Write a month: ``december 2026`` for a Month, a date, or the text 2026-12."""
    if isinstance(value, str):
        try:
            return Month.parse(value).label
        except (ValueError, Invalid):
            return value
    if isinstance(value, date):
        value = Month.of(value)
    return str(value.label) if isinstance(value, Month) else ""


def due(value: Any) -> str:
    """Write a last day without counting down: ``senast fredag 5 december`` (with the year if not this)."""
    day = as_date(value)
    if day is None:
        return ""
    text = format_date(day, weekday=True, year=day.year != today().year)
    return _("senast %(day)s") % {"day": text}


def size(value: Any) -> str:
    """Write a number of bytes: ``640 kB``, ``2,4 MB``. Nothing for what is no number."""
    try:
        count = int(value)
    except (TypeError, ValueError):
        return ""
    if count < 1000:
        return f"{count}{NBSP}byte"
    if count < 1_000_000:
        return f"{round(count / 1000)}{NBSP}kB"
    return f"{count / 1_000_000:.1f}".replace(".", ",") + f"{NBSP}MB"


def masked(value: Any) -> str:
    """Write a personal number masked: ``19900602-****``, whatever form it is given in."""
    if isinstance(text := getattr(value, "masked", None), str):
        return text
    digits = "".join(character for character in str(value or "") if character.isdigit())
    return f"{digits[:-4]}-****" if len(digits) in (10, 12) else "****"


def number(value: Any) -> str:
    """Write a whole number or decimal with no-break spaces between thousands and a decimal comma."""
    try:
        text = f"{Decimal(str(value)):,}"
    except InvalidOperation:
        return str(value or "")
    return text.replace(",", NBSP).replace(".", ",")
