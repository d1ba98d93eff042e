"""The personal norm: adults single or as a couple, children by age, each by the days they are there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sambruk.common.money import format_kr
from sambruk.systems.financial_assistance.calculation.errors import MissingFigure
from sambruk.systems.financial_assistance.calculation.findings import Work, share
from sambruk.systems.financial_assistance.calculation.household import Person
from sambruk.systems.financial_assistance.calculation.marks import Mark
from sambruk.systems.financial_assistance.calculation.norms import (
    LUNCH_BANDS,
    OLDEST_CHILD,
    Figure,
    band_label,
    band_of,
)
from sambruk.systems.financial_assistance.calculation.result import Row, RowKind

ADULT_AGE = 18


def age_on(born: date, day: date) -> int:
    """Return whole years on a day (born on 29 February: 1 March in other years); negative if unborn."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def child_age(person: Person, work: Work) -> int:
    """Return the age that counts this month; a child born during the month is 0."""
    if person.born is None:
        return person.age or 0
    day = work.month.first if work.settings.age_on == "first_day" else work.month.last
    return max(age_on(person.born, day), 0) if person.born <= work.month.last else -1


def why_not_counted(person: Person, work: Work) -> str:
    """Return a Swedish sentence why a person has no norm in this household, or nothing if counted."""
    if not person.included:
        return person.excluded_reason or "Personen ingår inte i beräkningen."
    if person.role == "adult":
        return ""
    age = child_age(person, work)
    if age < 0:
        return f"Barnet är inte fött i {work.month.label}."
    if age > OLDEST_CHILD:
        return "Barn räknas till och med 20 år."
    if age >= ADULT_AGE and not person.upper_secondary:
        return "Den som fyllt 18 år räknas med i hushållet bara under gymnasiestudier."
    return ""


def days_fraction(person: Person, work: Work) -> tuple[int, int]:
    """Return the days there and the divisor; a whole month is (1, 1). Never more than one."""
    if person.days is None or person.days >= work.month.days:
        return 1, 1
    divisor = 30 if work.settings.divisor == "thirty" else work.month.days
    return (person.days, divisor) if person.days < divisor else (1, 1)


def _norm_row(work: Work, person: Person, kind: RowKind, label: str, figure: Figure, subject: str) -> Row:
    days, divisor = days_fraction(person, work)
    amount = share(figure.amount, days, divisor)
    text = f"Norm för {subject}, {work.table.label}: {format_kr(figure.amount)}"
    if person.decided_norm is not None:
        text = f"Norm för {subject}, bestämd av handläggaren: {format_kr(figure.amount)}"
    if divisor != 1:
        text += f"; {days} av {divisor} dagar ger {format_kr(amount)}"
    return Row(
        id=f"norm.{person.id}",
        kind=kind,
        label=label,
        person=person.id,
        amount=amount,
        explanation=f"{text}.",
        source=figure.source,
        mark=figure.mark,
        note=figure.note,
        **work.cite("norm"),
    )


def _decided(person: Person) -> Figure | None:
    if person.decided_norm is None:
        return None
    return Figure(person.decided_norm, Mark.CASE, "Handläggarens beslut", person.decided_norm_reason)


def adult_rows(work: Work) -> list[Row]:
    """Return a row for each adult included. Two adults are a couple, each with half of its amount."""
    adults = [person for person in work.household.persons if person.role == "adult"]
    rows: list[Row] = []
    for place, person in enumerate(adults):
        if why_not_counted(person, work):
            continue
        if len(adults) == 1:
            figure, label, subject = work.table.adult_single(), "Ensamstående", "ensamstående vuxen"
        else:
            couple = work.table.adult_couple()
            half = share(couple.amount, 1, 2)
            amount = half if place == 0 else couple.amount - half
            figure = Figure(amount, couple.mark, couple.source, couple.note)
            label = "Sammanboende"
            subject = f"sammanboende, hälften av parets {format_kr(couple.amount)}"
        rows.append(
            _norm_row(
                work,
                person,
                RowKind.NORM_ADULT,
                f"{label}: {person.label}",
                _decided(person) or figure,
                subject,
            )
        )
    return rows


def _child_row(work: Work, person: Person) -> Row | None:
    band = band_of(child_age(person, work))
    lunch = person.lunch_away and band in LUNCH_BANDS
    if person.lunch_away and not lunch:
        work.warn(
            "lunch_ignored", "Lunch utanför hemmet sänker normen bara för barn 0–6 år.", person=person.id
        )
    _warn_birthday(work, person)
    try:
        figure = _decided(person) or work.table.child(band, lunch_away=lunch)
    except MissingFigure as error:
        work.miss(error, person=person.id, row=f"norm.{person.id}")
        return None
    subject = f"barn {band_label(band)}" + (", utan lunch fem dagar i veckan" if lunch else "")
    return _norm_row(
        work, person, RowKind.NORM_CHILD, f"Barn {band_label(band)}: {person.label}", figure, subject
    )


def _warn_birthday(work: Work, person: Person) -> None:
    if person.born is None or person.born > work.month.first:
        return
    first, last = (age_on(person.born, day) for day in (work.month.first, work.month.last))
    if last <= OLDEST_CHILD and band_of(first) != band_of(last):
        work.warn(
            "age_band_changes",
            f"{person.label} fyller {last} år under månaden och byter åldersgrupp. Vilken dag som gäller "
            "är en inställning som inte är kontrollerad.",
            person=person.id,
        )


def child_rows(work: Work) -> list[Row]:
    """Return a row for each child counted; a missing figure becomes a gap and has no row."""
    rows = []
    for person in work.household.persons:
        if person.role == "child" and not why_not_counted(person, work):
            row = _child_row(work, person)
            rows += [row] if row else []
    return rows


def personal_rows(work: Work) -> list[Row]:
    """Return the rows of the personal norm, and warn of each person who is not counted."""
    for person in work.household.persons:
        reason = why_not_counted(person, work)
        if reason:
            work.warn("not_counted", f"{person.label} räknas inte med. {reason}", person=person.id)
        if person.days is not None and person.days > work.month.days:
            work.warn(
                "days_capped",
                f"{work.month.label} har {work.month.days} dagar; hela månaden räknas.",
                person=person.id,
            )
    return [*adult_rows(work), *child_rows(work)]


def members(work: Work) -> Decimal:
    """Return how many persons the household counts as in the common costs, part-time visitors as set."""
    count = Decimal(0)
    for person in work.household.persons:
        if why_not_counted(person, work):
            continue
        visiting = work.settings.visiting_child_in_common if person.residence == "visiting" else "whole"
        if visiting == "none":
            continue
        if visiting == "proportional":
            days, divisor = days_fraction(person, work)
            count += Decimal(days) / divisor
        else:
            count += 1
    return count
