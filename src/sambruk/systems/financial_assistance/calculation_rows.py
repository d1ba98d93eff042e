"""The rows of a calculation as the caseworker's table shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from sambruk.common.money import format_kr
from sambruk.platform.ui.components import Source
from sambruk.systems.financial_assistance.calculation.household import Cost, Income, Reduction
from sambruk.systems.financial_assistance.calculation.law import cost_kinds, income_kinds
from sambruk.systems.financial_assistance.calculation.lines import CASE_SOURCE, refused
from sambruk.systems.financial_assistance.calculation.marks import Mark
from sambruk.systems.financial_assistance.calculation.result import Result, Row, RowKind
from sambruk.systems.financial_assistance.household_changes import lines_of

Key: TypeAlias = "tuple[str, str, str | None]"
REDUCTIONS = {
    "assets": "Tillgångar",
    "excess_last_month": "Överskott från förra månaden",
    "other": "Annat avdrag",
}
_NORM = (RowKind.NORM_ADULT, RowKind.NORM_CHILD, RowKind.NORM_COMMON)
_DISREGARDED = (RowKind.JOB_STIMULUS, RowKind.CHILD_WORK_INCOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """A row of the table. `id` is there where the row can be worked; `value` is what its input holds."""

    label: str
    kind: Literal["heading", "fixed", "line", "sum", "total"] = "fixed"
    id: str = ""
    who: str = ""
    applied: Decimal | None = None
    amount: Decimal | None = None
    value: str = ""
    reason: str = ""
    struck: bool = False
    refused: bool = False
    compare: Decimal | None = None
    explanation: str = ""
    source: str = ""
    mark: Source = ""
    unsure: str = ""
    citation: str = ""
    error: str = ""

    @property
    def changed(self) -> bool:
        """Whether the amount is another than last month's."""
        return self.compare is not None and self.amount is not None and self.compare != self.amount


def typed(amount: Decimal | None) -> str:
    """Return an amount as it stands in an input: ``5 400`` or ``249,75``."""
    return "" if amount is None else format_kr(amount).removesuffix("kr").strip()


def label_of(line: Cost | Income | Reduction) -> str:
    """Return a line's label, as its row has it."""
    if line.label:
        return line.label
    if isinstance(line, Reduction):
        return REDUCTIONS[line.type]
    return (cost_kinds() if isinstance(line, Cost) else income_kinds())[line.type].label


def is_refused(line: Cost | Income | Reduction) -> bool:
    """Return whether the line is a cost that was applied for and struck: the applicant is told of it."""
    return isinstance(line, Cost) and line.struck and refused(line) > 0


def struck_words(line: Cost | Income | Reduction) -> str:
    """Return what is said of a struck line: for a cost what was applied for and granted, and its reason."""
    if isinstance(line, Cost) and is_refused(line):
        return f"Ansökt {format_kr(refused(line))}, godkänt {format_kr(Decimal(0))}. {line.reason}".strip()
    return f"Struken. {line.reason}".strip()


def _key(line: Cost | Income | Reduction) -> Key:
    return (type(line).__name__, line.type, line.person)


def comparison(earlier: Result | None) -> dict[Key, Decimal]:
    """Return last month's amounts (positive, kronor): lines by kind and person, others by row id."""
    if earlier is None:
        return {}
    found: dict[Key, Decimal] = {}
    household = earlier.household
    lines = {line.id: line for line in lines_of(household)}
    for row in earlier.rows:
        line = lines.get(row.id)
        key = _key(line) if line is not None else ("", row.id, None)
        found[key] = found.get(key, Decimal(0)) + abs(row.amount)
    return found


class _Builder:
    def __init__(self, result: Result, earlier: Result | None, errors: Mapping[str, str]) -> None:
        self.result = result
        self.rows = {row.id: row for row in result.rows}
        self.gaps = {gap.row: gap.text for gap in result.gaps if gap.row}
        self.names = {person.id: person.label for person in result.household.persons}
        self.before = comparison(earlier)
        self.errors = errors

    def fixed(self, row: Row) -> GridRow:
        return GridRow(
            label=row.label,
            amount=row.amount,
            compare=self.before.get(("", row.id, None)),
            explanation=row.explanation,
            **_ground(row),
        )

    def line(self, line: Cost | Income | Reduction) -> GridRow:
        row_id = str(line.id)
        row = self.rows.get(row_id)
        effective = line.amount if isinstance(line, Reduction) else line.effective
        explanation = row.explanation if row is not None else self.gaps.get(row_id, "")
        if line.struck:
            explanation = struck_words(line)
        # Two lines of one kind share last month's sum: it stands at the first.
        return GridRow(
            label=label_of(line),
            kind="line",
            id=row_id,
            who=self.names.get(line.person or "", ""),
            applied=None if isinstance(line, Reduction) else line.applied,
            amount=effective,
            value=typed(effective),
            reason=line.reason,
            struck=line.struck,
            refused=is_refused(line),
            compare=self.before.pop(_key(line), None),
            explanation=explanation,
            error=self.errors.get(row_id, ""),
            **(_ground(row) if row is not None else {"source": CASE_SOURCE[line.origin]}),
        )


def _ground(row: Row) -> dict[str, Any]:
    """Return where a row's figure stands, and in words how sure it is when it is not surely official."""
    shown: dict[Mark, Source] = {
        Mark.OFFICIAL: "official",
        Mark.THIRD_PARTY: "third_party",
        Mark.ESTIMATE: "estimate",
    }
    citation = row.citation
    if citation and row.citation_mark is not Mark.OFFICIAL:
        citation += f" ({row.citation_mark.label})"
    return {
        "source": row.source,
        "mark": shown.get(row.mark, ""),
        "unsure": row.mark.label if row.mark is Mark.UNVERIFIED else "",
        "citation": citation,
    }


def grid_rows(
    result: Result, *, earlier: Result | None = None, errors: Mapping[str, str] | None = None
) -> list[GridRow]:
    """Return all rows: the norm, costs, incomes and reductions with their sums, and what comes out."""
    build = _Builder(result, earlier, errors or {})
    totals, household = result.totals, result.household
    rows = [GridRow(label="Riksnorm", kind="heading")]
    rows += [build.fixed(row) for row in result.rows if row.kind in _NORM]
    rows.append(GridRow(label="Summa riksnorm", kind="sum", amount=totals.norm))
    rows.append(GridRow(label="Kostnader", kind="heading"))
    rows += [build.line(line) for line in household.costs]
    rows.append(GridRow(label="Summa godkända kostnader", kind="sum", amount=totals.costs))
    rows.append(GridRow(label="Inkomster, dras av", kind="heading"))
    rows += [build.line(line) for line in household.incomes]
    rows += [build.fixed(row) for row in result.rows if row.kind in _DISREGARDED]
    rows.append(GridRow(label="Summa inkomster som räknas", kind="sum", amount=-totals.incomes))
    if household.reductions:
        rows.append(GridRow(label="Avdrag", kind="heading"))
        rows += [build.line(line) for line in household.reductions]
        rows.append(GridRow(label="Summa avdrag", kind="sum", amount=-totals.reductions))
    rows += [build.fixed(row) for row in result.rows if row.kind is RowKind.ROUNDING]
    return [*rows, _total(result)]


def _total(result: Result) -> GridRow:
    label = {"deficit": "Underskott", "surplus": "Överskott", "incomplete": "Hittills"}[result.outcome]
    amount = result.totals.total
    return GridRow(
        label=label,
        kind="total",
        amount=abs(amount) if result.outcome != "incomplete" else amount,
        explanation=result.outcome_text,
    )


def kinds_to_add() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a new row may be, in groups: value and label."""
    return [
        ("Kostnad", [(f"costs:{key}", kind.label) for key, kind in cost_kinds().items()]),
        ("Inkomst", [(f"incomes:{key}", kind.label) for key, kind in income_kinds().items()]),
        ("Avdrag", [(f"reductions:{key}", label) for key, label in REDUCTIONS.items()]),
    ]
