"""What a caseworker changes in a household: rows struck, decided, added; days; how many live there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from pydantic import ValidationError

from sambruk.common.errors import Invalid
from sambruk.systems.financial_assistance.calculation.household import Cost, Household, Income, Reduction

Line: TypeAlias = "Cost | Income | Reduction"
GROUPS = ("costs", "incomes", "reductions")
REDUCTION_KINDS = ("assets", "excess_last_month", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What a row shall be. `amount` is what the caseworker decided (kronor), None for the process's own."""

    amount: Decimal | None
    reason: str = ""
    struck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A row that the caseworker adds; `group` is costs, incomes or reductions."""

    group: str
    kind: str
    amount: Decimal
    text: str = ""
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """How a person is counted. `days` None is the whole month; the stimulus is months, ``2026-11``."""

    included: bool = True
    reason: str = ""
    days: int | None = None
    upper_secondary: bool | None = None
    stimulus_from: str = ""
    stimulus_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that one press of the button changes; what is not named stays as it is."""

    lines: Mapping[str, LineChange] = field(default_factory=dict)
    persons: Mapping[str, PersonChange] = field(default_factory=dict)
    added: Sequence[NewLine] = ()
    dwelling_persons: int | None = None
    has_dwelling: bool = False


def lines_of(household: Household) -> list[Line]:
    """Return all rows: costs, incomes, reductions."""
    return [*household.costs, *household.incomes, *household.reductions]


def apply(household: Household, changes: Changes) -> Household:
    """Return the changed household. Raises Invalid, with sentences by row or person id where it can tell."""
    known = {line.id for line in lines_of(household)} | {person.id for person in household.persons}
    if strange := (set(changes.lines) | set(changes.persons)) - known:
        raise Invalid(f"Raden {min(strange)[:64]} finns inte längre. Läs om sidan.")
    data = household.model_dump(mode="json")
    errors: dict[str, str] = {}
    for group in GROUPS:
        data[group] = [_changed(line, changes, errors) for line in data[group]]
    data["persons"] = [_person(person, changes) for person in data["persons"]]
    taken = {line.id for line in lines_of(household)}
    for new in changes.added:
        data[new.group].append(_added(new, taken))
    if changes.has_dwelling:
        data["dwelling"] = {**data["dwelling"], "persons": changes.dwelling_persons}
    if errors:
        raise Invalid(errors)
    return _validated(data)


def _changed(line: dict[str, Any], changes: Changes, errors: dict[str, str]) -> dict[str, Any]:
    change = changes.lines.get(line["id"])
    if change is None:
        return line
    reason = change.reason.strip()
    if len(reason) > 500:
        errors[line["id"]] = "Skälet är för långt. Skriv högst 500 tecken."
        return line
    line = {**line, "reason": reason, "struck": change.struck}
    if "caseworker" not in line:
        if change.amount is None:
            errors[line["id"]] = "Skriv vad som dras av, eller stryk raden."
        return {**line, "amount": line["amount"] if change.amount is None else str(change.amount)}
    decided = None if change.amount is None else f"{change.amount:.2f}"
    # What equals the process's own is no decision of the caseworker's.
    return {**line, "caseworker": None if decided == line["process"] else decided}


def _person(person: dict[str, Any], changes: Changes) -> dict[str, Any]:
    change = changes.persons.get(person["id"])
    if change is None:
        return person
    period = None
    if change.stimulus_from or change.stimulus_to:
        period = {"start": change.stimulus_from, "end": change.stimulus_to}
    secondary = person["upper_secondary"] if change.upper_secondary is None else change.upper_secondary
    return {
        **person,
        "included": change.included,
        "excluded_reason": "" if change.included else change.reason.strip()[:500],
        "days": change.days,
        "upper_secondary": secondary,
        "job_stimulus": period,
    }


def _added(new: NewLine, taken: set[str | None]) -> dict[str, Any]:
    place = 1
    while f"added.{place}" in taken:
        place += 1
    taken.add(f"added.{place}")
    line: dict[str, Any] = {
        "id": f"added.{place}",
        "type": new.kind,
        "origin": "caseworker",
        "reason": new.text.strip()[:500],
        "person": new.person,
    }
    if new.group == "reductions":
        return {**line, "amount": str(new.amount)}
    return {**line, "caseworker": str(new.amount)}


def _validated(data: dict[str, Any]) -> Household:
    try:
        return Household.model_validate(data)
    except ValidationError as error:
        raise Invalid(_sentences(error, data)) from error


def _sentences(error: ValidationError, data: dict[str, Any]) -> dict[str, str]:
    """Return a sentence for each fault, by the id of its row or person, or "" where it has none."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False, include_input=False):
        place = one["loc"]
        key = ""
        if len(place) > 1 and isinstance(place[1], int):
            key = str(data[str(place[0])][place[1]].get("id", ""))
        # Our own validators speak Swedish; pydantic's own words are not shown to people.
        ours = one["type"] in {"household", "amount", "month"}
        found.setdefault(key, one["msg"] if ours else "Värdet kan inte användas. Kontrollera det.")
    return found


def refreshed(current: Household, fresh: Household) -> Household:
    """Return the household read again from its sources, with everything that the caseworker has decided.

    A row that is there keeps its strike, decision and reason; a row that the sources no longer have stays
    as it is; a row that is new is added. Persons keep how they are counted. A row never comes back unstruck.
    """
    data = current.model_dump(mode="json")
    for group in GROUPS:
        have = {line["id"]: place for place, line in enumerate(data[group])}
        for line in fresh.model_dump(mode="json")[group]:
            if line["id"] not in have:
                data[group].append(line)
                continue
            old = data[group][have[line["id"]]]
            if "caseworker" in old:
                kept = {name: old[name] for name in ("struck", "caseworker", "counted") if name in old}
                data[group][have[line["id"]]] = {**line, **kept, "reason": old["reason"] or line["reason"]}
    persons = {person["id"] for person in data["persons"]}
    data["persons"] += [p for p in fresh.model_dump(mode="json")["persons"] if p["id"] not in persons]
    return _validated(data)


def differences(before: Household, after: Household) -> dict[str, Any]:
    """Return what changed, for the log: by row or person id (and "dwelling") its value before and after."""
    found: dict[str, Any] = {}
    old: dict[str, Any] = {str(one.id): one for one in (*lines_of(before), *before.persons)}
    new: dict[str, Any] = {str(one.id): one for one in (*lines_of(after), *after.persons)}
    for key in new:
        if old.get(key) != new[key]:
            was = old.get(key)
            found[key] = {
                "before": was.model_dump(mode="json") if was is not None else None,
                "after": new[key].model_dump(mode="json"),
            }
    if before.dwelling != after.dwelling:
        found["dwelling"] = {
            "before": before.dwelling.model_dump(mode="json"),
            "after": after.dwelling.model_dump(mode="json"),
        }
    return found
