"""Builds households for the tests of the calculation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.engine import calculate
from sambruk.systems.financial_assistance.calculation.household import Household, Settings
from sambruk.systems.financial_assistance.calculation.result import Result

ADULT = {"id": "a", "role": "adult"}
PARTNER = {"id": "b", "role": "adult"}


def child(person_id: str, age: int, **more: Any) -> dict[str, Any]:
    """A child of the household; from 18 in upper secondary school."""
    return {"id": person_id, "role": "child", "age": age, "upper_secondary": age >= 18, **more}


def household(*persons: dict[str, Any], **more: Any) -> Household:
    """A household of the persons, or of one adult."""
    return Household.model_validate({"persons": list(persons) or [ADULT], **more})


def compute(
    month: str, *persons: dict[str, Any], settings: dict[str, Any] | None = None, **more: Any
) -> Result:
    """Calculate a household for a month."""
    return calculate(household(*persons, **more), Month.parse(month), Settings.model_validate(settings or {}))


def amounts(result: Result) -> dict[str, Decimal]:
    """Every row's amount by its id."""
    return {row.id: row.amount for row in result.rows}


def codes(result: Result) -> set[str]:
    """The codes of the warnings."""
    return {warning.code for warning in result.warnings}
