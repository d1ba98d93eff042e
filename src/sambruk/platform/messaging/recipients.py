"""Whom a notice reaches, by which channels, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from sambruk.common.calendar import today
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging.models import Channel


@dataclass(frozen=True, slots=True)
class Address:
    """Where a notice goes, or why it does not (``reason`` of ``Notice``)."""

    to: str = ""
    reason: str = ""


def persons_of(case: Case, person_ids: Iterable[UUID] = ()) -> list[Person]:
    """Return the case's parties, or those of them that are named, and whoever acts for them by mandate now.

    In order of id, so that two transactions that write notices for the same persons cannot lock each other.
    """
    named = set(person_ids)
    parties = Party.objects.filter(case=case, person__isnull=False).select_related("mandate")
    if named:
        parties = parties.filter(Q(person_id__in=named) | Q(mandate__holder_id__in=named))
    ids: set[UUID] = set()
    for party in parties:
        if party.person_id:
            ids.add(party.person_id)
        if party.mandate and party.mandate.holds_on(today()) and party.mandate.covers(case.service_id):
            ids.add(party.mandate.holder_id)
    return list(Person.objects.filter(id__in=ids).order_by("id"))


def channels_of(person: Person) -> list[Channel]:
    """Return by which channels the person wants notices, of those that this installation has."""
    wanted = []
    if person.notify_email:
        wanted.append(Channel.EMAIL)
    if person.notify_sms and settings.SMS_URL:
        wanted.append(Channel.SMS)
    return wanted


def address_of(person: Person, channel: str) -> Address:
    """Return where to send now. A protected person gets none: it would tell where the person is known."""
    if person.is_protected:
        return Address(reason="protected")
    if channel == Channel.EMAIL:
        return email_to(person.email) if person.notify_email else Address(reason="off")
    return mobile_to(person.phone) if person.notify_sms else Address(reason="off")


def email_to(typed: str) -> Address:
    """Return an e-mail address that somebody wrote, or why it cannot be used."""
    address = typed.strip()
    if not address:
        return Address(reason="no_address")
    try:
        validate_email(address)
    except ValidationError:
        return Address(reason="bad_address")
    return Address(to=address)


def mobile_to(typed: str) -> Address:
    """Return a number as E.164 (+46…); one that cannot be a mobile telephone gets no text message."""
    if not typed.strip():
        return Address(reason="no_address")
    try:
        number = phonenumbers.parse(typed, "SE")
    except phonenumbers.NumberParseException:
        return Address(reason="bad_address")
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in mobile:
        return Address(reason="bad_address")
    return Address(to=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
