"""Citations, rates, price base amounts and reform notices by month; kinds of costs and incomes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeVar

from pydantic import Field

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.data_files import read_data
from sambruk.systems.financial_assistance.calculation.errors import CalculationError, MissingFigure
from sambruk.systems.financial_assistance.calculation.fields import Kronor, Model, MonthField
from sambruk.systems.financial_assistance.calculation.marks import Mark

_Kind = TypeVar("_Kind")
Subject = Literal["norm", "costs", "special_costs", "incomes", "job_stimulus", "child_work_income"]


class _Dated(Model):
    start: MonthField = Field(alias="from")
    end: MonthField | None = Field(None, alias="to")

    def holds(self, month: Month) -> bool:
        return self.start <= month and (self.end is None or month <= self.end)


class Citation(_Dated):
    """A paragraph that a rule stands on, from and to which month, and how sure the paragraph is."""

    subject: Subject
    act: str
    section: str
    mark: Mark
    source: str

    def __str__(self) -> str:
        return f"{self.section} {self.act}"


class JobStimulusRule(_Dated):
    """Share of net employment income that is disregarded, in percent, and the months of the rule."""

    disregarded_percent: int
    months_to_qualify: int
    months_of_stimulus: int
    mark: Mark
    source: str


class ChildWorkRule(_Dated):
    """How many price base amounts of a child's work income a calendar year are disregarded."""

    price_base_amounts: int
    mark: Mark
    source: str


class PriceBaseAmount(Model):
    """Prisbasbelopp of a year, kronor."""

    year: int
    amount: Kronor
    mark: Mark
    source: str


class ReformNotice(_Dated):
    """Something in the law that the calculation does not decide but the caseworker must know."""

    id: str
    mark: Mark
    text: str
    source: str


class CostKind(Model):
    """A kind of cost: `expense` is försörjningsstöd, `special` livsföring i övrigt."""

    label: str
    bucket: Literal["expense", "special"]


class IncomeKind(Model):
    """A kind of income: whether it is from work, and whether it counts (else why not)."""

    label: str
    employment: bool = False
    counted: bool = True
    reason: str = ""


@cache
def _citations() -> tuple[Citation, ...]:
    return tuple(Citation.model_validate(row) for row in read_data("law.yaml")["citations"])


def citation(subject: Subject, month: Month) -> Citation | None:
    """Return the paragraph for a subject in a month, or None where none is known."""
    return next((row for row in _citations() if row.subject == subject and row.holds(month)), None)


@cache
def _job_stimulus_rules() -> tuple[JobStimulusRule, ...]:
    return tuple(JobStimulusRule.model_validate(row) for row in read_data("rules.yaml")["job_stimulus"])


def job_stimulus_rule(month: Month) -> JobStimulusRule:
    """Return the rule of jobbstimulans for a month. Raises MissingFigure before it existed."""
    for rule in _job_stimulus_rules():
        if rule.holds(month):
            return rule
    raise MissingFigure(
        "job_stimulus", f"Regeln om jobbstimulans finns inte för {month.label}. Räkna utan jobbstimulans."
    )


@cache
def _child_work_rules() -> tuple[ChildWorkRule, ...]:
    return tuple(ChildWorkRule.model_validate(row) for row in read_data("rules.yaml")["child_work_income"])


def child_work_rule(month: Month) -> ChildWorkRule:
    """Return the rule on children's work income for a month. Raises MissingFigure where it is not known."""
    for rule in _child_work_rules():
        if rule.holds(month):
            return rule
    raise MissingFigure(
        "child_work_income",
        f"Regeln om barns arbetsinkomst är inte inläst för {month.label}. Bedöm inkomsten för hand.",
    )


@cache
def price_base_amounts() -> Mapping[int, PriceBaseAmount]:
    """Return the prisbasbelopp of each year that is known."""
    rows = (PriceBaseAmount.model_validate(row) for row in read_data("rules.yaml")["price_base_amounts"])
    return {row.year: row for row in rows}


def price_base_amount(year: int) -> PriceBaseAmount:
    """Return the prisbasbelopp of a year. Raises MissingFigure where it is not known."""
    try:
        return price_base_amounts()[year]
    except KeyError:
        raise MissingFigure(
            f"price_base_amount:{year}", f"Prisbasbeloppet för {year} är inte inläst."
        ) from None


@cache
def _notices() -> tuple[ReformNotice, ...]:
    return tuple(ReformNotice.model_validate(row) for row in read_data("rules.yaml")["reform"])


def reform_notices(month: Month) -> tuple[ReformNotice, ...]:
    """Return what in the reform of 2026 concerns a month."""
    return tuple(notice for notice in _notices() if notice.holds(month))


@cache
def cost_kinds() -> Mapping[str, CostKind]:
    """Return the kinds of costs by id."""
    return {key: CostKind.model_validate(row) for key, row in read_data("types.yaml")["costs"].items()}


@cache
def income_kinds() -> Mapping[str, IncomeKind]:
    """Return the kinds of incomes by id."""
    return {key: IncomeKind.model_validate(row) for key, row in read_data("types.yaml")["incomes"].items()}


def cost_kind(key: str) -> CostKind:
    """Return a kind of cost. Raises CalculationError with the kinds that exist."""
    return _kind(cost_kinds(), key, "kostnadstyp")


def income_kind(key: str) -> IncomeKind:
    """Return a kind of income. Raises CalculationError with the kinds that exist."""
    return _kind(income_kinds(), key, "inkomsttyp")


def _kind(kinds: Mapping[str, _Kind], key: str, noun: str) -> _Kind:
    try:
        return kinds[key]
    except KeyError:
        raise CalculationError(
            f"Det finns ingen {noun} som heter {key!r}. Välj en av: {', '.join(sorted(kinds))}."
        ) from None
