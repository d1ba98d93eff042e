"""A calendar month as a value."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sambruk.common.errors import Invalid

MONTH_NAMES = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
_FORM = re.compile(r"([0-9]{4})-?([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year, ordered, hashable: ``Month(2026, 11)``. Raises ValueError outside years 1-9999."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12 or not 1 <= self.year <= 9999:
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2026-11`` (or ``202611``). Raises Invalid with a Swedish sentence."""
        match = _FORM.fullmatch(text.strip())
        try:
            if match is None:
                raise ValueError(text)
            return cls(int(match[1]), int(match[2]))
        except ValueError as error:
            raise Invalid("Skriv månaden som år och månad, till exempel 2026-11.", code="month") from error

    @classmethod
    def of(cls, day: date) -> Month:
        """Return the month in which a date lies."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.year, self.month, self.days)

    @property
    def days(self) -> int:
        """How many days the month has."""
        return monthrange(self.year, self.month)[1]

    @property
    def label(self) -> str:
        """In Swedish: ``november 2026``."""
        return f"{MONTH_NAMES[self.month - 1]} {self.year}"

    def dates(self) -> Iterator[date]:
        """Yield each day in order."""
        return (self.first + timedelta(days=offset) for offset in range(self.days))

    def __contains__(self, day: date) -> bool:
        return (day.year, day.month) == (self.year, self.month)

    def _index(self) -> int:
        return self.year * 12 + self.month - 1

    def __add__(self, months: int) -> Month:
        year, month = divmod(self._index() + months, 12)
        return Month(year, month + 1)

    def __sub__(self, months: int) -> Month:
        return self + -months

    def months_until(self, other: Month) -> int:
        """Return how many months later ``other`` is (negative if earlier)."""
        return other._index() - self._index()

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
