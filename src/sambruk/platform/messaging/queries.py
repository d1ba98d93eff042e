"""Reading conversations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Prefetch

from sambruk.common.actor import Actor
from sambruk.platform.cases import access
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.documents.models import Document
from sambruk.platform.identity import protection
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging.models import Message, MessageDocument, Notice, Side

#: A conversation is shown from its end; earlier messages by a link.
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the reader sees it. ``is_new``: the reader's side had not seen it before."""

    id: UUID
    author: str
    on_behalf_of: str
    text: str
    at: datetime
    is_own: bool
    is_new: bool
    read_at: datetime | None
    files: Sequence[Document]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A case's messages, oldest first; ``before`` is where the earlier ones begin, None if this is all."""

    lines: Sequence[Line]
    before: UUID | None


def conversation(*, case: Case, actor: Actor, before: UUID | None = None, limit: int = PAGE) -> Conversation:
    """Return the last messages of a case that the actor may see, or the last before one. Raises NotFound."""
    access.require_case(case.id, actor)
    side = Side.STAFF if actor.is_staff else Side.RESIDENT
    files = Prefetch("attachments", MessageDocument.objects.select_related("document").order_by("id"))
    rows = Message.objects.filter(case=case).select_related("author_person", "on_behalf_of")
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.prefetch_related(files).order_by("-id")[: limit + 1])
    shown = found[:limit]
    names = _names(case, actor)
    lines = [_line(message, side, actor, names) for message in reversed(shown)]
    return Conversation(lines, shown[-1].id if len(found) > limit else None)


def _names(case: Case, actor: Actor) -> dict[UUID, str]:
    """Return how the actor may call the case's parties."""
    parties = Party.objects.filter(case=case, person__isnull=False).select_related("person")
    return {
        party.person.id: protection.visible_name(party.person, actor) for party in parties if party.person
    }


def _line(message: Message, side: Side, actor: Actor, names: dict[UUID, str]) -> Line:
    own = actor.id is not None and actor.id in (message.author_person_id, message.author_staff_id)
    return Line(
        id=message.id,
        author=_called(message.author_person, actor, names) or message.author_name,
        on_behalf_of=_called(message.on_behalf_of, actor, names),
        text=message.text,
        at=message.at,
        is_own=own,
        is_new=message.side != side and message.read_at is None,
        read_at=message.read_at,
        files=[each.document for each in message.attachments.all()],
    )


def _called(person: Person | None, actor: Actor, names: dict[UUID, str]) -> str:
    if person is None:
        return ""
    return names.get(person.id) or protection.visible_name(person, actor)


def unread_for_person(person_id: UUID, case_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many messages from the authority the person has not seen, by case (those with any)."""
    rows = Message.objects.filter(case_id__in=list(case_ids), side=Side.STAFF).exclude(
        receipts__reader_id=person_id
    )
    return dict(rows.order_by().values_list("case_id").annotate(n=Count("id")))


def unread_for_staff(case_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many messages from residents no member of staff has seen, by case (those with any)."""
    rows = Message.objects.filter(case_id__in=list(case_ids), side=Side.RESIDENT, read_at__isnull=True)
    return dict(rows.order_by().values_list("case_id").annotate(n=Count("id")))


def unnotified(case: Case) -> list[Notice]:
    """Return the latest notice of each person and channel that did not come through, for staff to see."""
    latest = Notice.objects.filter(case=case).order_by("person_id", "channel", "-id")
    return [
        notice for notice in latest.distinct("person_id", "channel") if notice.state in ("skipped", "failed")
    ]
