"""Whose log it is: a person, a case, a member of staff; and how they are named on the pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import to_stockholm
from sambruk.common.errors import Invalid
from sambruk.common.personal_number import parse
from sambruk.common.sort_key import name_sort_key
from sambruk.platform.audit.labels import field_label, label_of
from sambruk.platform.audit.queries import EventRow
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.cases.queries import NUMBER
from sambruk.platform.identity import protection
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.identity.queries import find_person

KINDS = {
    ActorKind.RESIDENT: "Invånare",
    ActorKind.STAFF: "Medarbetare",
    ActorKind.SYSTEM: "Systemet",
    ActorKind.API: "Anslutet system",
    ActorKind.ANONYMOUS: "Ej inloggad",
}


def cases_of(person_id: UUID | None) -> list[UUID]:
    """Return the cases where the person is a party; none for nobody."""
    if person_id is None:
        return []
    return list(Party.objects.filter(person_id=person_id).values_list("case_id", flat=True).distinct())


def person_by_number(text: str) -> Person:
    """Return the person with a personal number. Raises Invalid at ``number``."""
    try:
        number = parse(text, test_mode=settings.TEST_MODE or settings.DEMO)
    except Invalid as error:
        raise Invalid({"number": error.message_sv}) from error
    found = find_person(number)
    if found is None:
        raise Invalid({"number": "Vi har inga uppgifter om någon med det personnumret."})
    return found


def case_by_number(text: str) -> Case:
    """Return the case with a number. Raises Invalid at ``case``."""
    written = NUMBER.match(text)
    if written is None:
        raise Invalid({"case": "Skriv ärendets nummer, till exempel 2026-000123."})
    found = Case.objects.filter(year=int(written[1]), serial=int(written[2])).first()
    if found is None:
        raise Invalid({"case": "Det finns inget ärende med det numret."})
    return found


def staff_by_name(text: str) -> StaffMember:
    """Return the member of staff with an account, e-mail address or name. Raises Invalid at ``staff``."""
    same = Q(subject=text) | Q(email__iexact=text) | Q(sort_key=name_sort_key(text)[:250])
    found = list(StaffMember.objects.filter(same).order_by("id")[:2])
    if not found:
        raise Invalid({"staff": "Vi hittar ingen medarbetare med det namnet eller kontot."})
    if len(found) > 1:
        raise Invalid({"staff": "Flera heter så. Skriv kontot som medarbetaren loggar in med."})
    return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An event as a page or file shows it: all in words."""

    row: EventRow
    what: str
    who: str
    kind: str
    case: str

    @property
    def fields(self) -> str:
        """The names of what was changed."""
        return ", ".join(dict.fromkeys(field_label(name) for name in self.row.field_names))

    @property
    def at(self) -> str:
        """When, to the minute, in Swedish time: the same length in every row."""
        return f"{to_stockholm(self.row.at):%Y-%m-%d %H.%M}"


def lines(rows: Iterable[EventRow], actor: Actor) -> list[Line]:
    """Return events in words: two queries. A protected resident's name is hidden."""
    rows = list(rows)
    numbers = _case_numbers({row.case_id for row in rows if row.case_id})
    residents = {row.actor_id for row in rows if row.actor_kind == ActorKind.RESIDENT and row.actor_id}
    persons = Person.objects.in_bulk(residents)
    return [
        Line(
            row=row,
            what=label_of(row.event),
            who=_who(row, persons.get(row.actor_id) if row.actor_id else None, actor),
            kind=KINDS[ActorKind(row.actor_kind)],
            case=numbers.get(row.case_id, "") if row.case_id else "",
        )
        for row in rows
    ]


def _case_numbers(ids: Collection[UUID]) -> dict[UUID, str]:
    found = Case.objects.filter(pk__in=ids).only("tenant", "year", "serial")
    return {case.pk: case.number for case in found}


def _who(row: EventRow, person: Person | None, actor: Actor) -> str:
    if row.actor_kind == ActorKind.RESIDENT and person is not None:
        return protection.visible_name(person, actor)
    return row.actor_name or KINDS[ActorKind(row.actor_kind)]
