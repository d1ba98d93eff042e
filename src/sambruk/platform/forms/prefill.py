"""First answers: from the login, else from the last application by the same person in the same service.

Staff who fill in for somebody get of it what they might have read anyway: a case that they may see (which is
logged), and of a protected person nothing unless they have opened it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.calendar import format_date
from sambruk.common.clock import local_date
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases import access as cases
from sambruk.platform.cases.models import Application, Party
from sambruk.platform.definitions.answers.checks import check
from sambruk.platform.definitions.conditions.names import answer_fields, row_fields
from sambruk.platform.definitions.language import AnswerField, RepeatingGroupField, Service
from sambruk.platform.forms.signers import owner_party
from sambruk.platform.identity import protection
from sambruk.platform.identity.models import Person

LOGIN_SOURCE = "Din inloggning"
FROM_PERSON = "Uppgifter som kommunen har"


def first_answers(
    service: Service, person: Person | None, *, by: Actor
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return first answers in wire format, and by field the words that say where each came from.

    ``by`` is who fills in. Where that is staff, reading an earlier application is recorded.
    """
    if person is None or (by.is_staff and not protection.may_see(person, by)):
        return {}, {}
    previous, source = _previous(service, person.pk, by)
    answers: dict[str, Any] = {}
    known: dict[str, str] = {}
    for step in service.steps:
        for field in answer_fields(step):
            value: Any = None
            said = ""
            if field.prefill == "login":
                value, said = _from_person(field, person, service, by)
            if value is None and field.prefill in ("login", "previous"):
                # A login says who one is; where one lives and is reached it often does not.
                value, said = _fitting(field, previous.get(field.id)), source
            if value is not None:
                answers[field.id] = value
                known[field.id] = said
    return answers, known


def fitting_answers(service: Service, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return those answers that today's definition takes."""
    found = {
        field.id: _fitting(field, answers.get(field.id))
        for step in service.steps
        for field in answer_fields(step)
    }
    return {key: value for key, value in found.items() if value is not None}


def _from_person(field: AnswerField, person: Person, service: Service, by: Actor) -> tuple[Any, str]:
    if field.type == "person":
        owner = service.parties.get(owner_party(service))
        if owner is None or owner.person not in (None, field.id):
            return None, ""
        given = {
            "personal_number": person.personal_number,
            "given_name": person.given_name,
            "family_name": person.family_name,
        }
        return {key: value for key, value in given.items() if value} or None, (
            FROM_PERSON if by.is_staff else LOGIN_SOURCE
        )
    if field.type == "address":
        given = {
            "care_of": person.care_of,
            "street": person.street,
            "postal_code": person.postal_code.replace(" ", ""),
            "city": person.city,
        }
        found = {key: value for key, value in given.items() if value}
        return (found if {"street", "postal_code", "city"} <= set(found) else None), FROM_PERSON
    value = {"email": person.email, "phone": person.phone, "text": person.full_name}.get(field.type)
    return (value or None), FROM_PERSON


def _previous(service: Service, person_id: UUID, by: Actor) -> tuple[Mapping[str, Any], str]:
    """Return the answers of the last application in which the person was the owner, and its name.

    For staff the last of those in cases that they may see.
    """
    own = Party.objects.filter(
        person_id=person_id, role=owner_party(service), case__service_id=service.service
    ).values("case_id")
    sent = Application.objects.filter(case_id__in=own).select_related("case")
    if by.is_staff:
        sent = sent.filter(case_id__in=cases.visible(by).values("pk"))
    last = sent.order_by("-submitted_at").first()
    if last is None:
        return {}, ""
    if by.is_staff:
        audit.record_read(by=by, obj=last.case, case_id=last.case_id, person_id=person_id)
    whose = "Ansökan" if by.is_staff else "Din ansökan"
    return last.answers, f"{whose} {format_date(local_date(last.submitted_at))}"


def _fitting(field: AnswerField, value: Any) -> Any:
    """Return an earlier answer if today's definition takes it; files are sent anew each time."""
    if value is None or field.type == "file":
        return None
    if isinstance(field, RepeatingGroupField):
        rows = (
            [_row(field, row) for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        )
        return rows[: field.max_rows] or None
    return None if check(field, value) else value


def _row(group: RepeatingGroupField, row: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"row": row.get("row", "r1")}
    for inner in row_fields(group):
        if (value := _fitting(inner, row.get(inner.id))) is not None:
            kept[inner.id] = value
    return kept
