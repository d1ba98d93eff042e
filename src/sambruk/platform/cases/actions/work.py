"""Who works with the case: take, release, hand over, and the journal's notes."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid, NotFound
from sambruk.platform.cases import access
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.models import Case, Note
from sambruk.platform.identity.models import StaffMember, Unit

NOTE_MAX = 20_000


def locked(case_id: UUID, by: Actor, expected_revision: int | None = None) -> Case:
    """Return the case, locked, for a command of `by`.

    Raises NotFound, NotAllowed, or Conflict when somebody changed it after `by` opened the page
    (`expected_revision`): the page shows both versions.
    """
    case = access.require_case(case_id, by, lock=True)
    access.require_work(case, by)
    if expected_revision is not None and case.revision != expected_revision:
        raise Conflict(
            "Någon annan har ändrat i ärendet sedan du öppnade det. Läs vad som är nytt och försök igen.",
            code="changed_meanwhile",
        )
    return case


def touch(case: Case, *fields: str) -> None:
    """Save the named fields and count the case's revision up."""
    case.revision += 1
    case.save(update_fields=[*fields, "revision"])


@transaction.atomic
def take(*, case_id: UUID, by: Actor, expected_revision: int | None = None) -> Case:
    """Make `by` the case's caseworker. Raises Conflict if somebody else has it or it is closed."""
    case = locked(case_id, by, expected_revision)
    if not case.is_open:
        raise Conflict("Ärendet är avslutat.")
    if case.assignee_id and case.assignee_id != by.id:
        raise Conflict("En kollega har redan tagit ärendet.")
    if case.assignee_id == by.id:
        return case
    case.assignee_id = by.id
    touch(case, "assignee")
    note_event(case, event="case.taken", text="Ärendet togs för handläggning.", by=by)
    return case


@transaction.atomic
def release(*, case_id: UUID, by: Actor, expected_revision: int | None = None) -> Case:
    """Put the case back in the unit's list. Raises Conflict unless `by` has it."""
    case = locked(case_id, by, expected_revision)
    if case.assignee_id != by.id:
        raise Conflict("Du har inte ärendet.")
    case.assignee = None
    touch(case, "assignee")
    note_event(case, event="case.released", text="Ärendet lades tillbaka i enhetens lista.", by=by)
    return case


@transaction.atomic
def assign(*, case_id: UUID, to: UUID, by: Actor, expected_revision: int | None = None) -> Case:
    """Give the case to a colleague of the same unit. Raises NotFound for somebody who may not have it."""
    case = locked(case_id, by, expected_revision)
    colleague = StaffMember.objects.filter(pk=to, active=True, memberships__unit_id=case.unit_id).first()
    if colleague is None:
        raise NotFound("Personen arbetar inte på enheten som har ärendet.")
    case.assignee = colleague
    touch(case, "assignee")
    note_event(
        case,
        event="case.assigned",
        text=f"Ärendet gavs till {colleague.name}.",
        by=by,
        fields={"assignee": str(to)},
    )
    return case


@transaction.atomic
def move(*, case_id: UUID, unit: UUID, reason: str, by: Actor, expected_revision: int | None = None) -> Case:
    """Hand the case over to another unit of the same authority, with a reason."""
    case = locked(case_id, by, expected_revision)
    if not reason.strip():
        raise Invalid({"reason": "Skriv varför ärendet flyttas."})
    target = Unit.objects.filter(pk=unit).first()
    if target is None or target.authority_id != case.authority_id:
        raise NotFound("Enheten finns inte eller hör till en annan nämnd.")
    case.unit, case.assignee = target, None
    touch(case, "unit", "assignee")
    note_event(
        case,
        event="case.moved",
        text=f"Ärendet flyttades till {target.name}.",
        by=by,
        fields={"unit": str(unit)},
        reason=reason,
    )
    return case


@transaction.atomic
def add_note(*, case_id: UUID, text: str, by: Actor, corrects: UUID | None = None) -> Note:
    """Add a journal note; a correction points at the note that it corrects, which stays."""
    case = locked(case_id, by)
    text = text.strip()
    if not text:
        raise Invalid({"text": "Skriv något i anteckningen."})
    if len(text) > NOTE_MAX:
        raise Invalid({"text": "Anteckningen är för lång. Dela upp den i flera."})
    if corrects is not None and not Note.objects.filter(pk=corrects, case=case).exists():
        raise NotFound("Anteckningen som rättas finns inte i ärendet.")
    if by.id is None:
        raise NotFound("Bara personal skriver anteckningar.")
    note = Note.objects.create(case=case, text=text, at=now(), by_id=by.id, corrects_id=corrects)
    note_event(case, event="note.added", text="En anteckning skrevs.", by=by, fields={"note": str(note.pk)})
    return note
