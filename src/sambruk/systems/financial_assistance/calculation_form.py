"""From what the calculation's form sends to changes of the household."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from sambruk.common.errors import Invalid
from sambruk.common.money import parse_kr
from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.fields import LARGEST_AMOUNT
from sambruk.systems.financial_assistance.calculation.household import Household
from sambruk.systems.financial_assistance.calculation.law import cost_kinds, income_kinds
from sambruk.systems.financial_assistance.household_changes import (
    REDUCTION_KINDS,
    Changes,
    LineChange,
    NewLine,
    PersonChange,
    lines_of,
)

#: Keys of errors that belong to no row.
NEW, DWELLING = "new", "dwelling"
_INT = re.compile(r"[0-9]{1,3}")
_KINDS = {
    "costs": frozenset(cost_kinds()),
    "incomes": frozenset(income_kinds()),
    "reductions": frozenset(REDUCTION_KINDS),
}


def parse(data: Mapping[str, str], household: Household) -> Changes:
    """Return the changes that a form asks for; rows whose inputs it lacks stay as they are.

    Raises Invalid with a sentence by row id, person id, `NEW` or `DWELLING`.
    """
    errors: dict[str, str] = {}
    lines = {
        str(line.id): change
        for line in lines_of(household)
        if (change := _line(data, str(line.id), errors)) is not None
    }
    persons = {
        person.id: counted
        for person in household.persons
        if (counted := _person(data, person.id, errors)) is not None
    }
    added = _added(data, household, errors)
    dwelling = _dwelling(data, errors)
    if errors:
        raise Invalid(errors)
    return Changes(
        lines=lines,
        persons=persons,
        added=added,
        dwelling_persons=dwelling,
        has_dwelling="dwelling_persons" in data,
    )


def _amount(text: str) -> Decimal | None:
    return parse_kr(text, maximum=LARGEST_AMOUNT) if text.strip() else None


def _line(data: Mapping[str, str], key: str, errors: dict[str, str]) -> LineChange | None:
    if f"amount-{key}" not in data:
        return None
    try:
        amount = _amount(data[f"amount-{key}"])
    except Invalid as error:
        errors[key] = error.message_sv
        return None
    return LineChange(
        amount=amount, reason=data.get(f"reason-{key}", ""), struck=data.get(f"struck-{key}") == "on"
    )


def _person(data: Mapping[str, str], key: str, errors: dict[str, str]) -> PersonChange | None:
    if f"days-{key}" not in data:
        return None
    try:
        return PersonChange(
            included=data.get(f"included-{key}") == "on",
            reason=data.get(f"excluded-{key}", ""),
            days=_number(data[f"days-{key}"], 31, "Skriv antal dagar, 0 till 31, eller lämna tomt."),
            upper_secondary=data.get(f"secondary-{key}") == "on" if f"has-secondary-{key}" in data else None,
            stimulus_from=_month(data.get(f"stimulus-from-{key}", "")),
            stimulus_to=_month(data.get(f"stimulus-to-{key}", "")),
        )
    except Invalid as error:
        errors[key] = error.message_sv
        return None


def _number(text: str, largest: int, sentence: str) -> int | None:
    bare = text.strip()
    if not bare:
        return None
    if not _INT.fullmatch(bare) or int(bare) > largest:
        raise Invalid(sentence)
    return int(bare)


def _month(text: str) -> str:
    return str(Month.parse(text)) if text.strip() else ""


def _dwelling(data: Mapping[str, str], errors: dict[str, str]) -> int | None:
    sentence = "Skriv hur många som bor i bostaden, 1 till 50, eller lämna tomt."
    try:
        found = _number(data.get("dwelling_persons", ""), 50, sentence)
        if found == 0:
            raise Invalid(sentence)
    except Invalid as error:
        errors[DWELLING] = error.message_sv
        return None
    return found


def _added(data: Mapping[str, str], household: Household, errors: dict[str, str]) -> list[NewLine]:
    amount_text, kind_text = data.get("new-amount", "").strip(), data.get("new-kind", "")
    if not amount_text and not kind_text:
        return []
    group, _, kind = kind_text.partition(":")
    person = data.get("new-person", "")
    text = data.get("new-text", "").strip()
    try:
        if kind not in _KINDS.get(group, frozenset()):
            raise Invalid("Välj vad den nya raden är.")
        if person and person not in {one.id for one in household.persons}:
            raise Invalid("Välj vem raden gäller bland hushållets personer.")
        if (group, kind) == ("reductions", "other") and not text:
            raise Invalid("Skriv skälet till avdraget.")
        return [
            NewLine(
                group=group,
                kind=kind,
                amount=parse_kr(amount_text, maximum=LARGEST_AMOUNT),
                text=text,
                person=person or None,
            )
        ]
    except Invalid as error:
        errors[NEW] = error.message_sv
        return []
