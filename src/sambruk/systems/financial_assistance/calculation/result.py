"""The output of a calculation: rows that sum to the total, what is uncertain, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import ValidationError, model_validator

from sambruk.common.money import format_kr
from sambruk.systems.financial_assistance.calculation.errors import MissingFigure, ResultFault
from sambruk.systems.financial_assistance.calculation.fields import Model, MonthField, SignedKronor
from sambruk.systems.financial_assistance.calculation.household import Household, Settings
from sambruk.systems.financial_assistance.calculation.marks import Mark

ENGINE_VERSION = "1.0.0"
"""Version of the rules in code; raised whenever the same input could give another result."""

ZERO = Decimal("0.00")


class RowKind(StrEnum):
    """What a row is."""

    NORM_ADULT = "norm_adult"
    NORM_CHILD = "norm_child"
    NORM_COMMON = "norm_common"
    COST = "cost"
    INCOME = "income"
    JOB_STIMULUS = "job_stimulus"
    CHILD_WORK_INCOME = "child_work_income"
    REDUCTION = "reduction"
    ROUNDING = "rounding"


class Row(Model):
    """One line: `amount` in kronor with its sign (norm and costs plus, incomes and reductions minus).

    `explanation` is a sentence in plain Swedish; `source` says where the figure was read and `mark` how sure
    it is; `citation` is the paragraph and `citation_mark` how sure that is. `person` is a person's id.
    """

    id: str
    kind: RowKind
    label: str
    person: str | None = None
    amount: SignedKronor
    explanation: str
    source: str
    mark: Mark
    citation: str = ""
    citation_mark: Mark = Mark.UNVERIFIED
    note: str = ""


class Remark(Model):
    """Something that a person should look at; it does not stop the calculation."""

    code: str
    text: str
    person: str | None = None
    row: str | None = None


class Gap(Model):
    """A figure or an assessment that is missing: `figure` names it; the calculation is not complete."""

    figure: str
    text: str
    person: str | None = None
    row: str | None = None


class Totals(Model):
    """Sums of the rows, kronor. Incomes and reductions are written as positive amounts that are taken off."""

    norm_personal: SignedKronor
    norm_common: SignedKronor
    norm: SignedKronor
    costs: SignedKronor
    incomes: SignedKronor
    reductions: SignedKronor
    rounding: SignedKronor
    total: SignedKronor


_PERSONAL = {RowKind.NORM_ADULT, RowKind.NORM_CHILD}
_INCOMES = {RowKind.INCOME, RowKind.JOB_STIMULUS, RowKind.CHILD_WORK_INCOME}


def totals_of(rows: Iterable[Row]) -> Totals:
    """Return the sums of the rows."""
    kept = tuple(rows)

    def add(kinds: set[RowKind]) -> Decimal:
        return sum((row.amount for row in kept if row.kind in kinds), ZERO)

    personal, common = add(_PERSONAL), add({RowKind.NORM_COMMON})
    return Totals(
        norm_personal=personal,
        norm_common=common,
        norm=personal + common,
        costs=add({RowKind.COST}),
        incomes=-add(_INCOMES),
        reductions=-add({RowKind.REDUCTION}),
        rounding=add({RowKind.ROUNDING}),
        total=sum((row.amount for row in kept), ZERO),
    )


class Result(Model):
    """A calculation, with its input, so that it can be stored as it is and computed again.

    `outcome`: `deficit` (underskott: `amount` is what the household is entitled to), `surplus` (överskott:
    refusal, income over the norm) or `incomplete` (`gaps` are open: no amount). Rows sum to `totals.total`.
    """

    engine_version: str
    rules_version: str
    month: MonthField
    norm_table: str
    norm_label: str
    norm_mark: Mark
    household: Household
    settings: Settings
    rows: tuple[Row, ...]
    totals: Totals
    outcome: Literal["deficit", "surplus", "incomplete"]
    amount: SignedKronor | None
    outcome_text: str
    warnings: tuple[Remark, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Result:
        if totals_of(self.rows) != self.totals:
            raise ValueError("the rows do not give the totals")
        if (self.outcome == "incomplete") != bool(self.gaps) or (self.amount is None) != bool(self.gaps):
            raise ValueError("gaps, outcome and amount contradict one another")
        if self.outcome == "deficit" and self.amount != self.totals.total:
            raise ValueError("the amount is not the total")
        if self.outcome == "surplus" and (self.amount != 0 or self.totals.total > 0):
            raise ValueError("a surplus pays nothing")
        return self

    def require_complete(self) -> Result:
        """Return itself. Raises MissingFigure naming the first gap if any is open."""
        if self.gaps:
            raise MissingFigure(self.gaps[0].figure, self.gaps[0].text)
        return self

    def to_json(self) -> str:
        """Return the result as JSON text (amounts as text, keys sorted), the same for the same result."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Read what `to_json` wrote. Raises ResultFault if it is damaged or its rows do not give its sums."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ResultFault(
                "Den sparade beräkningen är skadad: rader, summor och utfall går inte ihop."
            ) from error


def outcome_text(outcome: str, total: Decimal, gaps: int) -> str:
    """Return the outcome as a Swedish sentence; `total` is the sum of the rows in kronor."""
    if outcome == "incomplete":
        noun = "uppgift" if gaps == 1 else "uppgifter"
        return f"Beräkningen är inte klar: {gaps} {noun} saknas."
    if outcome == "deficit":
        return f"Underskott: hushållet har rätt till {format_kr(total)}."
    return f"Överskott {format_kr(abs(total))}: avslag, inkomst över norm."
