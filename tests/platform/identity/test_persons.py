"""Persons: registered by staff, found by number, told of things as they wish."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.common.personal_number import parse
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity import actions
from sambruk.platform.identity.actor import resident_actor
from sambruk.platform.identity.models import Person
from sambruk.platform.identity.oidc.identity import Identity
from sambruk.platform.identity.queries import find_person, search_persons
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

NUMBER = parse("199006022397", test_mode=True)


def register(by: Actor, **more: Any) -> Person:
    values = {"number": NUMBER, "given_name": "Anna", "family_name": "Ek", **more}
    return actions.register_person(by=by, **values)


def test_a_registered_person_is_found_by_number(admin: Actor) -> None:
    person = register(admin, street="Storgatan 1")
    assert find_person(NUMBER) == person
    event = AuditEvent.objects.get(event="person.registered")
    assert (event.person_id, event.actor_name) == (person.pk, "Ada")


def test_the_same_number_twice_is_the_same_person(admin: Actor) -> None:
    register(admin)
    with pytest.raises(Conflict) as caught:
        register(admin)
    assert caught.value.code == "person_exists"
    assert Person.objects.count() == 1


def test_two_without_number_are_two(admin: Actor) -> None:
    register(admin, number=None)
    register(admin, number=None)
    assert Person.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"given_name": " "}, {"family_name": ""}, {"email": "anna@"}])
def test_what_is_wrong_is_said(admin: Actor, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        register(admin, **wrong)
    assert caught.value.field_errors
    assert not Person.objects.exists()


def test_who_may_not_register_does_not(tenant: Principal) -> None:
    with pytest.raises(NotAllowed):
        register(Actor(kind=ActorKind.STAFF, permissions=frozenset({"case.read"})))


def test_where_the_log_cannot_be_written_nothing_is_changed(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr("sambruk.platform.identity.actions.persons.record", fail)
    with pytest.raises(RuntimeError):
        register(admin)
    assert not Person.objects.exists()


def test_names_are_sorted_as_in_swedish_and_found_by_their_beginning(admin: Actor) -> None:
    for family in ("Öst", "Ek", "Åker", "Zander", "Ekman"):
        register(admin, number=None, family_name=family)
    names = [p.family_name for p in Person.objects.order_by("sort_key", "id")]
    assert names == ["Ek", "Ekman", "Zander", "Åker", "Öst"]
    assert [p.family_name for p in search_persons(admin, "ek")] == ["Ek", "Ekman"]
    assert search_persons(admin, " ") == []


def test_a_name_search_uses_its_index(admin: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM identity_person WHERE sort_key >= 'ek' AND sort_key < 'ek~'"
            " ORDER BY sort_key, id LIMIT 20"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "person_by_name" in plan
    assert "sort_key >= 'ek'" in plan.split("Index Cond")[1]


def test_a_login_does_not_overwrite_how_the_person_wants_to_be_reached(tenant: Principal) -> None:
    first = Identity("a", 3, "", NUMBER, "Anna", "Ek", email="old@exempel.se")
    person = actions.upsert_person_from_login(identity=first)
    actions.update_contact(
        by=resident_actor(person, assurance=3),
        person=person,
        email="anna@exempel.se",
        phone="",
        notify_email=True,
        notify_sms=False,
    )
    again = actions.upsert_person_from_login(
        identity=Identity("a", 3, "", NUMBER, "Anna", "Ekman", email="new@exempel.se")
    )
    assert (again.pk, again.email, again.family_name) == (person.pk, "anna@exempel.se", "Ekman")
    assert Person.objects.get().sort_key == "ekman anna"


def test_a_login_without_split_names_is_taken_as_written(tenant: Principal) -> None:
    person = actions.upsert_person_from_login(identity=Identity("a", 3, "", NUMBER, name="Anna Maria Ek"))
    assert (person.given_name, person.family_name) == ("Anna Maria", "Ek")


def test_to_be_told_one_must_say_where(admin: Actor) -> None:
    person = register(admin)

    def choose(by: Actor, **more: Any) -> None:
        values = {"email": "", "phone": "", "notify_email": False, "notify_sms": False, **more}
        actions.update_contact(by=by, person=person, **values)

    with pytest.raises(Invalid) as caught:
        choose(admin, notify_email=True, notify_sms=True)
    assert set(caught.value.field_errors) == {"email", "phone"}
    stranger = resident_actor(Person(given_name="Bo"), assurance=3)
    with pytest.raises(NotAllowed):
        choose(stranger, phone="070-1740605")
    choose(resident_actor(person, assurance=3), phone="070-1740605", notify_sms=True)


def test_no_name_or_number_lies_in_the_log_itself(admin: Actor, make_staff: Callable[..., object]) -> None:
    register(admin, email="anna@exempel.se")
    stored = str(list(AuditEvent.objects.values()))
    assert "anna@exempel.se" not in stored
    assert NUMBER.digits not in stored


def test_two_first_logins_at_once_are_one_person(committed_db: str, jarfalla: Principal) -> None:
    both = Barrier(2)
    found: list[object] = []

    def log_in() -> None:
        try:
            with tenant_transaction(jarfalla.pk):
                both.wait(10)
                found.append(
                    actions.upsert_person_from_login(identity=Identity("a", 3, "", NUMBER, "A", "E")).pk
                )
        finally:
            connection.close()

    threads = [Thread(target=log_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 2
    assert len(set(found)) == 1


def test_a_login_without_number_makes_nobody(tenant: Principal) -> None:
    with pytest.raises(Invalid):
        actions.upsert_person_from_login(identity=Identity("a", 3, ""))
    assert not Person.objects.exists()
