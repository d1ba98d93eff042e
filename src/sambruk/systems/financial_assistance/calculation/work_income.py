"""What is disregarded of income from work: jobbstimulans for adults, the yearly limit for children."""

from __future__ import annotations

from decimal import Decimal

from sambruk.common.money import format_kr
from sambruk.systems.financial_assistance.calculation.findings import Work, share
from sambruk.systems.financial_assistance.calculation.household import Person
from sambruk.systems.financial_assistance.calculation.law import (
    child_work_rule,
    job_stimulus_rule,
    price_base_amount,
)
from sambruk.systems.financial_assistance.calculation.marks import weakest
from sambruk.systems.financial_assistance.calculation.result import ZERO, Row, RowKind


def job_stimulus_row(work: Work, person: Person, earned: Decimal) -> Row | None:
    """Return what is disregarded of an adult's net work income (kronor) this month, or None without a period.

    A quarter of the income, not rounded to kronor: 333 kr earned count as 249.75. Raises MissingFigure in
    months before the rule.
    """
    if person.job_stimulus is None or work.month not in person.job_stimulus:
        return None
    rule = job_stimulus_rule(work.month)
    amount = share(earned, rule.disregarded_percent, 100)
    period = person.job_stimulus
    return Row(
        id=f"job_stimulus.{person.id}",
        kind=RowKind.JOB_STIMULUS,
        label=f"Jobbstimulans: {person.label}",
        person=person.id,
        amount=amount,
        explanation=(
            f"{rule.disregarded_percent} procent av {format_kr(earned)} i inkomst av arbete räknas inte: "
            f"{format_kr(amount)}. Perioden är {period.start.label} till {period.end.label}."
        ),
        source=rule.source,
        mark=rule.mark,
        **work.cite("job_stimulus"),
    )


def child_work_row(work: Work, person: Person, earned: Decimal) -> Row | None:
    """Return what is disregarded of a child's net work income: up to the yearly limit less what came before.

    Raises MissingFigure where the rule or the year's prisbasbelopp is not known.
    """
    if person.job_stimulus is not None:
        work.warn("child_job_stimulus", "Jobbstimulans prövas inte för barn i hushållet.", person=person.id)
    rule, base = child_work_rule(work.month), price_base_amount(work.month.year)
    limit = base.amount * rule.price_base_amounts
    left = max(limit - person.work_income_this_year, ZERO)
    amount = min(earned, left)
    if not earned:
        return None
    return Row(
        id=f"child_work_income.{person.id}",
        kind=RowKind.CHILD_WORK_INCOME,
        label=f"Arbetsinkomst, barn: {person.label}",
        person=person.id,
        amount=amount,
        explanation=(
            f"Barns inkomst av arbete räknas inte upp till {format_kr(limit)} per kalenderår "
            f"(prisbasbeloppet {work.month.year}). Tidigare i år {format_kr(person.work_income_this_year)}, "
            f"så {format_kr(amount)} av {format_kr(earned)} räknas inte."
        ),
        source=f"{rule.source}; prisbasbelopp: {base.source}",
        mark=weakest(rule.mark, base.mark),
        **work.cite("child_work_income"),
    )
