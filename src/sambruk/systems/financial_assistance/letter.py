"""The calculation as the letter of a decision shows it: every row with its ground and source."""

from __future__ import annotations

from decimal import Decimal

from sambruk.common.money import format_kr
from sambruk.platform.cases.letters import letter_variables
from sambruk.platform.cases.models import Case, Decision
from sambruk.platform.documents.letters import Table, Value
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.calculation.household import Cost, Household
from sambruk.systems.financial_assistance.calculation.lines import CASE_SOURCE, refused
from sambruk.systems.financial_assistance.calculation.marks import Mark
from sambruk.systems.financial_assistance.calculation.result import Result, Row, RowKind
from sambruk.systems.financial_assistance.calculation_rows import is_refused, label_of, struck_words
from sambruk.systems.financial_assistance.service import SERVICE

COLUMNS = ("Post", "Ansökt", "Räknat")
_COSTS = {RowKind.COST}
_INCOMES = {RowKind.INCOME, RowKind.JOB_STIMULUS, RowKind.CHILD_WORK_INCOME}
_NORM = {RowKind.NORM_ADULT, RowKind.NORM_CHILD, RowKind.NORM_COMMON}


@letter_variables(SERVICE)
def variables(case: Case, decision: Decision) -> dict[str, Value]:
    """Return the calculation's table; an empty text for a decision that rests on no calculation."""
    found = queries.decided_version(decision)
    if found is None:
        return {"calculation": ""}
    return {"calculation": table(queries.result_of(found))}


def table(result: Result) -> Table:
    """Return the rows of a calculation for a letter, with sums and the result."""
    applied = applied_of(result.household)
    totals = result.totals
    lines: list[tuple[str, str, str]] = []
    for kinds, title, total in (
        (_NORM, "Summa riksnorm", totals.norm),
        (_COSTS, "Summa godkända kostnader", totals.costs),
        (_INCOMES, "Summa inkomster som räknas", -totals.incomes),
        ({RowKind.REDUCTION}, "Summa avdrag", -totals.reductions),
    ):
        rows = [_line(row, applied) for row in result.rows if row.kind in kinds]
        if kinds is _COSTS:
            rows += [_refused(cost) for cost in result.household.costs if is_refused(cost)]
        lines += rows
        if rows:
            lines.append((title, "", format_kr(total)))
    lines += [_line(row, applied) for row in result.rows if row.kind is RowKind.ROUNDING]
    label = "Underskott, det du får" if result.outcome == "deficit" else "Överskott"
    return Table(
        columns=COLUMNS,
        rows=lines,
        total=(label, "", format_kr(abs(totals.total))),
        caption=f"Beräkning för {result.month.label}, {result.norm_label}",
    )


def applied_of(household: Household) -> dict[str, Decimal]:
    """Return what was applied for or stated, by row id."""
    lines = (*household.costs, *household.incomes)
    return {str(line.id): line.applied for line in lines if line.applied is not None}


def _line(row: Row, applied: dict[str, Decimal]) -> tuple[str, str, str]:
    asked = applied.get(row.id)
    return (words(row), format_kr(asked) if asked is not None else "", format_kr(row.amount))


def _refused(cost: Cost) -> tuple[str, str, str]:
    """Return the line of a cost that was applied for and struck: it has no row in the calculation."""
    text = f"{label_of(cost)}. {struck_words(cost)} Källa: {CASE_SOURCE[cost.origin]}."
    return (text, format_kr(refused(cost)), format_kr(Decimal(0)))


def words(row: Row) -> str:
    """Return a row in words: what it is, how it was reached, and where the figure was read."""
    sure = "" if row.mark in (Mark.CASE, Mark.OFFICIAL) else f", {row.mark.label}"
    # An explanation that begins with the row's own name says it once.
    what = row.explanation if row.explanation.startswith(row.label) else f"{row.label}. {row.explanation}"
    return f"{what} Källa: {row.source}{sure}."
