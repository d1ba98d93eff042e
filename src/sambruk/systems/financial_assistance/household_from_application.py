"""From the answers of an application to the household that is calculated. Pure.

Rows keep the application's own ids, so that reading the application again finds them. What cannot become a
row becomes a remark with its sentence: nothing that somebody wrote is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from sambruk.common.calendar import format_date
from sambruk.common.errors import Invalid
from sambruk.common.money import format_kr
from sambruk.common.month import Month
from sambruk.common.personal_number import parse
from sambruk.platform.definitions.answers.people import parse_number
from sambruk.platform.definitions.answers.wire import ROW_ID
from sambruk.systems.financial_assistance.calculation.fields import MonthPeriod
from sambruk.systems.financial_assistance.calculation.household import (
    Cost,
    Dwelling,
    Household,
    Income,
    Person,
)
from sambruk.systems.financial_assistance.calculation.law import cost_kinds, income_kinds
from sambruk.systems.financial_assistance.calculation.personal import ADULT_AGE, age_on
from sambruk.systems.financial_assistance.translation_remarks import amount_of, circumstances, rows_of

#: The form's own questions on costs, and the kinds that they are.
EXPENSES = {
    "rent": "hyra",
    "power": "el",
    "home_insurance": "hemforsakring",
    "internet": "internet",
    "unemployment_fund": "a_kassa",
    "union_fee": "fack",
    "work_travel": "arbetsresor",
    "child_care": "barnomsorg",
}
RESIDENCE = {"whole": "full", "half": "alternating", "visits": "visiting"}
HOUSED_AS_OWNER = frozenset({"condominium", "house_owned"})


@dataclass
class Translated:
    """The household, and what the application says beside it."""

    household: Household
    remarks: list[str]


@dataclass
class _Work:
    answers: Mapping[str, Any]
    month: Month
    stimulus: Mapping[str, MonthPeriod]
    persons: list[Person] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    incomes: list[Income] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


def translate(
    answers: Mapping[str, Any],
    month: Month,
    *,
    parameters: Mapping[str, Any] | None = None,
    job_stimulus: Mapping[str, MonthPeriod] | None = None,
) -> Translated:
    """Return the household of an application (answers in wire format) for the month applied for.

    `parameters` are the municipality's; `job_stimulus` holds an adult's period by person id ("applicant",
    "co_applicant"). Never raises for what an applicant may have written.
    """
    work = _Work(answers, month, job_stimulus or {})
    _adults(work)
    _children(work)
    _expenses(work)
    _incomes(work)
    dwelling = _dwelling(work, (parameters or {}).get("lodger_rule") != "single")
    work.remarks += circumstances(answers)
    household = Household(
        persons=tuple(work.persons),
        dwelling=dwelling,
        costs=tuple(work.costs),
        incomes=tuple(work.incomes),
    )
    return Translated(household, work.remarks)


def _name(value: Any) -> str:
    """Return the given name: enough to tell the household's members apart."""
    return str(value.get("given_name") or "")[:200] if isinstance(value, Mapping) else ""


def _adults(work: _Work) -> None:
    names = ["applicant", *(["co_applicant"] if work.answers.get("has_partner") is True else [])]
    for name in names:
        label = _name(work.answers.get(name)) or {"applicant": "Sökande"}.get(name, "Medsökande")
        work.persons.append(Person(id=name, role="adult", name=label, job_stimulus=work.stimulus.get(name)))


def _children(work: _Work) -> None:
    if work.answers.get("has_children") is not True:
        return
    for place, row in enumerate(rows_of(work.answers, "children"), 1):
        name = _name(row.get("child")) or f"Barn {place}"
        born = _born(row.get("child"))
        if born is None:
            work.remarks.append(f"{name} är inte med: personnumret gick inte att läsa. Lägg till barnet.")
            continue
        if len(work.persons) >= 40:
            work.remarks.append(f"{name} är inte med: hushållet har för många personer.")
            continue
        work.persons.append(_child(work, row, place, name, born))


def _born(person: Any) -> date | None:
    try:
        digits = parse_number(str(person["personal_number"]))
        # The digits are checked already: whether a test number may be used was decided there.
        return parse(digits, test_mode=True).birth_date
    except (Invalid, KeyError, TypeError):
        return None


def _child(work: _Work, row: Mapping[str, Any], place: int, name: str, born: date) -> Person:
    residence = RESIDENCE.get(str(row.get("child_residence")), "full")
    days = row.get("child_days") if residence != "full" else None
    counted, reason = True, ""
    if residence != "full" and (type(days) is not int or not 0 <= days <= 31):
        days, counted, reason = 0, False, "Antal dagar i hushållet saknas i ansökan."
        work.remarks.append(f"{name}: ange hur många dagar barnet bor i hushållet.")
    age = age_on(born, work.month.first)
    studies = age >= ADULT_AGE and bool(row.get("child_school"))
    if studies:
        work.remarks.append(f"{name} har fyllt 18: kontrollera gymnasiestudierna ({row['child_school']}).")
    return Person(
        id=_row_id(work, "child", row, place),
        role="child",
        name=name,
        born=born,
        upper_secondary=studies,
        residence=residence,  # type: ignore[arg-type]
        days=days,
        included=counted,
        excluded_reason=reason,
        lunch_away=row.get("child_lunch") is True,
    )


def _row_id(work: _Work, prefix: str, row: Mapping[str, Any], place: int) -> str:
    """Return the row's own id, or its place where it has none that may be used."""
    key = str(row.get("row") or "")
    found = f"{prefix}.{key}" if ROW_ID.fullmatch(key) else f"{prefix}.{place}"
    if found in work.taken:
        found = f"{prefix}.{place}.{len(work.taken)}"
    work.taken.add(found)
    return found


def _assessable(kind: str, amount: Decimal) -> Decimal | None:
    """Return what the process allows: ordinary costs as applied for, the rest nothing until assessed."""
    return amount if cost_kinds()[kind].bucket == "expense" else None


def _expenses(work: _Work) -> None:
    for question, kind in EXPENSES.items():
        if question == "rent" and str(work.answers.get("housing")) in HOUSED_AS_OWNER:
            kind = "boende"
        value = work.answers.get(question)
        if value is None:
            continue
        _cost(work, f"cost.{question}", kind, value, "", None)
    if work.answers.get("has_special_costs") is not True:
        return
    for place, row in enumerate(rows_of(work.answers, "special_costs"), 1):
        whom = f"för {row['cost_whom']}" if row.get("cost_whom") else ""
        text = ", ".join(part for part in (str(row.get("cost_text") or ""), whom) if part)
        kind = str(row.get("cost_kind"))
        _cost(work, _row_id(work, "special", row, place), kind, row.get("cost_amount"), text, "annat")


def _cost(work: _Work, row_id: str, kind: str, value: Any, text: str, otherwise: str | None) -> None:
    known = kind if kind in cost_kinds() else otherwise or kind
    amount = amount_of(value)
    label = f"{cost_kinds()[known].label}: {text}"[:500] if text else ""
    shown = label or cost_kinds()[known].label
    if known != kind:
        work.remarks.append(f"{shown}: sorten i ansökan är okänd och står som annan kostnad.")
    if amount == 0:
        return
    if amount is None:
        work.remarks.append(f"{shown}: beloppet i ansökan gick inte att läsa. Lägg till raden.")
        return
    try:
        work.costs.append(
            Cost(id=row_id, type=known, label=label, applied=amount, process=_assessable(known, amount))
        )
    except ValidationError:
        work.remarks.append(f"{shown}: {format_kr(amount)} kan inte vara en kostnad. Lägg till raden.")


def _incomes(work: _Work) -> None:
    if work.answers.get("has_income") is not True:
        return
    for place, row in enumerate(rows_of(work.answers, "incomes"), 1):
        _income(work, row, place)


def _income(work: _Work, row: Mapping[str, Any], place: int) -> None:
    kind = str(row.get("income_kind"))
    known = kind if kind in income_kinds() else "annan"
    text = str(row.get("income_text") or "")
    label = f"{income_kinds()[known].label}: {text}"[:500] if text else ""
    shown = label or income_kinds()[known].label
    if known != kind:
        work.remarks.append(f"{shown}: sorten i ansökan är okänd och står som annan inkomst.")
    amount = amount_of(row.get("income_amount"))
    if amount is None:
        work.remarks.append(f"{shown}: beloppet i ansökan gick inte att läsa. Lägg till raden.")
        return
    if amount == 0:
        return
    if _came_after(row.get("income_date"), work.month):
        work.remarks.append(
            f"{shown}: {_came(row['income_date']).removesuffix('.').lower()} enligt ansökan, efter "
            f"{work.month.label} som den gäller. Kontrollera datumet innan inkomsten räknas."
        )
    try:
        work.incomes.append(
            Income(
                id=_row_id(work, "income", row, place),
                type=known,
                label=label,
                person=_earner(work, row, shown),
                applied=amount,
                process=amount,
                reason=_came(row.get("income_date")),
            )
        )
    except ValidationError:
        work.remarks.append(f"{shown}: {format_kr(amount)} kan inte vara en inkomst. Lägg till raden.")


def _came_after(value: Any, month: Month) -> bool:
    """Return whether an income is dated after the month applied for: most often the year is mistyped."""
    try:
        return bool(value) and date.fromisoformat(str(value)) > month.last
    except ValueError:
        return False


def _came(value: Any) -> str:
    try:
        return f"Kom den {format_date(date.fromisoformat(str(value)))}." if value else ""
    except ValueError:
        return ""


def _earner(work: _Work, row: Mapping[str, Any], shown: str) -> str | None:
    who = str(row.get("income_person"))
    if who in {person.id for person in work.persons}:
        return who
    children = [person for person in work.persons if person.role == "child"]
    if who == "child" and len(children) == 1:
        return children[0].id
    work.remarks.append(f"{shown}: ange vem i hushållet som har inkomsten.")
    return None


def _dwelling(work: _Work, lodger_shares: bool) -> Dwelling:
    given = work.answers.get("persons_in_home")
    persons = given if type(given) is int and 1 <= given <= 50 else None
    if given is not None and persons is None:
        work.remarks.append("Antalet personer i bostaden gick inte att läsa. Ange det under Hushållet.")
    if work.answers.get("housing") != "lodger":
        return Dwelling(persons=persons)
    if not lodger_shares:
        work.remarks.append("Inneboende räknas som ensamboende enligt kommunens inställning.")
        return Dwelling()
    if persons is None or persons < 2:
        work.remarks.append(
            "Är inneboende, men antalet personer i bostaden saknas. Ange det under Hushållet."
        )
        return Dwelling(persons=persons)
    return Dwelling(persons=persons, lodger=True)
