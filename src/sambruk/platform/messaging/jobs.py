"""Notices as deliveries: promised with the news, sent after it is committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils import translation

from sambruk.common.calendar import now
from sambruk.common.errors import SambrukError
from sambruk.common.ids import uuid7
from sambruk.platform.cases.models import Case
from sambruk.platform.exchange import outbox
from sambruk.platform.exchange.registry import Attempt, Handler
from sambruk.platform.messaging import gateways
from sambruk.platform.messaging.models import Channel, Notice, NoticeState
from sambruk.platform.messaging.recipients import address_of, channels_of, persons_of
from sambruk.platform.messaging.texts import SMS_SENDER_MAX, Text, notice_text
from sambruk.platform.tenancy.context import current_principal

EMAIL_KIND = "messaging.email"
SMS_KIND = "messaging.sms"
_KINDS = {Channel.EMAIL: EMAIL_KIND, Channel.SMS: SMS_KIND}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A notice ready to be sent."""

    to: str
    text: Text
    sender: str


def notify(
    *, case: Case, occasion: str, person_ids: Iterable[UUID] = (), except_for: UUID | None = None
) -> int:
    """Promise notices to the case's parties (or the named ones), but not to ``except_for``. Returns how many.

    In the running transaction. Whoever already has an unsent notice on a channel gets no second. A protected
    person's is recorded as not sent, so that staff can see that another way is needed.
    """
    rows: list[Notice] = []
    for person in persons_of(case, person_ids):
        if person.id == except_for:
            continue
        for channel in channels_of(person):
            notice = Notice(id=uuid7(), person=person, case=case, channel=channel, occasion=occasion)
            if person.is_protected:
                notice.state, notice.reason = NoticeState.SKIPPED, "protected"
            rows.append(notice)
    if not rows:
        return 0
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    waiting = [row for row in rows if row.state == NoticeState.WAITING]
    written = set(Notice.objects.filter(id__in=[row.id for row in waiting]).values_list("id", flat=True))
    outbox.enqueue_many(
        [
            outbox.Wanted(kind=_KINDS[Channel(row.channel)], object_id=row.id, key=f"notice:{row.id}")
            for row in waiting
            if row.id in written
        ]
    )
    return len(written)


def send_notice_email(to: str, text: Text, key: str) -> None:
    """Hand a notice to the mail server. ``key`` makes the Message-ID. Raises as `gateways.send_email`."""
    gateways.send_email(
        to=to,
        subject=text.subject,
        body=text.body,
        sender=text.sender,
        message_id=f"<{key}@{text.host}>",
    )


def send_notice_sms(to: str, text: Text, sender: str, key: str) -> None:
    """Hand a notice to the text message service. Raises as `gateways.send_sms`."""
    name = "".join(char for char in sender if char.isascii() and char.isalnum())[:SMS_SENDER_MAX]
    gateways.send_sms(to=to, text=text.sms, sender=name or "Kommunen", key=key)


class _Notices(Handler[Prepared, None]):
    """What both channels have in common."""

    def prepare(self, attempt: Attempt) -> Prepared | None:
        """Look again at what the person wants now: wishes, address and protection may have changed."""
        unsent = (NoticeState.WAITING, NoticeState.FAILED)
        notice = (
            Notice.objects.filter(pk=attempt.object_id, state__in=unsent).select_related("person").first()
        )
        if notice is None:
            return None
        address = address_of(notice.person, notice.channel)
        if not address.to:
            notice.state, notice.reason = NoticeState.SKIPPED, address.reason
            notice.save(update_fields=["state", "reason"])
            return None
        principal = current_principal()
        with translation.override(notice.person.language or "sv"):
            text = notice_text(principal)
        return Prepared(address.to, text, principal.short_name or principal.name)

    def finish(self, attempt: Attempt, prepared: Prepared, result: None) -> None:
        """Mark it as sent."""
        Notice.objects.filter(pk=attempt.object_id).update(state=NoticeState.SENT, sent_at=now(), reason="")

    def gave_up(self, attempt: Attempt, error: SambrukError) -> None:
        """Mark it as failed, so that staff can see that the person has not been told."""
        reason = "refused" if isinstance(error, gateways.Refused) else ""
        Notice.objects.filter(pk=attempt.object_id).update(state=NoticeState.FAILED, reason=reason)


@outbox.handler(EMAIL_KIND, label="Avisering med e-post")
class EmailNotices(_Notices):
    """By e-mail. Sent again after a lost answer it has the same Message-ID."""

    def call(self, attempt: Attempt, prepared: Prepared) -> None:
        """Hand the mail to the mail server."""
        send_notice_email(prepared.to, prepared.text, attempt.idempotency_key)


@outbox.handler(SMS_KIND, label="Avisering med sms", schedule=outbox.SHORT)
class SmsNotices(_Notices):
    """By text message. Sent again after a lost answer it has the same key."""

    def call(self, attempt: Attempt, prepared: Prepared) -> None:
        """Hand the text to the service."""
        send_notice_sms(prepared.to, prepared.text, prepared.sender, attempt.idempotency_key)
