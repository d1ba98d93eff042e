"""Telling the other party that something waits for a signature: that there is news, never what."""

from __future__ import annotations

from sambruk.common.ids import uuid7
from sambruk.platform.exchange import outbox
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging.jobs import EMAIL_KIND, SMS_KIND
from sambruk.platform.messaging.models import Channel, Notice
from sambruk.platform.messaging.recipients import channels_of

_KINDS = {Channel.EMAIL: EMAIL_KIND, Channel.SMS: SMS_KIND}


def send_reminder(draft: Draft, place: DraftSigner) -> bool:
    """Promise a notice to a signer by the channels that the person has chosen; False where there are none.

    Somebody who has never logged in here, or has protected identity, is not written to: the addresses in the
    application are what another person typed.
    """
    person = Person.objects.filter(pk=place.person_id).first() if place.person_id else None
    if person is None or person.is_protected:
        return False
    rows = [
        Notice(id=uuid7(), person=person, channel=channel, occasion="to_sign")
        for channel in channels_of(person)
    ]
    # One unsent notice a person and channel is enough, whatever it was about.
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    written = set(Notice.objects.filter(id__in=[row.id for row in rows]).values_list("id", flat=True))
    outbox.enqueue_many(
        [
            outbox.Wanted(kind=_KINDS[Channel(row.channel)], object_id=row.id, key=f"notice:{row.id}")
            for row in rows
            if row.id in written
        ]
    )
    return bool(rows)
