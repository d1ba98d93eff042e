"""Collects warnings and gaps while the rows of one calculation are made."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from sambruk.common.money import round_ore
from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.errors import MissingFigure
from sambruk.systems.financial_assistance.calculation.household import Household, Settings
from sambruk.systems.financial_assistance.calculation.law import Subject, citation
from sambruk.systems.financial_assistance.calculation.marks import Mark
from sambruk.systems.financial_assistance.calculation.norms import NormTable
from sambruk.systems.financial_assistance.calculation.result import Gap, Remark


class CitationFields(TypedDict):
    """The two fields of a row that say which paragraph it stands on."""

    citation: str
    citation_mark: Mark


class Work:
    """One calculation under way: its input and table, and the warnings and gaps found so far."""

    def __init__(self, household: Household, month: Month, settings: Settings, table: NormTable) -> None:
        self.household = household
        self.month = month
        self.settings = settings
        self.table = table
        self.warnings: list[Remark] = []
        self.gaps: list[Gap] = []

    def warn(self, code: str, text: str, *, person: str | None = None, row: str | None = None) -> None:
        """Add a warning, a whole Swedish sentence."""
        self.warnings.append(Remark(code=code, text=text, person=person, row=row))

    def miss(self, error: MissingFigure, *, person: str | None = None, row: str | None = None) -> None:
        """Add a gap for a figure that is missing."""
        self.gaps.append(Gap(figure=error.figure, text=error.message_sv, person=person, row=row))

    def cite(self, subject: Subject) -> CitationFields:
        """Return the citation fields of a row for a subject in this month."""
        found = citation(subject, self.month)
        if found is None:
            return {"citation": "", "citation_mark": Mark.UNVERIFIED}
        return {"citation": str(found), "citation_mark": found.mark}


def share(amount: Decimal, numerator: Decimal | int, denominator: Decimal | int) -> Decimal:
    """Return amount × numerator / denominator, rounded to whole öre (half up)."""
    return round_ore(amount * numerator / denominator)
