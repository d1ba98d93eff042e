"""The common household costs: by how many live in the dwelling, and the household's share of them."""

from __future__ import annotations

from decimal import Decimal

from sambruk.common.money import format_kr
from sambruk.systems.financial_assistance.calculation.findings import Work, share
from sambruk.systems.financial_assistance.calculation.household import Person
from sambruk.systems.financial_assistance.calculation.personal import members, why_not_counted
from sambruk.systems.financial_assistance.calculation.result import Row, RowKind


def _in_dwelling(work: Work, counted: Decimal) -> Decimal:
    """Return the persons in the dwelling: as given, else the household and those listed but not counted."""
    given = work.household.dwelling.persons
    if given is None:
        return counted + sum(_lives_here_uncounted(work, person) for person in work.household.persons)
    if given < counted:
        work.warn(
            "dwelling_too_small",
            f"I bostaden anges {given} personer, färre än de {_number(counted)} som räknas. "
            "Hushållets antal används.",
        )
        return counted
    return Decimal(given)


def _lives_here_uncounted(work: Work, person: Person) -> bool:
    born = person.born is None or person.born <= work.month.last
    return born and person.residence == "full" and bool(why_not_counted(person, work))


def _number(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')).normalize():f}".replace(".", ",")


def common_rows(work: Work) -> list[Row]:
    """Return the row of the common costs; none if nobody is counted.

    Of a dwelling that others share, the household has its members' share; a lodger has one share or one a
    person, as the setting says (Socialstyrelsen: personal norm + common costs of n persons / n).
    """
    counted = members(work)
    if not counted:
        return []
    living = _in_dwelling(work, counted)
    figure = work.table.common_at(living)
    lodger = work.household.dwelling.lodger
    part = Decimal(1) if lodger and work.settings.lodger_share == "one" else counted
    amount = share(figure.amount, part, living)
    noun = "person" if living == 1 else "personer"
    text = (
        f"Gemensamma kostnader för {_number(living)} {noun}, {work.table.label}: {format_kr(figure.amount)}"
    )
    if part != living:
        who = "den inneboendes" if lodger else "hushållets"
        text += f"; {who} andel {_number(part)} av {_number(living)} ger {format_kr(amount)}"
    return [
        Row(
            id="norm.common",
            kind=RowKind.NORM_COMMON,
            label="Gemensamma kostnader",
            amount=amount,
            explanation=f"{text}.",
            source=figure.source,
            mark=figure.mark,
            note=figure.note,
            **work.cite("norm"),
        )
    ]
