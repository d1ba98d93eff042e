"""Telling a party that something waits for a signature: that there is news, never what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from sambruk.common.clock import now
from sambruk.common.ids import uuid7
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.exchange import outbox
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging.jobs import EMAIL_KIND, SMS_KIND
from sambruk.platform.messaging.models import Channel, Notice
from sambruk.platform.messaging.recipients import address_of, channels_of, email_to, mobile_to

_KINDS = {Channel.EMAIL: EMAIL_KIND, Channel.SMS: SMS_KIND}
#: Deliveries to somebody who has chosen no way here: by what the application says.
GIVEN_KINDS = {Channel.EMAIL: "forms.signer_email", Channel.SMS: "forms.signer_sms"}
#: Nobody is reminded more often by a press of the button, or by us, and never more often in all.
REMIND_AFTER = timedelta(days=1)
BY_ITSELF_AFTER = timedelta(days=3)
MOST = 4


def due() -> Q:
    """Return the predicate for signers who are reminded without anybody's asking."""
    return Q(signed_at=None, reminders__lt=MOST) & (
        Q(reminded_at__lt=now() - BY_ITSELF_AFTER)
        | Q(reminded_at=None, draft__frozen_at__lt=now() - REMIND_AFTER)
    )


def send_reminder(draft: Draft, place: DraftSigner) -> bool:
    """Promise a reminder to a signer, and write down when; False where there is no way to reach the person.

    By the channels that the person has chosen. Without any, and to somebody who has never logged in here, by
    the telephone or e-mail address that the application gives. A protected person is not written to.
    """
    person = Person.objects.filter(pk=place.person_id).first() if place.person_id else None
    if person is not None and person.is_protected:
        return False
    if not ((person is not None and _by_own_choice(person)) or _as_given(draft, place)):
        return False
    place.reminded_at = now()
    place.reminders += 1
    place.not_reached = False
    place.save(update_fields=["reminded_at", "reminders", "not_reached"])
    return True


def can_reach(draft: Draft, place: DraftSigner) -> bool:
    """Return whether `send_reminder` has a way to the signer."""
    person = Person.objects.filter(pk=place.person_id).first() if place.person_id else None
    if person is not None and person.is_protected:
        return False
    return bool(person is not None and _own_ways(person)) or bool(given_ways(draft, place.party))


def _own_ways(person: Person) -> list[Channel]:
    return [channel for channel in channels_of(person) if address_of(person, channel).to]


def _by_own_choice(person: Person) -> bool:
    rows = [
        Notice(id=uuid7(), person=person, channel=channel, occasion="to_sign")
        for channel in _own_ways(person)
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


def _as_given(draft: Draft, place: DraftSigner) -> bool:
    ways = given_ways(draft, place.party)
    outbox.enqueue_many(
        [
            outbox.Wanted(
                kind=GIVEN_KINDS[channel],
                object_id=place.pk,
                key=f"to_sign:{place.pk}:{place.reminders}:{channel}",
            )
            for channel in ways
        ]
    )
    return bool(ways)


def given_ways(draft: Draft, party: str) -> Mapping[Channel, str]:
    """Return where the application says that a party is reached, by channel; only what can be used.

    The telephone and e-mail fields that stand in the same step as the field that says who the party is.
    """
    service = definitions.by_hash(draft.definition_hash).service
    declared = service.parties.get(party)
    if declared is None or declared.person is None:
        return {}
    found: dict[Channel, str] = {}
    for step in service.steps:
        if declared.person not in {field.id for field in step.fields}:
            continue
        for field in step.fields:
            typed = draft.answers.get(field.id)
            if not isinstance(typed, str):
                continue
            if field.type == "email" and (address := email_to(typed).to):
                found.setdefault(Channel.EMAIL, address)
            elif field.type == "phone" and settings.SMS_URL and (number := mobile_to(typed).to):
                found.setdefault(Channel.SMS, number)
    return found
