"""Reviewing the log: whose, what about, and why. That somebody reviews is itself an event of the log.

``begin`` writes that event; its id is the review's, by which the pages are asked for. So no page of the log
is shown without its reason in the log, no personal number stands in an address, and a review is nobody
else's and ends with the day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import day_bounds, now
from sambruk.common.errors import Invalid, NotFound
from sambruk.common.ids import uuid7
from sambruk.common.text import single_line
from sambruk.platform.audit.actions import Entry, record_many
from sambruk.platform.audit.models import AuditEvent, AuditValue
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.audit.queries import PAGE, EventPage, EventRow, about, page_of, rows_of
from sambruk.platform.audit.values import open_values

BEGUN, EXPORTED = "audit.reviewed", "audit.exported"
#: A review is begun anew, with its reason, on another day of work.
HOLDS = timedelta(hours=12)
#: A file that a person looks through. More than that is another question, or a shorter period.
EXPORT_MOST = 20_000
#: An id is made a moment after its event's time: the range of ids is taken a little wider than the times.
_MARGIN = timedelta(minutes=5)
_MIN_REASON = 5


@dataclass(frozen=True, slots=True)
class Review:
    """A review that was begun: about a person, a case, a member of staff (one at least), in a period."""

    id: UUID
    at: datetime
    reason: str
    person_id: UUID | None
    case_id: UUID | None
    staff_id: UUID | None
    since: date | None
    until: date | None


@transaction.atomic
def begin(
    *,
    by: Actor,
    reason: str,
    person_id: UUID | None = None,
    case_id: UUID | None = None,
    staff_id: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
) -> UUID:
    """Begin a review and return its id. Permission: audit.review; both days are included in the period.

    Raises Invalid by field: no reason, nothing to look for, days in the wrong order.
    """
    by.require(AuditPermission.REVIEW)
    why, faults = single_line(reason, 300), {}
    if len(why) < _MIN_REASON:
        faults["reason"] = "Skriv varför du granskar loggen, med några ord. Det sparas i loggen."
    if person_id is None and case_id is None and staff_id is None:
        faults["number"] = "Skriv ett personnummer, ett ärendenummer eller en medarbetare."
    if since is not None and until is not None and until < since:
        faults["until"] = "Sista dagen är före den första. Skriv en senare dag."
    if faults:
        raise Invalid(faults)
    review = Review(uuid7(), now(), why, person_id, case_id, staff_id, since, until)
    record_many([_entry(BEGUN, review, by)])
    return review.id


def _entry(event: str, review: Review, by: Actor, **more: Any) -> Entry:
    subjects = (
        ("identity.person", review.person_id),
        ("cases.case", review.case_id),
        ("identity.staffmember", review.staff_id),
    )
    told = {
        "staff": review.staff_id,
        "since": review.since,
        "until": review.until,
        **more,
    }
    return Entry(
        id=review.id if event == BEGUN else None,
        event=event,
        by=by,
        obj=next(subject for subject in subjects if subject[1] is not None),
        case_id=review.case_id,
        person_id=review.person_id,
        fields={name: value for name, value in told.items() if value is not None},
        reason=review.reason,
        is_read=True,
    )


def get(review_id: UUID, *, by: Actor) -> Review:
    """Return a review that the actor began today. Raises NotAllowed, NotFound."""
    by.require(AuditPermission.REVIEW)
    event = AuditEvent.objects.filter(
        pk=review_id, event=BEGUN, actor_kind=by.kind, actor_id=by.id, at__gt=now() - HOLDS
    ).first()
    value = AuditValue.objects.filter(pk=review_id).first() if event is not None else None
    if event is None or value is None or by.id is None:
        raise NotFound("Granskningen finns inte, eller är avslutad. Börja en ny och skriv varför.")
    beside, _ = open_values(event.tenant_id, event.pk, value.token)
    told: Mapping[str, Any] = beside.get("fields", {})
    return Review(
        id=event.pk,
        at=event.at,
        reason=str(beside.get("reason", "")),
        person_id=event.person_id,
        case_id=event.case_id,
        staff_id=UUID(told["staff"]) if "staff" in told else None,
        since=date.fromisoformat(told["since"]) if "since" in told else None,
        until=date.fromisoformat(told["until"]) if "until" in told else None,
    )


def _events(review: Review, case_ids: Collection[UUID]) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.all()
    if review.person_id is not None:
        events = about(review.person_id, case_ids)
    if review.case_id is not None:
        events = events.filter(case_id=review.case_id)
    if review.staff_id is not None:
        events = events.filter(actor_kind=ActorKind.STAFF.value, actor_id=review.staff_id)
    if review.since is not None:
        first = day_bounds(review.since)[0]
        events = events.filter(at__gte=first, pk__gte=_least_id(first - _MARGIN))
    if review.until is not None:
        last = day_bounds(review.until)[1]
        events = events.filter(at__lt=last, pk__lt=_least_id(last + _MARGIN))
    return events


def _least_id(moment: datetime) -> UUID:
    """The least id of a moment: ids are ordered by time, so a period is a range of the index."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def page(
    review: Review,
    *,
    by: Actor,
    case_ids: Collection[UUID] = (),
    before: UUID | None = None,
    limit: int = PAGE,
) -> EventPage:
    """Return a page of the review, the newest first. ``case_ids`` are the cases of its person.

    Two queries, whatever the size of the log. Raises NotAllowed.
    """
    by.require(AuditPermission.REVIEW)
    return page_of(_events(review, case_ids), before, limit)


@transaction.atomic
def export(review: Review, *, by: Actor, case_ids: Collection[UUID] = ()) -> list[EventRow]:
    """Return all events of the review, the newest first, and write that they were taken out.

    Raises NotAllowed, and Invalid for more than EXPORT_MOST.
    """
    by.require(AuditPermission.REVIEW)
    rows = rows_of(_events(review, case_ids).order_by("-id")[: EXPORT_MOST + 1])
    if len(rows) > EXPORT_MOST:
        raise Invalid(f"Det är fler än {EXPORT_MOST} händelser. Välj en kortare period.")
    record_many([_entry(EXPORTED, review, by, count=len(rows))])
    return rows
