"""Rows of costs, incomes and reductions, with what is disregarded of income from work."""

from __future__ import annotations

from decimal import Decimal

from sambruk.common.money import format_kr
from sambruk.systems.financial_assistance.calculation.errors import MissingFigure
from sambruk.systems.financial_assistance.calculation.findings import Work
from sambruk.systems.financial_assistance.calculation.household import Cost, Income, Person, Reduction
from sambruk.systems.financial_assistance.calculation.law import cost_kinds, income_kinds
from sambruk.systems.financial_assistance.calculation.marks import Mark
from sambruk.systems.financial_assistance.calculation.personal import why_not_counted
from sambruk.systems.financial_assistance.calculation.result import ZERO, Row, RowKind
from sambruk.systems.financial_assistance.calculation.work_income import child_work_row, job_stimulus_row

CASE_SOURCE = {"applicant": "Ansökan", "system": "Uppgift från myndighet", "caseworker": "Handläggaren"}
_REDUCTIONS = {
    "assets": "Tillgångar",
    "excess_last_month": "Överskott från förra månaden",
    "other": "Annat avdrag",
}


def _not_assessed(work: Work, row: str, label: str, person: str | None) -> None:
    work.miss(
        MissingFigure(f"assessment:{row}", f"{label} är inte bedömd. Ange vad som godkänns, 0 om inget."),
        person=person,
        row=row,
    )


def _require_reason(work: Work, line: Cost | Income, row: str, label: str, stated: Decimal | None) -> None:
    """Warn of a struck row without a reason; what the caseworker added may be taken away again freely."""
    if line.origin == "caseworker" or line.reason.strip() or not stated:
        return
    work.warn("refusal_without_reason", f"{label}: ange varför {format_kr(stated)} stryks.", row=row)


def refused(cost: Cost) -> Decimal:
    """Return what was applied for and is not granted of a cost, kronor; 0 where all of it is granted."""
    granted = ZERO if cost.struck or cost.effective is None else cost.effective
    return max((cost.applied or ZERO) - granted, ZERO)


def cost_rows(work: Work) -> list[Row]:
    """Return a row for each cost that is not struck; one that nobody has assessed becomes a gap."""
    rows = []
    for place, cost in enumerate(work.household.costs, 1):
        row_id = cost.id or f"cost.{place}"
        label = cost.label or cost_kinds()[cost.type].label
        if cost.struck:
            _require_reason(work, cost, row_id, label, cost.applied)
            continue
        if cost.effective is None:
            _not_assessed(work, row_id, label, cost.person)
            continue
        rows.append(_cost_row(work, cost, row_id, label, cost.effective))
    return rows


def _cost_row(work: Work, cost: Cost, row_id: str, label: str, amount: Decimal) -> Row:
    applied = amount if cost.applied is None else cost.applied
    text = f"{label}: godkänt {format_kr(amount)}"
    if applied != amount:
        text += f" av ansökta {format_kr(applied)}"
    if applied > amount and not cost.reason.strip():
        work.warn(
            "refusal_without_reason",
            f"{label}: ange varför {format_kr(applied - amount)} inte godkänns.",
            row=row_id,
        )
    if applied < amount:
        work.warn("more_than_applied", f"{label}: mer godkänns än vad som är ansökt.", row=row_id)
    special = cost_kinds()[cost.type].bucket == "special"
    return Row(
        id=row_id,
        kind=RowKind.COST,
        label=label,
        person=cost.person,
        amount=amount,
        explanation=f"{text}. {cost.reason}".strip(),
        source=CASE_SOURCE[cost.origin],
        mark=Mark.CASE,
        **work.cite("special_costs" if special else "costs"),
    )


def income_rows(work: Work) -> list[Row]:
    """Return the incomes (negative; 0 if not counted) and what is disregarded of work income (positive)."""
    people = {person.id: person for person in work.household.persons}
    rows: list[Row] = []
    earned: dict[str, Decimal] = {}
    for place, income in enumerate(work.household.incomes, 1):
        row_id = income.id or f"income.{place}"
        kind = income_kinds()[income.type]
        label = income.label or kind.label
        if income.struck:
            _require_reason(work, income, row_id, label, income.applied)
            continue
        if income.effective is None:
            _not_assessed(work, row_id, label, income.person)
            continue
        why = _why_not_income(work, income, people)
        rows.append(_income_row(work, income, row_id, label, why))
        if kind.employment and not why:
            if income.person is None:
                work.warn(
                    "earner_unknown",
                    f"{label}: ange vem som har inkomsten, annars prövas inte jobbstimulans.",
                    row=row_id,
                )
            else:
                earned[income.person] = earned.get(income.person, ZERO) + income.effective
    for person_id, amount in earned.items():
        rows += _disregarded(work, people[person_id], amount)
    return rows


def _why_not_income(work: Work, income: Income, people: dict[str, Person]) -> str:
    kind = income_kinds()[income.type]
    if income.counted is False or (income.counted is None and not kind.counted):
        return income.reason or kind.reason
    if income.person is not None and (why := why_not_counted(people[income.person], work)):
        return f"Inkomsten räknas inte, eftersom personen inte räknas. {why}"
    return ""


def _income_row(work: Work, income: Income, row_id: str, label: str, why: str) -> Row:
    amount = income.effective or ZERO
    text = f"{label}: {format_kr(amount)} efter skatt"
    if income.gross is not None:
        text += f" ({format_kr(income.gross)} före skatt)"
    tail = f". {income.reason}".rstrip(" .") + "." if income.reason else "."
    return Row(
        id=row_id,
        kind=RowKind.INCOME,
        label=label,
        person=income.person,
        amount=ZERO if why else -amount,
        explanation=f"{text}, räknas inte. {why}" if why else f"{text}{tail}",
        source=CASE_SOURCE[income.origin],
        mark=Mark.CASE,
        **work.cite("incomes"),
    )


def _disregarded(work: Work, person: Person, earned: Decimal) -> list[Row]:
    try:
        row = (
            child_work_row(work, person, earned)
            if person.role == "child"
            else job_stimulus_row(work, person, earned)
        )
    except MissingFigure as error:
        work.miss(error, person=person.id)
        return []
    return [row] if row else []


def reduction_rows(work: Work) -> list[Row]:
    """Return a negative row for each reduction that is not struck."""
    return [
        _reduction_row(work, reduction, reduction.id or f"reduction.{place}")
        for place, reduction in enumerate(work.household.reductions, 1)
        if not reduction.struck
    ]


def _reduction_row(work: Work, reduction: Reduction, row_id: str) -> Row:
    label = reduction.label or _REDUCTIONS[reduction.type]
    return Row(
        id=row_id,
        kind=RowKind.REDUCTION,
        label=label,
        person=reduction.person,
        amount=-reduction.amount,
        explanation=f"{label}: {format_kr(reduction.amount)} dras av. {reduction.reason}".strip(),
        source=CASE_SOURCE[reduction.origin],
        mark=Mark.CASE,
        **work.cite("incomes"),
    )
