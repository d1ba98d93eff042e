"""The calculation itself: norm + approved costs − incomes − reductions, row by row."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from sambruk.common.money import format_kr, round_kronor
from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.common_costs import common_rows
from sambruk.systems.financial_assistance.calculation.data_files import data_version
from sambruk.systems.financial_assistance.calculation.errors import CalculationError, MissingFigure
from sambruk.systems.financial_assistance.calculation.findings import Work
from sambruk.systems.financial_assistance.calculation.household import Household, Settings
from sambruk.systems.financial_assistance.calculation.job_stimulus import check_period
from sambruk.systems.financial_assistance.calculation.law import reform_notices
from sambruk.systems.financial_assistance.calculation.lines import cost_rows, income_rows, reduction_rows
from sambruk.systems.financial_assistance.calculation.marks import Mark
from sambruk.systems.financial_assistance.calculation.norms import table_for
from sambruk.systems.financial_assistance.calculation.personal import personal_rows, why_not_counted
from sambruk.systems.financial_assistance.calculation.result import (
    ENGINE_VERSION,
    ZERO,
    Result,
    Row,
    RowKind,
    outcome_text,
    totals_of,
)

_ROUNDING_TEXT = {
    "half_up": "Beloppet avrundas till hela kronor, 50 öre uppåt",
    "up": "Beloppet avrundas uppåt till hela kronor",
    "down": "Beloppet avrundas nedåt till hela kronor",
}


def round_result(amount: Decimal, rounding: str) -> Decimal:
    """Return a positive result (kronor) rounded as the setting says: half_up, up, down or none."""
    if rounding == "up":
        return amount.quantize(Decimal(1), rounding=ROUND_CEILING).quantize(ZERO)
    if rounding == "down":
        return amount.quantize(Decimal(1), rounding=ROUND_FLOOR).quantize(ZERO)
    return round_kronor(amount) if rounding == "half_up" else amount


def _rounding_rows(work: Work, total: Decimal) -> list[Row]:
    rounding = work.settings.rounding
    rounded = round_result(total, rounding)
    if total <= 0 or rounded == total:
        return []
    if not rounded:
        work.warn("rounds_to_zero", f"Underskottet {format_kr(total)} avrundas till 0 kr.")
    return [
        Row(
            id="rounding",
            kind=RowKind.ROUNDING,
            label="Avrundning",
            amount=rounded - total,
            explanation=f"{_ROUNDING_TEXT[rounding]}: {format_kr(total)} blir {format_kr(rounded)}.",
            source="Kommunens inställning",
            mark=Mark.UNVERIFIED,
        )
    ]


def _check(work: Work) -> None:
    if all(why_not_counted(person, work) for person in work.household.persons):
        raise CalculationError("Ingen i hushållet räknas. Minst en person behöver ingå i beräkningen.")
    for person in work.household.persons:
        if person.job_stimulus is not None:
            try:
                check_period(person.job_stimulus)
            except MissingFigure as error:
                raise CalculationError(f"{person.label}: {error.message_sv}") from error


def _unique(rows: list[Row]) -> None:
    ids = [row.id for row in rows]
    if twice := sorted({row_id for row_id in ids if ids.count(row_id) > 1}):
        raise CalculationError(f"Två rader får samma id: {', '.join(twice)}. Ge raden ett annat id.")


def calculate(household: Household, month: Month, settings: Settings | None = None) -> Result:
    """Return the calculation of a household for the month applied for.

    Deterministic and pure. The norm table is chosen by `month`. What is not known becomes a gap in the
    result (outcome `incomplete`, no amount), never a guess. Raises NoNormTable if no table holds for the
    month, CalculationError for a household that cannot be computed (nobody counted, an impossible
    period, row ids that collide).
    """
    work = Work(household, month, settings or Settings(), table_for(month))
    _check(work)
    rows = [
        *personal_rows(work),
        *common_rows(work),
        *cost_rows(work),
        *income_rows(work),
        *reduction_rows(work),
    ]
    for notice in reform_notices(month):
        work.warn(notice.id, f"{notice.text} (Uppgift från {notice.mark.label}.)")
    before = totals_of(rows).total
    outcome: Literal["deficit", "surplus", "incomplete"] = "deficit" if before > 0 else "surplus"
    if work.gaps:
        outcome = "incomplete"
    else:
        rows += _rounding_rows(work, before)
    _unique(rows)
    totals = totals_of(rows)
    amount = {"deficit": totals.total, "surplus": ZERO, "incomplete": None}[outcome]
    return Result(
        engine_version=ENGINE_VERSION,
        rules_version=f"{ENGINE_VERSION}+{data_version()}",
        month=month,
        norm_table=work.table.id,
        norm_label=work.table.label,
        norm_mark=work.table.mark,
        household=household,
        settings=work.settings,
        rows=tuple(rows),
        totals=totals,
        outcome=outcome,
        amount=amount,
        outcome_text=outcome_text(outcome, totals.total, len(work.gaps)),
        warnings=tuple(work.warnings),
        gaps=tuple(work.gaps),
    )
