"""Reading the log: what was done about a person, who read of them, and the extract for the person.

Looking into the log is itself an event: ``audit.review`` and ``extract`` write it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.platform.audit.actions import record_read
from sambruk.platform.audit.models import AuditEvent, AuditValue
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.audit.values import open_values

PAGE = 50


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it is shown. ``fields``, ``reason`` and a resident's name are gone once disposed of."""

    id: UUID
    at: datetime
    event: str
    is_read: bool
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    channel: str
    on_behalf_of: UUID | None
    object_type: str
    object_id: UUID | None
    case_id: UUID | None
    person_id: UUID | None
    field_names: tuple[str, ...]
    fields: dict[str, Any]
    reason: str
    disposed: bool


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events, the newest first, and where the next page begins (None: this was the last)."""

    rows: tuple[EventRow, ...]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class Reader:
    """One who read of a person: how often, and when first and last."""

    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    count: int
    first_at: datetime
    last_at: datetime


def events_about(person_id: UUID, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> EventPage:
    """Return the events about a person, the newest first, after the place where the last page ended.

    Two queries, whatever the size of the log. Raises NotAllowed.
    """
    by.require(AuditPermission.REVIEW)
    return page_of(AuditEvent.objects.filter(person_id=person_id), before, limit)


def events_of_case(case_id: UUID, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> EventPage:
    """Return the events of a case, as ``events_about``."""
    by.require(AuditPermission.REVIEW)
    return page_of(AuditEvent.objects.filter(case_id=case_id), before, limit)


def who_read(
    person_id: UUID, *, by: Actor, since: datetime | None = None, until: datetime | None = None
) -> list[Reader]:
    """Return who read of a person, the latest first; ``since`` is included, ``until`` not. NotAllowed."""
    by.require(AuditPermission.REVIEW)
    reads = AuditEvent.objects.filter(person_id=person_id, is_read=True)
    if since is not None:
        reads = reads.filter(at__gte=since)
    if until is not None:
        reads = reads.filter(at__lt=until)
    grouped = reads.values("actor_kind", "actor_id", "actor_name").annotate(
        count=Count("pk"), first_at=Min("at"), last_at=Max("at")
    )
    return [Reader(**row) for row in grouped.order_by("-last_at")]


def extract(
    person_id: UUID, *, by: Actor, reason: str, case_ids: Collection[UUID] = (), with_names: bool = False
) -> list[EventRow]:
    """Return all events about a person, the oldest first, to be handed out to them; writes that it was.

    ``case_ids`` are the person's cases: what was done in them is about the person unless it names another.
    Members of staff are not named unless ``with_names``: the right of access (GDPR art. 15) covers when and
    why one's data were read, not by which employee (CJEU C-579/21, 22 June 2023); handing the names out
    is a decision of its own. Raises NotAllowed, Invalid without a reason.
    """
    by.require(AuditPermission.EXTRACT)
    if not reason.strip():
        raise Invalid({"reason": "Skriv varför utdraget lämnas ut."})
    rows = rows_of(about(person_id, case_ids).order_by("id"))
    _looked("audit.extracted", person_id, by, reason)
    return rows if with_names else [_without_name(row) for row in rows]


def own_page(
    person_id: UUID,
    *,
    by: Actor,
    case_ids: Collection[UUID] = (),
    before: UUID | None = None,
    limit: int = PAGE,
) -> EventPage:
    """Return a page of what others have read and done about a person, for that person: the newest first.

    Without names of staff, and without what staff wrote as their reason: it may tell of somebody else or of
    something that is secret to the person, which somebody has to judge first (``extract``).
    """
    _require_own(person_id, by)
    others = about(person_id, case_ids).exclude(actor_kind=ActorKind.RESIDENT.value)
    page = page_of(others, before, limit)
    return EventPage(tuple(_for_the_person(row) for row in page.rows), page.next_before)


def own_extract(person_id: UUID, *, by: Actor, case_ids: Collection[UUID] = ()) -> list[EventRow]:
    """Return all that ``own_page`` shows and what the person did, the oldest first; writes that it was taken.

    Names and reasons as there.
    """
    _require_own(person_id, by)
    rows = rows_of(about(person_id, case_ids).order_by("id"))
    _looked("audit.extracted", person_id, by, "")
    return [_for_the_person(row) for row in rows]


def _require_own(person_id: UUID, by: Actor) -> None:
    """The caller has checked that whoever represents somebody may do so in everything."""
    if not by.is_resident or person_id not in (by.id, by.on_behalf_of):
        raise NotAllowed("Du kan bara se vem som har läst dina egna uppgifter.")


def about(person_id: UUID, case_ids: Collection[UUID]) -> QuerySet[AuditEvent]:
    """Return what concerns a person: events that name them, and those of their cases without a name."""
    mine = Q(person_id=person_id) | Q(person_id__isnull=True, case_id__in=list(case_ids))
    return AuditEvent.objects.filter(mine)


def _looked(event: str, person_id: UUID, by: Actor, reason: str) -> None:
    record_read(event=event, by=by, obj=("identity.person", person_id), person_id=person_id, reason=reason)


def page_of(events: QuerySet[AuditEvent], before: UUID | None, limit: int) -> EventPage:
    """Return a page of events, the newest first, after the place where the last page ended: two queries."""
    if before is not None:
        events = events.filter(pk__lt=before)
    rows = rows_of(events.order_by("-id")[: limit + 1])
    more = len(rows) > limit
    return EventPage(tuple(rows[:limit]), rows[limit - 1].id if more else None)


def rows_of(events: QuerySet[AuditEvent]) -> list[EventRow]:
    """Return events with their values: two queries."""
    found = list(events)
    values = AuditValue.objects.in_bulk([event.pk for event in found if event.value_hash])
    return [_row(event, values.get(event.pk)) for event in found]


def _row(event: AuditEvent, value: AuditValue | None) -> EventRow:
    beside: dict[str, Any] = {}
    if value is not None:
        beside, _ = open_values(event.tenant_id, event.pk, value.token)
    return EventRow(
        id=event.pk,
        at=event.at,
        event=event.event,
        is_read=event.is_read,
        actor_kind=event.actor_kind,
        actor_id=event.actor_id,
        actor_name=event.actor_name or str(beside.get("actor_name", "")),
        channel=event.channel,
        on_behalf_of=event.on_behalf_of,
        object_type=event.object_type,
        object_id=event.object_id,
        case_id=event.case_id,
        person_id=event.person_id,
        field_names=tuple(event.field_names),
        fields=dict(beside.get("fields", {})),
        reason=str(beside.get("reason", "")),
        disposed=bool(event.value_hash) and value is None,
    )


def _without_name(row: EventRow) -> EventRow:
    return replace(row, actor_id=None, actor_name="") if row.actor_kind == ActorKind.STAFF else row


def _for_the_person(row: EventRow) -> EventRow:
    own = row.actor_kind == ActorKind.RESIDENT
    return replace(_without_name(row), reason=row.reason if own else "", fields={})
