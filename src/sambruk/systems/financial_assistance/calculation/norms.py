"""The norm tables (riksnorm): which figure holds for whom in which month, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, Literal

from pydantic import ValidationError, model_validator

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.data_files import read_data
from sambruk.systems.financial_assistance.calculation.errors import DataFault, MissingFigure, NoNormTable
from sambruk.systems.financial_assistance.calculation.fields import Kronor, Model, MonthField
from sambruk.systems.financial_assistance.calculation.marks import Mark, weakest

Band = Literal["0", "1-2", "3", "4-6", "7-10", "11-14", "15-18", "19-20"]
BANDS: dict[Band, range] = {
    "0": range(1),
    "1-2": range(1, 3),
    "3": range(3, 4),
    "4-6": range(4, 7),
    "7-10": range(7, 11),
    "11-14": range(11, 15),
    "15-18": range(15, 19),
    "19-20": range(19, 21),
}
LUNCH_BANDS: tuple[Band, ...] = ("0", "1-2", "3", "4-6")
"""The age bands that have a lower amount for a child who eats lunch away from home."""
OLDEST_CHILD = 20


def band_of(age: int) -> Band:
    """Return the age band of a child of `age` whole years (0-20). Raises ValueError outside."""
    for band, ages in BANDS.items():
        if age in ages:
            return band
    raise ValueError(f"no age band for {age}")


def band_label(band: Band) -> str:
    """Return the band in Swedish: ``11–14 år``."""
    return f"{band.replace('-', '–')} år"


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount of a norm table (kronor a month) with its certainty and where it was read."""

    amount: Decimal
    mark: Mark
    source: str
    note: str = ""


class _Exception(Model):
    mark: Mark
    source: str = ""
    note: str = ""


class _Totals(Model):
    single: Kronor
    couple: Kronor
    mark: Mark
    source: str


class NormTable(Model):
    """One year's norm: `valid_from` to `valid_to` (months, both included), amounts in kronor a month."""

    id: str
    label: str
    valid_from: MonthField
    valid_to: MonthField
    mark: Mark
    source: str
    children: Mapping[Band, Kronor]
    without_lunch: Mapping[Band, Kronor] = {}
    single: Kronor
    couple: Kronor
    common: tuple[Kronor, ...]
    exceptions: Mapping[str, _Exception] = {}
    totals: _Totals | None = None

    @model_validator(mode="after")
    def _complete(self) -> NormTable:
        if set(self.children) != set(BANDS) or set(self.without_lunch) - set(LUNCH_BANDS):
            raise ValueError(f"{self.id}: age bands are missing or unknown")
        if len(self.common) != 7 or list(self.common) != sorted(self.common):
            raise ValueError(f"{self.id}: seven rising common amounts are needed")
        return self

    def _figure(self, key: str, amount: Decimal) -> Figure:
        special = self.exceptions.get(key)
        if special is None:
            return Figure(amount, self.mark, self.source)
        return Figure(amount, special.mark, special.source or self.source, special.note)

    def adult_single(self) -> Figure:
        """Personal norm of a single adult."""
        return self._figure("single", self.single)

    def adult_couple(self) -> Figure:
        """Personal norm of two cohabiting adults together."""
        return self._figure("couple", self.couple)

    def child(self, band: Band, *, lunch_away: bool = False) -> Figure:
        """Personal norm of a child in an age band; `lunch_away` counts for ages 0-6 only.

        Raises MissingFigure where the amount without lunch is not known for this table.
        """
        if not lunch_away or band not in LUNCH_BANDS:
            return self._figure(f"child.{band}", self.children[band])
        if band not in self.without_lunch:
            raise MissingFigure(
                f"{self.id}:child_without_lunch.{band}",
                f"Beloppet utan lunch för barn {band_label(band)} saknas i {self.label}. Det är känt bara "
                "för 2014–2015 och 2019. Hämta beloppet hos Socialstyrelsen och "
                "ange det som handläggarens norm.",
            )
        return self._figure(f"child_without_lunch.{band}", self.without_lunch[band])

    def common_for(self, persons: int) -> Figure:
        """Common household costs for a number of persons (0 gives 0); over seven, g7−g6 a person is added."""
        if persons < 0:
            raise ValueError("persons must not be negative")
        if persons == 0:
            return Figure(Decimal("0.00"), Mark.CASE, self.source)
        if persons <= 7:
            return self._figure(f"common.{persons}", self.common[persons - 1])
        last, before = self.common_for(7), self.common_for(6)
        step = last.amount - before.amount
        note = f"Över sju personer läggs {step.normalize():f} kr till per person."
        return Figure(last.amount + step * (persons - 7), weakest(last.mark, before.mark), last.source, note)

    def common_at(self, persons: Decimal) -> Figure:
        """Common costs for a number of persons that need not be whole: linear between the whole numbers."""
        whole = int(persons)
        low = self.common_for(whole)
        if persons == whole:
            return low
        high = self.common_for(whole + 1)
        part = persons - whole
        return Figure(
            low.amount + (high.amount - low.amount) * part,
            weakest(low.mark, high.mark),
            high.source,
            " ".join(note for note in (low.note, high.note) if note),
        )


def parse_tables(content: Mapping[str, Any]) -> tuple[NormTable, ...]:
    """Return the tables of a norms file in order of month. Raises DataFault on gaps, overlaps, bad rows."""
    try:
        rows = content["tables"]
        tables = tuple(
            sorted((NormTable.model_validate(row) for row in rows), key=lambda table: table.valid_from)
        )
    except (ValidationError, KeyError, TypeError) as error:
        raise DataFault(f"Norm-tabellerna kan inte läsas: {error}") from error
    for earlier, later in pairwise(tables):
        if later.valid_from != earlier.valid_to + 1:
            raise DataFault(f"Norm-tabellerna {earlier.id} och {later.id} följer inte på varandra.")
    if not tables or any(table.valid_to < table.valid_from for table in tables):
        raise DataFault("Norm-tabellerna är tomma eller slutar före sin början.")
    return tables


@cache
def norm_tables() -> tuple[NormTable, ...]:
    """Return the loaded tables in order of month."""
    return parse_tables(read_data("norms.yaml"))


def table_for(month: Month) -> NormTable:
    """Return the table that holds for the month applied for. Raises NoNormTable."""
    tables = norm_tables()
    for table in tables:
        if table.valid_from <= month <= table.valid_to:
            return table
    raise NoNormTable(month, tables[0].valid_from, tables[-1].valid_to)
