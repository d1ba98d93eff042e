"""The functions that conditions may call. Amounts are whole öre, dates and months are days since 1970-01-01.

A function that is given something unanswered where it needs a value raises; `cel.Program.run` then reports
the condition as undecided, never as true or false.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sambruk.common.calendar import add_months as later_months
from sambruk.common.month import Month

EPOCH = date(1970, 1, 1)


class Kind(StrEnum):
    """What sort of value a name in a condition stands for."""

    INT = "int"
    BOOL = "bool"
    STRING = "string"
    INTS = "ints"
    BOOLS = "bools"
    STRINGS = "strings"
    ROWS = "rows"
    OPAQUE = "opaque"


LISTS = (Kind.INTS, Kind.BOOLS, Kind.STRINGS, Kind.ROWS)


def to_day(value: date) -> int:
    """Return a date as days since 1970-01-01."""
    return (value - EPOCH).days


def from_day(value: int) -> date:
    """Return days since 1970-01-01 as a date. Raises OverflowError outside years 1-9999."""
    return EPOCH + timedelta(days=value)


def _answered(value: Any) -> bool:
    return value is not None and value != []


def _yes(value: Any) -> bool:
    return value is True


def _no(value: Any) -> bool:
    return value is False


def _count(values: Sequence[Any] | None) -> int:
    return len(values or ())


def _sum(values: Sequence[int]) -> int:
    return sum(values)


def _any(values: Sequence[bool]) -> bool:
    if None in values and True not in values:
        raise ValueError("unanswered")
    return True in values


def _value_or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _kr(kronor: int) -> int:
    return kronor * 100


def _day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def _month(text: str) -> int:
    return to_day(Month.parse(text).first)


def _month_start(day: int) -> int:
    return to_day(from_day(day).replace(day=1))


def _month_end(day: int) -> int:
    return to_day(Month.of(from_day(day)).last)


def _add_months(day: int, months: int) -> int:
    return to_day(later_months(from_day(day), months))


def _year_of(day: int) -> int:
    return from_day(day).year


def _age(born: int, on: int) -> int:
    birth, then = from_day(born), from_day(on)
    return then.year - birth.year - ((then.month, then.day) < (birth.month, birth.day))


def _least(one: int, other: int) -> int:
    return min(one, other)


def _greatest(one: int, other: int) -> int:
    return max(one, other)


@dataclass(frozen=True)
class Function:
    """One function: its name, how it may be called, what it gives, and a line for the documentation."""

    name: str
    overloads: tuple[tuple[tuple[Kind, ...], Kind], ...]
    call: Callable[..., Any]
    about: str


def _same(result: Kind, *parameters: Kind) -> tuple[tuple[tuple[Kind, ...], Kind], ...]:
    return ((parameters, result),)


_I, _B, _S = Kind.INT, Kind.BOOL, Kind.STRING
FUNCTIONS: tuple[Function, ...] = (
    Function("answered", tuple(((kind,), _B) for kind in Kind), _answered, "frågan är besvarad"),
    Function("yes", _same(_B, _B), _yes, "svaret är ja (obesvarad är inte ja)"),
    Function("no", _same(_B, _B), _no, "svaret är nej (obesvarad är inte nej)"),
    Function("count", tuple(((kind,), _I) for kind in LISTS), _count, "antal rader, filer eller val"),
    Function("sum", _same(_I, Kind.INTS), _sum, "summan av en kolumn i en grupp"),
    Function("any", _same(_B, Kind.BOOLS), _any, "någon rad har svaret ja"),
    Function(
        "value_or",
        (((_I, _I), _I), ((_B, _B), _B), ((_S, _S), _S)),
        _value_or,
        "svaret, eller detta om obesvarad",
    ),
    Function("kr", _same(_I, _I), _kr, "kronor som öre"),
    Function("day", _same(_I, _S), _day, 'en dag: day("2026-01-31")'),
    Function("month", _same(_I, _S), _month, 'en månad: month("2026-01")'),
    Function("month_start", _same(_I, _I), _month_start, "månadens första dag"),
    Function("month_end", _same(_I, _I), _month_end, "månadens sista dag"),
    Function("add_months", _same(_I, _I, _I), _add_months, "så många månader senare"),
    Function("year_of", _same(_I, _I), _year_of, "året"),
    Function("age", _same(_I, _I, _I), _age, "ålder i hela år på en dag"),
    Function("least", _same(_I, _I, _I), _least, "det minsta av två"),
    Function("greatest", _same(_I, _I, _I), _greatest, "det största av två"),
)
