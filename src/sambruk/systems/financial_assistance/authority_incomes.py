"""What authorities say of incomes, beside what the household stated. Silence is never zero.

Asked by the port ``IncomeSource``: whichever systems offer it. Where none is installed, nothing changes and
the caseworker fills in by hand. Incomes are those of the month before (the control period).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sambruk.common.content_hash import content_hash
from sambruk.common.money import format_kr
from sambruk.common.month import Month
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.exchange.ports import AuthorityAnswer, IncomeLine, Incomes, IncomeSource, providers
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.calculation.household import Household, Income
from sambruk.systems.financial_assistance.calculation.law import income_kinds

ADULTS = ("applicant", "co_applicant")
#: Ids of rows: what an authority said, and that it has not said anything.
SAID, SILENT = "authority.", "unanswered."


@dataclass(frozen=True)
class Told:
    """What the sources say now: each with its label."""

    month: Month
    persons: Mapping[UUID, str]
    answers: Sequence[tuple[str, Incomes]] = field(default_factory=tuple)


def _sources() -> tuple[IncomeSource, ...]:
    return providers(IncomeSource)  # type: ignore[type-abstract]  # a port is a protocol


def ask(case: Case) -> None:
    """Have every source asked about the household's adults, in the running transaction; returns at once."""
    persons, month = _adults(case), _month(case)
    for source in _sources():
        source.ask(case_id=case.pk, person_ids=list(persons), month=month)


def told(case: Case) -> Told:
    """Return what the sources know now."""
    persons, month = _adults(case), _month(case)
    return Told(
        month,
        persons,
        [
            (source.label, source.incomes(case_id=case.pk, person_ids=list(persons), month=month))
            for source in _sources()
        ],
    )


def _month(case: Case) -> Month:
    return queries.month_of(case) - 1


def _adults(case: Case) -> dict[UUID, str]:
    """Return the household's adults: the person's id, and what the calculation calls them."""
    rows = Party.objects.filter(case=case, role__in=ADULTS, person__isnull=False)
    return {person: role for person, role in rows.values_list("person_id", "role") if person is not None}


def beside(household: Household, known: Told) -> tuple[Household, list[str]]:
    """Return the household with what the authorities say, and remarks on where they differ from it. Pure.

    An income that the household stated too keeps what was stated and is counted by the authority's figure,
    once. One that it did not state is a row of its own. An authority that has not answered is a row without
    an amount, which a person has to decide: the calculation is not complete before that.
    """
    incomes = list(household.incomes)
    remarks: list[str] = []
    for label, found in known.answers:
        for person_id, kind, lines in _grouped(found.lines):
            if person_id not in known.persons:
                continue
            person = known.persons[person_id]
            _take(incomes, person, kind, lines, remarks)
        incomes += _silent(label, found, known)
    return household.model_copy(update={"incomes": tuple(incomes)}), remarks


def _grouped(lines: Iterable[IncomeLine]) -> list[tuple[UUID, str, list[IncomeLine]]]:
    groups: dict[tuple[UUID, str], list[IncomeLine]] = {}
    for line in lines:
        kind = line.kind if line.kind in income_kinds() else "annan"
        # What is "other" to us is told apart by whose it is.
        groups.setdefault(
            (line.person_id, kind if kind != "annan" else f"annan/{line.authority}"), []
        ).append(line)
    return [(person, key.partition("/")[0], found) for (person, key), found in groups.items()]


def _take(
    incomes: list[Income], person: str, kind: str, lines: Sequence[IncomeLine], remarks: list[str]
) -> None:
    net = _sum(line.net for line in lines)
    gross = _sum(line.gross for line in lines)
    who = ", ".join(dict.fromkeys(line.label for line in lines))
    stated = [n for n, one in enumerate(incomes) if one.type == kind and one.person == person]
    if kind == "annan" or not stated:
        incomes.append(
            Income(
                id=_id(SAID, person, kind, lines[0].authority if kind == "annan" else ""),
                type=kind,
                label=who[:500] if kind == "annan" else "",
                person=person,
                process=net,
                gross=gross,
                reason=_source(lines, net),
                origin="system",
            )
        )
        return
    if net is None:
        remarks.append(f"{income_kinds()[kind].label}: {_source(lines, net)} Det som står i ansökan räknas.")
        return
    total = sum((incomes[n].applied or Decimal("0.00") for n in stated), Decimal("0.00"))
    if total == net:
        return
    label = income_kinds()[kind].label
    remarks.append(f"{label}: i ansökan {format_kr(total)}, enligt uppgift {format_kr(net)}.")
    for place, n in enumerate(stated):
        amount = net if place == 0 else Decimal("0.00")
        incomes[n] = incomes[n].model_copy(
            update={"process": amount, "gross": gross if place == 0 else None, "reason": _source(lines, net)}
        )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum; None where any of them is unknown: a part is not the whole."""
    found = list(amounts)
    known = [one for one in found if one is not None]
    return sum(known, Decimal("0.00")) if found and len(known) == len(found) else None


def _source(lines: Sequence[IncomeLine], net: Decimal | None) -> str:
    who = ", ".join(dict.fromkeys(line.authority for line in lines))
    return f"Enligt {who}." if net is not None else f"{who} anger inte beloppet efter skatt."


def _silent(label: str, found: Incomes, known: Told) -> list[Income]:
    """Return a row without an amount for each answer that says nothing yet."""
    waits = [one for one in found.answers if not one.state.is_known and one.person_id in known.persons]
    heard = {one.person_id for one in found.answers}
    rows = [_unknown(one.label or one.authority, one.authority, known.persons[one.person_id], one)
            for one in waits]  # fmt: skip
    # Nobody was asked about a person: that says nothing of the person's incomes either.
    rows += [
        _unknown(label, label, role, None) for person, role in known.persons.items() if person not in heard
    ]
    return rows


def _unknown(label: str, authority: str, person: str, answer: AuthorityAnswer | None) -> Income:
    said = f" {answer.message}" if answer is not None and answer.message else ""
    return Income(
        id=_id(SILENT, person, "", authority),
        type="annan",
        label=f"{label}: har inte svarat"[:500],
        person=person,
        reason=f"Inget svar är inte noll kronor. Skriv beloppet, eller stryk raden med skäl.{said}"[:500],
        origin="system",
    )


def _id(prefix: str, person: str, kind: str, authority: str) -> str:
    """Return an id that is the same the next time; an authority's name may hold what ids may not."""
    tail = f".{content_hash({'authority': authority})[:12]}" if authority else ""
    return f"{prefix}{person}{f'.{kind}' if kind else ''}{tail}"


def answered_since(current: Household, fresh: Household) -> Household:
    """Return the household without the rows of silence that have been answered, and nobody has decided."""
    silent = {str(one.id) for one in fresh.incomes}
    kept = tuple(
        one
        for one in current.incomes
        if not str(one.id).startswith(SILENT)
        or str(one.id) in silent
        or one.caseworker is not None
        or one.struck
    )
    return current.model_copy(update={"incomes": kept})
