"""From answers in wire format (`answers/wire.py`) to values in conditions, and back for computed ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sambruk.common.errors import SambrukError
from sambruk.common.money import from_ore, ore
from sambruk.common.month import Month
from sambruk.platform.definitions.conditions.functions import from_day, to_day
from sambruk.platform.definitions.language import AnswerField, Parameter


class Malformed(ValueError):  # noqa: N818 - reads as what it is
    """An answer that is not in its wire format."""


def _amount(value: Any) -> int:
    return ore(Decimal(value)) if isinstance(value, str) else _refuse(value)


def _refuse(value: Any) -> Any:
    raise Malformed(f"not an answer: {type(value).__name__}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse(value)


def _int(value: Any) -> int:
    return value if type(value) is int else _refuse(value)


def _bool(value: Any) -> bool:
    return value if type(value) is bool else _refuse(value)


def _list(value: Any) -> list[Any] | None:
    return list(value) or None if isinstance(value, list | tuple) else _refuse(value)


def _mapping(value: Any) -> dict[str, str]:
    # Its parts are names of their own; what the engine sees is only that it is answered.
    return {"answered": "yes"} if isinstance(value, Mapping) and value else _refuse(value)


_TO_VALUE = {
    "text": _text,
    "long_text": _text,
    "number": _int,
    "amount": _amount,
    "date": lambda value: to_day(date.fromisoformat(_text(value))),
    "month": lambda value: to_day(Month.parse(_text(value)).first),
    "yes_no": _bool,
    "choice": _text,
    "choices": _list,
    "person": _mapping,
    "address": _mapping,
    "email": _text,
    "phone": _text,
    "bank_account": _mapping,
    "file": _list,
    "place": _mapping,
}
_TO_WIRE = {
    "amount": lambda value: f"{from_ore(value):.2f}",
    "date": lambda value: from_day(value).isoformat(),
    "month": lambda value: str(Month.of(from_day(value))),
}


def to_value(answer: AnswerField | Parameter, wire: Any) -> Any:
    """Return an answer as conditions see it; None where it is unanswered. Raises Malformed."""
    if wire is None or wire == "":
        return None
    try:
        return _TO_VALUE[answer.type](wire)
    except Malformed:
        raise
    except (ValueError, ArithmeticError, SambrukError) as error:
        raise Malformed(f"not a {answer.type}") from error


def to_wire(answer: AnswerField, value: Any) -> Any:
    """Return a computed value in the wire format of its field."""
    convert = _TO_WIRE.get(answer.type)
    return convert(value) if convert else value


def part_values(answer: AnswerField, wire: Any, today: int | None) -> dict[str, Any]:
    """Return the values of the parts that conditions may name; None for what is not known."""
    given = wire if isinstance(wire, Mapping) else {}
    if answer.type == "person":
        return _person_parts(str(given.get("personal_number") or ""), today)
    if answer.type == "address":
        return {part: given.get(part) or None for part in ("postal_code", "city")}
    if answer.type == "place":
        return {
            "has_position": bool(given.get("lat")) if given else None,
            "has_address": bool(given.get("address")) if given else None,
        }
    return {}


def _person_parts(digits: str, today: int | None) -> dict[str, Any]:
    unknown: dict[str, Any] = {"birth_day": None, "age": None}
    if len(digits) != 12 or not digits.isdigit():
        return unknown
    day = int(digits[6:8])
    try:
        # A samordningsnummer has 60 added to the day of birth.
        born = date(int(digits[:4]), int(digits[4:6]), day - 60 if day > 60 else day)
    except ValueError:
        return unknown
    age = None
    if today is not None:
        now = from_day(today)
        age = now.year - born.year - ((now.month, now.day) < (born.month, born.day))
    return {"birth_day": to_day(born), "age": age}
