"""A protected identity is hidden wherever staff may meet it, until it is opened with a reason."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from sambruk.common.actor import Actor, ActorKind, system_actor
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity import actions, queries, sessions
from sambruk.platform.identity.actor import resident_actor
from sambruk.platform.identity.models import Person, Protection, StaffMember
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.protection import (
    listable,
    visible_address,
    visible_contact,
    visible_name,
    visible_number,
)
from sambruk.platform.tenancy.models import Principal

STAFF = Actor(
    kind=ActorKind.STAFF,
    id=uuid4(),
    permissions=frozenset({str(Permission.PERSON_READ), str(Permission.PROTECTED_OPEN)}),
)
REASON = "Ringer om sin ansökan"


@pytest.fixture
def hidden(tenant: Principal) -> Person:
    return Person.objects.create(
        personal_number="199006022397",
        given_name="Anna",
        family_name="Ek",
        street="Storgatan 1",
        postal_code="177 80",
        city="Järfälla",
        email="anna@exempel.se",
        phone="070-1740605",
        protection=Protection.CONFIDENTIAL,
    )


def test_nothing_of_a_protected_person_is_shown_to_staff(hidden: Person) -> None:
    assert visible_name(hidden, STAFF) == "Skyddad identitet"
    assert visible_number(hidden, STAFF) == visible_number(hidden, STAFF, full=True) == ""
    assert visible_address(hidden, STAFF) == []
    assert visible_contact(hidden, STAFF) == ("", "")


@pytest.mark.parametrize("protection", [p for p in Protection if p])
def test_every_kind_of_protection_hides(hidden: Person, protection: Protection) -> None:
    hidden.protection = protection
    assert visible_name(hidden, STAFF) == "Skyddad identitet"


def test_an_unprotected_person_is_shown_with_the_number_masked(hidden: Person) -> None:
    hidden.protection = Protection.NONE
    assert visible_name(hidden, STAFF) == "Anna Ek"
    assert visible_number(hidden, STAFF) == "19900602-****"
    assert visible_number(hidden, STAFF, full=True) == "19900602-2397"
    assert visible_address(hidden, STAFF) == ["Storgatan 1", "177 80 Järfälla"]


def test_the_person_and_the_letter_see_the_name(hidden: Person, tenant: Principal) -> None:
    assert visible_name(hidden, resident_actor(hidden, assurance=3)) == "Anna Ek"
    assert visible_name(hidden, system_actor(tenant.pk, "letters")) == "Anna Ek"
    stranger = resident_actor(Person(given_name="Bo"), assurance=3)
    assert visible_name(hidden, stranger) == "Skyddad identitet"
    helper = Actor(kind=ActorKind.RESIDENT, id=uuid4(), on_behalf_of=hidden.pk)
    assert visible_name(hidden, helper) == "Anna Ek"
    assert (
        visible_name(hidden, Actor(kind=ActorKind.API, permissions=STAFF.permissions)) == "Skyddad identitet"
    )


def test_a_protected_person_is_not_found_by_name(hidden: Person) -> None:
    Person.objects.create(given_name="Ada", family_name="Ek")
    assert [p.given_name for p in queries.search_persons(STAFF, "ek")] == ["Ada"]
    assert Person.objects.filter(listable(STAFF)).count() == 1


def test_opening_needs_a_reason_is_logged_and_lasts_for_the_session(
    hidden: Person, make_staff: Callable[..., StaffMember]
) -> None:
    staff = make_staff("dag", "decision_maker")
    session, key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    found = sessions.find(key)
    assert found is not None
    session, by = found
    with pytest.raises(Invalid):
        actions.open_protected(by=by, person=hidden, reason=" x ", session=session)
    actions.open_protected(by=by, person=hidden, reason=REASON, session=session)
    event = AuditEvent.objects.get(event="person.protected_opened")
    assert (event.is_read, event.person_id, event.actor_id) == (True, hidden.pk, staff.pk)
    again = sessions.find(key)
    assert again is not None
    assert visible_name(hidden, again[1]) == "Anna Ek"
    _, fresh_key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    fresh = sessions.find(fresh_key)
    assert fresh is not None
    assert visible_name(hidden, fresh[1]) == "Skyddad identitet"


def test_who_may_not_open_does_not(hidden: Person, make_staff: Callable[..., StaffMember]) -> None:
    staff = make_staff("karin", "caseworker")
    session, key = sessions.start(account=staff, provider=staff.provider, assurance=3, old_key=None)
    found = sessions.find(key)
    assert found is not None
    with pytest.raises(NotAllowed):
        actions.open_protected(by=found[1], person=hidden, reason=REASON, session=session)
    assert not AuditEvent.objects.filter(event="person.protected_opened").exists()


def test_lifting_protection_is_logged_with_what_it_was(hidden: Person, admin: Actor) -> None:
    with pytest.raises(Invalid):
        actions.set_protection(by=admin, person=hidden, protection=Protection.NONE, reason="")
    actions.set_protection(by=admin, person=hidden, protection=Protection.NONE, reason="Beslut 2026-03-01")
    event = AuditEvent.objects.get(event="person.protection_set")
    assert sorted(event.field_names) == ["before", "protection"]
    assert Person.objects.get(pk=hidden.pk).protection == ""


def test_a_name_stands_in_no_text_of_a_person(hidden: Person) -> None:
    assert "Anna" not in f"{hidden} {hidden!r}"
