"""Field types that the calculation's models share: months, and amounts that never pass through a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from sambruk.common.errors import Invalid
from sambruk.common.money import format_kr, parse_kr
from sambruk.common.month import Month

LARGEST_AMOUNT = Decimal("1000000.00")
"""The largest amount of one row that is accepted, kronor a month."""

_SIGNED_LIMIT = Decimal("999999999.99")
_TWO = Decimal("0.01")


class Model(BaseModel):
    """Base of the calculation's models: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _month(value: Any) -> Month:
    if isinstance(value, Month):
        return value
    if isinstance(value, str):
        try:
            return Month.parse(value)
        except Invalid as error:
            raise PydanticCustomError("month", "{text}", {"text": error.message_sv}) from error
    raise PydanticCustomError("month", "Skriv månaden som år och månad, till exempel 2026-11.")


MonthField = Annotated[
    Month,
    PlainValidator(_month),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}),
]
"""A month, read from and written as ``2026-11``."""


def _decimal(value: Any, smallest: Decimal, largest: Decimal) -> Decimal:
    """Return kronor with two decimals; floats are refused because they cannot hold öre exactly."""
    if isinstance(value, str):
        try:
            return parse_kr(value, minimum=smallest, maximum=largest)
        except Invalid as error:
            raise PydanticCustomError("amount", "{text}", {"text": error.message_sv}) from error
    if isinstance(value, bool | float) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("amount", "Skriv beloppet med siffror, till exempel 5400 eller 5400.50.")
    amount = Decimal(value)
    if not amount.is_finite():
        raise PydanticCustomError("amount", "Beloppet är inte ett tal.")
    if not smallest <= amount <= largest:
        text = (
            "Beloppet får inte vara mindre än noll." if amount < smallest == 0 else _span(smallest, largest)
        )
        raise PydanticCustomError("amount", "{text}", {"text": text})
    if amount != (rounded := amount.quantize(_TWO)):
        raise PydanticCustomError("amount", "Beloppet får ha högst två decimaler (hela ören).")
    return rounded


def _span(smallest: Decimal, largest: Decimal) -> str:
    return f"Beloppet ska vara mellan {format_kr(smallest)} och {format_kr(largest)}."


def _kronor(value: Any) -> Decimal:
    return _decimal(value, Decimal("0.00"), LARGEST_AMOUNT)


def _signed(value: Any) -> Decimal:
    return _decimal(value, -_SIGNED_LIMIT, _SIGNED_LIMIT)


Kronor = Annotated[Decimal, BeforeValidator(_kronor), PlainSerializer(str, return_type=str)]
"""An amount from zero to `LARGEST_AMOUNT`, kronor with two decimals; written as text in JSON."""

SignedKronor = Annotated[Decimal, BeforeValidator(_signed), PlainSerializer(str, return_type=str)]
"""A computed amount, positive or negative, kronor with two decimals; written as text in JSON."""


class MonthPeriod(Model):
    """Months from `start` to `end`, both included."""

    start: MonthField
    end: MonthField

    def __contains__(self, month: Month) -> bool:
        return self.start <= month <= self.end
