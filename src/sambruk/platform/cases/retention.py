"""When a closed case may be disposed of: a date with its rule, or a named fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sambruk.common.calendar import add_years
from sambruk.platform.cases.models import Case, Party

SOCIAL_RESEARCH_DAYS = frozenset({5, 15, 25})


@dataclass(frozen=True)
class Disposal:
    """`on` is the first day that the case may be disposed of; `fault` says why it cannot be computed."""

    on: date | None
    fault: str


def disposal_of(case: Case, closed_on: date, *, years: int | None, source_event: str, keep_born_days: frozenset[int]) -> Disposal:
    """Return when the case may go.

    `years` after the year's day of closing (or of the last entry, which closing is). Persons born on
    one of `keep_born_days` are kept for research (socialtjänstförordningen 7 kap. 2 §) and get a named
    ground instead of a date. An unknown start event is a fault that a person sees, never a guess.
    """
    if years is None:
        return Disposal(None, "Tjänsten saknar bevarandetid. Komplettera definitionen.")
    if source_event not in {"case.closed", "case.last_entry"}:
        return Disposal(None, f"Vi kan inte räkna gallringsdatum från ”{source_event}”.")
    if keep_born_days:
        for party in Party.objects.filter(case=case, person__isnull=False).select_related("person"):
            born = party.person.birth_date if party.person else None
            if born is not None and born.day in keep_born_days:
                return Disposal(None, "Bevaras för forskning: födelsedag den 5:e, 15:e eller 25:e.")
    return Disposal(add_years(closed_on, years), "")
