"""When a closed case may be disposed of: a date with its rule, or a named fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from sambruk.common.calendar import add_years
from sambruk.common.clock import local_date
from sambruk.platform.cases.models import Case, Decision, LogEntry, Party
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.definitions.language.records import Retention, RetentionException


@dataclass(frozen=True)
class Disposal:
    """`on` is the first day that the case may be disposed of, `by` the day when it must be done.

    `fault` says why there is none. A case that is kept has the ground as its `fault`: the list of such cases
    is read by a person.
    """

    on: date | None
    fault: str
    by: date | None = None


#: Lines of the log that are no entries in the file: what the system does to show or hide it.
NO_ENTRIES = ("case.secrecy_followed",)
PRESERVED = ("Bevaras", "Levereras till arkiv")


def disposal_of(case: Case, last_entry: date, decision: Decision | None) -> Disposal:
    """Return when the case may go, by its service's rule and exceptions; `last_entry` is when it was closed,
    or what was written in it later.

    For ekonomiskt bistånd: five years after the last entry, done by the end of the year after; persons born
    on the 5th, 15th or 25th are kept for research (socialtjänstförordningen 7 kap. 2 §). An unknown start is
    a fault, never a guess.
    """
    rule = definitions.by_hash(case.definition_hash).service.retention
    start = _start(rule.starts, last_entry, decision)
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
            return _on(add_years(start, exception.years), rule)
    if rule.then == "archive":
        return Disposal(None, f"Levereras till arkiv efter {rule.years} år.")
    return _on(add_years(start, rule.years), rule)


def _on(day: date, rule: Retention) -> Disposal:
    """The duty arises on the day; where the rule gives time, it is done by the end of the year after."""
    finished = date(day.year + 1, 12, 31) if rule.finish == "end_of_following_year" else day
    return Disposal(day, "", finished)


def current(case: Case) -> Disposal:
    """Return when a closed case may go, from what is in it now: its last entry and its last decision."""
    decision = Decision.objects.filter(case=case, decided_at__isnull=False).order_by("-decided_at").first()
    last = LogEntry.objects.filter(case=case).exclude(kind__in=NO_ENTRIES).aggregate(at=Max("at"))["at"]
    moments = [moment for moment in (case.closed_at, last) if moment is not None]
    return disposal_of(case, local_date(max(moments)), decision)


def refresh(case: Case) -> None:
    """Count anew for a closed case in which something was written, or whose decision was received."""
    found = current(case)
    if (found.on, found.by, found.fault) == (case.disposal_on, case.disposal_by, case.disposal_fault):
        return
    case.disposal_on, case.disposal_by, case.disposal_fault = found.on, found.by, found.fault
    case.save(update_fields=["disposal_on", "disposal_by", "disposal_fault"])


def _start(starts: str, last_entry: date, decision: Decision | None) -> date | None:
    if starts in {"case.closed", "case.last_entry"}:
        return last_entry
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
