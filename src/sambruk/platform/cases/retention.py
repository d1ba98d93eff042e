"""When a closed case may be disposed of: a date with its rule, or a named fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sambruk.common.calendar import add_years
from sambruk.common.clock import local_date
from sambruk.platform.cases.models import Case, Decision, Party
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.definitions.language.records import RetentionException


@dataclass(frozen=True)
class Disposal:
    """`on` is the first day that the case may be disposed of; `fault` says why there is none.

    A case that is kept has the ground as its `fault`: the list of such cases is read by a person.
    """

    on: date | None
    fault: str


def disposal_of(case: Case, closed_on: date, decision: Decision | None) -> Disposal:
    """Return when the case may go, by its service's rule and exceptions.

    For ekonomiskt bistånd: five years after the last entry, which closing is; persons born on the 5th, 15th
    or 25th are kept for research (socialtjänstförordningen 7 kap. 2 §). An unknown start is a fault, never
    a guess.
    """
    rule = definitions.by_hash(case.definition_hash).service.retention
    start = _start(rule.starts, closed_on, decision)
    if start is None:
        return Disposal(None, "Gallringsdatum kan inte räknas: beslutet har inget datum för delgivning.")
    for exception in rule.exceptions:
        holds = _holds(exception, case)
        if holds is None:
            return Disposal(
                None,
                f"Gallringsdatum kan inte räknas: vi vet inte om undantaget gäller ({say(exception.label)}).",
            )
        if holds:
            if exception.then == "archive" or exception.years is None:
                return Disposal(None, f"Bevaras: {say(exception.label)}.")
            return Disposal(add_years(start, exception.years), "")
    if rule.then == "archive":
        return Disposal(None, f"Levereras till arkiv efter {rule.years} år.")
    return Disposal(add_years(start, rule.years), "")


def _start(starts: str, closed_on: date, decision: Decision | None) -> date | None:
    if starts in {"case.closed", "case.last_entry"}:
        return closed_on
    if decision is not None and decision.delivered_at is not None:
        return local_date(decision.delivered_at)
    return None


def _holds(exception: RetentionException, case: Case) -> bool | None:
    """Return whether the exception holds for the case; None where that cannot be told."""
    if exception.born_on_days is not None:
        days = set(exception.born_on_days)
        for party in Party.objects.filter(case=case, person__isnull=False).select_related("person"):
            number = party.person.number if party.person else None
            if number is None:
                return None
            if number.birth_date.day in days:
                return True
        return False
    if exception.flag is not None:
        return case.process_state["flags"].get(exception.flag) is True
    if exception.parameter is not None:
        return definitions.by_hash(case.definition_hash).parameters.get(exception.parameter) is True
    return None
