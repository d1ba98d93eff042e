"""Writing in a case's conversation, and having read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO
from uuid import UUID

from django.db import IntegrityError, transaction

from sambruk.common.actor import Actor
from sambruk.common.calendar import now
from sambruk.common.errors import Conflict, Invalid, NotAllowed, Unavailable
from sambruk.common.text import clean, require_length
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases import access
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.models import Case, CaseDocument
from sambruk.platform.documents import actions as documents
from sambruk.platform.documents.models import Document
from sambruk.platform.messaging.attachments import KIND
from sambruk.platform.messaging.jobs import notify
from sambruk.platform.messaging.models import TEXT_MAX, Message, MessageDocument, Receipt, Side

MAX_FILES = 10


def side_of(actor: Actor) -> Side:
    """Return from which side the actor writes. Raises NotAllowed for others than the two."""
    if actor.is_resident:
        return Side.RESIDENT
    if actor.is_staff:
        return Side.STAFF
    raise NotAllowed("Logga in för att skriva meddelanden.")


@transaction.atomic
def send_message(
    *,
    case_id: UUID,
    text: str,
    by: Actor,
    files: Sequence[tuple[str, IO[bytes]]] = (),
    key: str = "",
) -> Message:
    """Write a message, with files as pairs of name and content, and tell the other side that there is news.

    A party writes in a case that is open, staff who may work with it at any time. ``key`` is the form's own:
    the same key again returns the message that it made. Raises NotFound, NotAllowed, Conflict for a closed
    case, Invalid with a sentence at ``text`` or ``files``.
    """
    case = access.require_case(case_id, by)
    side = side_of(by)
    if key and (sent := Message.objects.filter(case=case, key=key[:64]).first()):
        return sent
    _require_may_write(case, side, by)
    body = _checked_text(text, has_files=bool(files))
    if len(files) > MAX_FILES:
        raise Invalid({"files": f"Du kan skicka högst {MAX_FILES} filer på en gång."})
    try:
        with transaction.atomic():
            message = Message.objects.create(
                case=case,
                side=side,
                author_person_id=by.id if side is Side.RESIDENT else None,
                author_staff_id=by.id if side is Side.STAFF else None,
                author_name=by.name[:200],
                on_behalf_of_id=by.on_behalf_of,
                text=body,
                key=key[:64],
            )
    except IntegrityError:
        # The same form, sent twice at once: the other came first, and theirs is the message.
        sent = Message.objects.filter(case=case, key=key[:64]).first() if key else None
        if sent is None:
            raise
        return sent
    _attach(message, files, by)
    whom = "Den sökande" if side is Side.RESIDENT else "Kommunen"
    note_event(
        case,
        event="message.sent",
        text=f"{whom} skrev ett meddelande.",
        by=by,
        visible_to_resident=True,
        fields={"message": str(message.id), "files": len(files)},
    )
    notify(case=case, occasion="message", except_for=by.id)
    return message


@transaction.atomic
def keep_completion(*, case: Case, key: str, text: str, documents: Sequence[UUID], by: Actor) -> Message:
    """Write what a party sent as a completion in the conversation of a locked case, with its files.

    The log says already that it came in, and the files stand among the case's documents. The other parties
    are told that there is news; staff find it as an unread message. ``key`` is the task's: one completion
    is one message. Raises NotAllowed for others than residents.
    """
    if not by.is_resident:
        raise NotAllowed("En komplettering skickas av den som har ansökt.")
    message = Message.objects.create(
        case=case,
        side=Side.RESIDENT,
        author_person_id=by.id,
        author_name=by.name[:200],
        on_behalf_of_id=by.on_behalf_of,
        text=text,
        key=key[:64],
    )
    MessageDocument.objects.bulk_create(
        MessageDocument(message=message, document_id=each) for each in documents
    )
    audit.record(
        event="message.completion",
        by=by,
        obj=case,
        case_id=case.pk,
        fields={"message": str(message.id), "files": len(documents)},
    )
    notify(case=case, occasion="message", except_for=by.id)
    return message


def _require_may_write(case: Case, side: Side, by: Actor) -> None:
    if side is Side.STAFF:
        access.require_work(case, by)
    elif not case.is_open:
        raise Conflict("Ärendet är avslutat. Kontakta kommunen om du undrar något.", "case_closed")


def _checked_text(text: str, *, has_files: bool) -> str:
    body = clean(text).strip()
    if not body and not has_files:
        raise Invalid({"text": "Skriv ett meddelande."})
    try:
        return require_length(body, TEXT_MAX)
    except Invalid as error:
        raise Invalid({"text": error.message_sv}) from error


def _attach(message: Message, files: Sequence[tuple[str, IO[bytes]]], by: Actor) -> None:
    """Save the files, and let them stand among the case's documents too."""
    saved: list[Document] = []
    for name, content in files:
        try:
            saved.append(documents.save(content=content, name=name, kind=KIND, by=by))
        except (Invalid, Unavailable) as error:
            # A full or absent store too: the page comes back with the text that was typed.
            raise Invalid({"files": error.message_sv}) from error
    MessageDocument.objects.bulk_create(MessageDocument(message=message, document=each) for each in saved)
    CaseDocument.objects.bulk_create(
        CaseDocument(
            case_id=message.case_id,
            document=each,
            category=KIND,
            title=each.name,
            added_at=message.at,
            added_by=message.author_name,
        )
        for each in saved
    )


@transaction.atomic
def mark_read(*, case_id: UUID, by: Actor) -> int:
    """Note that the actor has seen what the other side wrote. Returns how many were new to the actor.

    Somebody who sees the case for another reason than taking part (an API client) leaves no receipt.
    """
    case = access.require_case(case_id, by)
    side = side_of(by)
    if by.id is None:
        return 0
    others = Message.objects.filter(case=case).exclude(side=side)
    unseen = list(others.exclude(receipts__reader_id=by.id).values_list("id", flat=True))
    if not unseen:
        return 0
    moment = now()
    Receipt.objects.bulk_create(
        (Receipt(message_id=each, reader_id=by.id, reader_side=side, at=moment) for each in unseen),
        ignore_conflicts=True,
    )
    Message.objects.filter(id__in=unseen, read_at__isnull=True).update(read_at=moment)
    audit.record(event="message.read", by=by, obj=case, case_id=case.id, fields={"count": len(unseen)})
    return len(unseen)
