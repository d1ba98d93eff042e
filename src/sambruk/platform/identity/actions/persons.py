"""Persons: known from a login or registered by staff, protected, opened with a reason."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.common.personal_number import PersonalNumber
from sambruk.common.text import single_line
from sambruk.platform.audit.actions import record, record_read
from sambruk.platform.identity.actor import resident_actor
from sambruk.platform.identity.events import ProtectionChanged
from sambruk.platform.identity.models import Person, Protection, Session
from sambruk.platform.identity.oidc.identity import Identity
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.queries import find_person

_MIN_REASON = 5


def require_reason(reason: str) -> str:
    """Return the reason as one line. Raises Invalid for one that says nothing."""
    text = single_line(reason, 300)
    if len(text) < _MIN_REASON:
        raise Invalid({"reason": "Skriv varför, med några ord. Det sparas i loggen."})
    return text


@transaction.atomic
def upsert_person_from_login(*, identity: Identity) -> Person:
    """Return the person of a verified login, made or brought up to date by its claims.

    The actor is the person. Names follow the e-ID, which takes them from the population register; contact
    data is taken only where the person has none here, since the person may have chosen otherwise.
    """
    number = identity.number
    if number is None:
        raise Invalid("Inloggningen har inget personnummer.")
    person = find_person(number)
    if person is None:
        try:
            with transaction.atomic():
                return _create_from_login(number, identity)
        except IntegrityError:
            # Two first logins at once: the other one made the row.
            person = find_person(number)
            if person is None:
                raise
    changed = {
        name: value
        for name, value in (("given_name", identity.given_name), ("family_name", identity.family_name))
        if value and getattr(person, name) != value
    }
    if changed:
        _assign(person, changed)
        by = resident_actor(person, assurance=identity.assurance)
        record(event="person.updated_by_login", by=by, obj=person, person_id=person.pk, fields=changed)
    return person


def _create_from_login(number: PersonalNumber, identity: Identity) -> Person:
    given, family = identity.given_name, identity.family_name
    if not (given or family):
        given, _, family = identity.name.rpartition(" ")
    person = Person.objects.create(
        personal_number=number.digits,
        given_name=given,
        family_name=family,
        email=identity.email,
        phone=identity.phone,
    )
    by = resident_actor(person, assurance=identity.assurance)
    record(event="person.created_by_login", by=by, obj=person, person_id=person.pk)
    return person


def _assign(person: Person, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    person.changed_at = now()
    person.save(update_fields=[*values, "changed_at"])


@transaction.atomic
def register_person(
    *,
    by: Actor,
    number: PersonalNumber | None,
    given_name: str,
    family_name: str,
    street: str = "",
    postal_code: str = "",
    city: str = "",
    email: str = "",
    phone: str = "",
) -> Person:
    """Register a person who has not logged in (telephone, visit, paper). Permission: person.register.

    Raises Conflict if the number is here already: take that person instead.
    """
    by.require(Permission.PERSON_REGISTER)
    values = {
        "given_name": single_line(given_name, 200),
        "family_name": single_line(family_name, 200),
        "street": single_line(street, 200),
        "postal_code": single_line(postal_code, 10),
        "city": single_line(city, 100),
        "email": _email(email),
        "phone": single_line(phone, 40),
    }
    if not (values["given_name"] and values["family_name"]):
        raise Invalid({"given_name": "Skriv förnamn och efternamn."})
    if number is not None and find_person(number) is not None:
        raise Conflict("Personen finns redan. Sök på personnumret.", code="person_exists")
    try:
        with transaction.atomic():
            person = Person.objects.create(personal_number=number.digits if number else "", **values)
    except IntegrityError as error:
        raise Conflict("Personen finns redan. Sök på personnumret.", code="person_exists") from error
    named = {name: value for name, value in values.items() if value}
    record(event="person.registered", by=by, obj=person, person_id=person.pk, fields=named)
    return person


def _email(text: str) -> str:
    email = single_line(text, 254)
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise Invalid({"email": "Skriv e-postadressen som namn@exempel.se."}) from error
    return email


@transaction.atomic
def update_contact(
    *, by: Actor, person: Person, email: str, phone: str, notify_email: bool, notify_sms: bool
) -> None:
    """Change how a person is reached: the person, or staff who may register persons.

    Raises Invalid where a way to be told is chosen without its address.
    """
    if not (by.is_resident and person.pk in (by.id, by.on_behalf_of)):
        by.require(Permission.PERSON_REGISTER)
    values: dict[str, object] = {
        "email": _email(email),
        "phone": single_line(phone, 40),
        "notify_email": notify_email,
        "notify_sms": notify_sms,
    }
    faults = {}
    if notify_email and not values["email"]:
        faults["email"] = "Skriv din e-postadress, så att vi kan meddela dig där."
    if notify_sms and not values["phone"]:
        faults["phone"] = "Skriv ditt telefonnummer, så att vi kan skicka sms."
    if faults:
        raise Invalid(faults)
    _assign(person, values)
    record(event="person.contact_changed", by=by, obj=person, person_id=person.pk, fields=values)


@transaction.atomic
def set_protection(*, by: Actor, person: Person, protection: Protection, reason: str) -> None:
    """Set or lift a person's protection. Permission: protected.set; a reason is needed, and is logged.

    A job that reads the population register does the same as a system actor with that permission.
    """
    by.require(Permission.PROTECTED_SET)
    why = require_reason(reason)
    # Whoever makes something that refers to the person waits, and is seen by those who follow.
    before = Person.objects.select_for_update().get(pk=person.pk).protection
    _assign(person, {"protection": protection.value})
    record(
        event="person.protection_set",
        by=by,
        obj=person,
        person_id=person.pk,
        fields={"before": before, "protection": protection.value},
        reason=why,
    )
    events.publish(ProtectionChanged(person, before, by))


@transaction.atomic
def open_protected(*, by: Actor, person: Person, reason: str, session: Session) -> None:
    """Open a protected identity to a member of staff for the rest of the session.

    Permission: protected.open; a reason is needed. The opening is logged as a read of the person.
    """
    by.require(Permission.PROTECTED_OPEN)
    if not by.is_staff or session.staff_id != by.id:
        raise NotAllowed("Bara en medarbetare kan öppna en skyddad identitet.")
    why = require_reason(reason)
    record_read(event="person.protected_opened", by=by, obj=person, person_id=person.pk, reason=why)
    locked = Session.objects.select_for_update().get(pk=session.pk)
    already = locked.data.get("opened", [])
    locked.data["opened"] = sorted({*already, str(person.pk)})
    locked.save(update_fields=["data"])
    session.data = locked.data
