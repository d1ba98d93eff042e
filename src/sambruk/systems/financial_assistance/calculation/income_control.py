"""The control of incomes: last month's incomes, compared with the month before.

Incomes are taken from the month before the one applied for (kontrollperiod) and compared with two months
before (jämförelseperiod). A benefit found only in the earlier month is carried over as filler, and a change
of more than the threshold is a warning. Source: the published income rules of a municipality's process
engine (third party); the threshold of 12 percent is its default, and can be set per benefit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sambruk.common.money import format_kr, round_ore
from sambruk.common.month import Month

DEFAULT_THRESHOLD = Decimal(12)
"""Percent. A change of exactly this much is no warning."""

Answer = Literal["answered", "unanswered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a source said of one person's benefit in one month.

    `amount` in kronor, net; the sum of the month's payments. `unanswered` means that the authority did not
    answer: that is never the same as no income, and then `amount` is None.
    """

    person: str
    benefit: str
    month: Month
    amount: Decimal | None
    answer: Answer = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledIncome:
    """An income to use, kronor: `filler` if carried over, `change` in percent (None: nothing to compare)."""

    person: str
    benefit: str
    amount: Decimal
    month: Month
    filler: bool
    change: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNote:
    """A warning (`changed`, `new`, `filler`) or an open question (`unanswered`), in Swedish."""

    code: Literal["changed", "new", "filler", "unanswered"]
    person: str
    benefit: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeControl:
    """The incomes to use, the notes, and whether every source answered for the control month."""

    incomes: tuple[ControlledIncome, ...]
    notes: tuple[ControlNote, ...]
    complete: bool


def control_month(applied_for: Month) -> Month:
    """Return the month whose incomes are used: the one before the month applied for."""
    return applied_for - 1


def comparison_month(applied_for: Month) -> Month:
    """Return the month that they are compared with: two before the month applied for."""
    return applied_for - 2


def change_percent(before: Decimal, now: Decimal) -> Decimal | None:
    """Return the change from `before` to `now` in percent, two decimals; None if there was nothing before."""
    return None if not before else round_ore((now - before) * 100 / before)


def control_incomes(
    applied_for: Month,
    observations: Iterable[Observation],
    *,
    threshold: Decimal = DEFAULT_THRESHOLD,
    thresholds: Mapping[str, Decimal] | None = None,
) -> IncomeControl:
    """Return which incomes to use for a month applied for, and what to look at.

    Observations of other months are left out; several of one benefit and month are added. `thresholds`
    gives a benefit its own threshold, in percent. A benefit whose source did not answer for the control
    month is never filled up: it is noted, and the control is not complete.
    """
    control, comparison = control_month(applied_for), comparison_month(applied_for)
    sums: dict[tuple[str, str], dict[Month, Decimal]] = {}
    silent: set[tuple[str, str]] = set()
    for seen in observations:
        key = (seen.person, seen.benefit)
        if seen.month not in (control, comparison):
            continue
        if seen.answer == "unanswered" or seen.amount is None:
            if seen.month == control:
                silent.add(key)
            continue
        months = sums.setdefault(key, {})
        months[seen.month] = months.get(seen.month, Decimal("0.00")) + seen.amount
    incomes: list[ControlledIncome] = []
    notes: list[ControlNote] = []
    for person, benefit in sorted(silent):
        text = f"{benefit}: källan svarade inte för {control.label}. Det är inte detsamma som ingen inkomst."
        notes.append(ControlNote(code="unanswered", person=person, benefit=benefit, text=text))
    for (person, benefit), months in sorted(sums.items()):
        if (person, benefit) in silent:
            continue
        limit = (thresholds or {}).get(benefit, threshold)
        income, note = _compare(person, benefit, months, control, comparison, limit)
        incomes.append(income)
        notes += [note] if note else []
    return IncomeControl(incomes=tuple(incomes), notes=tuple(notes), complete=not silent)


def _compare(
    person: str,
    benefit: str,
    months: Mapping[Month, Decimal],
    control: Month,
    comparison: Month,
    limit: Decimal,
) -> tuple[ControlledIncome, ControlNote | None]:
    now, before = months.get(control), months.get(comparison)

    def note(code: Literal["changed", "new", "filler"], text: str) -> ControlNote:
        return ControlNote(code=code, person=person, benefit=benefit, text=f"{benefit}: {text}")

    def use(amount: Decimal, month: Month, change: Decimal | None) -> ControlledIncome:
        return ControlledIncome(
            person=person,
            benefit=benefit,
            amount=amount,
            month=month,
            filler=month == comparison,
            change=change,
        )

    if now is None:
        carried = before or Decimal("0.00")
        text = f"{format_kr(carried)} finns bara i {comparison.label} och förs över. "
        text += "Kontrollera om det betalas än."
        return use(carried, comparison, None), note("filler", text)
    change = change_percent(before or Decimal(0), now)
    if change is None:
        text = f"ny i {control.label}, {format_kr(now)}."
        return use(now, control, None), note("new", text) if now else None
    if abs(change) <= limit:
        return use(now, control, change), None
    word = "högre" if change > 0 else "lägre"
    shown = f"{abs(change).normalize():f}".replace(".", ",")
    text = f"{format_kr(now)} i {control.label} är {shown} procent {word} än i {comparison.label}."
    return use(now, control, change), note("changed", text)
