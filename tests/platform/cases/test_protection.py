"""A person who becomes protected after the case began: nothing tells of it any more, until it ends."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.platform.cases.test_walk import Offer, report
from tests.support import people

from sambruk.common.actor import Actor, system_actor
from sambruk.common.errors import NotFound
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases import access, queries
from sambruk.platform.cases.actions.opening import NewParty
from sambruk.platform.cases.jobs import follow_protection
from sambruk.platform.cases.models import Case, LogEntry
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.identity.actions import persons
from sambruk.platform.identity.models import Person, Protection, StaffMember, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import current_tenant_id

WHY = "Uppgift från folkbokföringen"


def register() -> Actor:
    return system_actor(current_tenant_id(), "Folkbokföring", frozenset({Permission.PROTECTED_SET}))


def protect(person: Person, protection: Protection = Protection.CONFIDENTIAL) -> None:
    persons.set_protection(by=register(), person=person, protection=protection, reason=WHY)


@pytest.fixture
def effective(offer: Offer, street: Unit) -> Effective:
    return offer("felanmalan", {"default": street})


@pytest.fixture
def nora(tenant: object) -> Person:
    return people.person("Nora", street="Lingonstigen 4", postal_code="17731", city="Järfälla")


@pytest.fixture
def worker(street: Unit) -> StaffMember:
    return people.staff("mats", "field_worker", at=street)


@pytest.fixture
def decider(street: Unit) -> StaffMember:
    return people.staff("doris", "decision_maker", at=street)


def of(effective: Effective, street: Unit, *parties: Person) -> Case:
    return report(
        effective,
        street,
        search_words="Björkvägen 9",
        answers={
            "kind": "road",
            "danger": False,
            "description": "Djupt hål",
            "place": {"address": "Björkvägen 9"},
        },
        parties=tuple(
            NewParty(role="reporter", person_id=p.pk, name=p.full_name, protected=p.is_protected)
            for p in parties
        ),
    )


def found(actor: Actor, words: str) -> list[UUID]:
    return [one.id for one in queries.staff_list(actor, view="unit", search=words).cases]


def test_the_case_follows_and_comes_back(
    effective: Effective, street: Unit, nora: Person, worker: StaffMember, decider: StaffMember
) -> None:
    case = of(effective, street, nora)
    Case.objects.filter(pk=case.pk).update(assignee=worker)
    staff, boss = people.actor(worker), people.actor(decider)
    assert found(staff, "Nora") == found(staff, "Björkvägen") == [case.pk]

    protect(nora)
    case.refresh_from_db()
    assert (case.secrecy, case.assignee_id) == ("protected", None)
    assert case.search_text == case.title
    with pytest.raises(NotFound):
        access.require_case(case.pk, staff)
    assert access.may_see(case, boss)
    assert found(boss, "Nora") == found(boss, "Björkvägen") == []
    assert AuditEvent.objects.filter(event="case.secrecy_followed", case_id=case.pk).count() == 1
    assert "Nora" not in LogEntry.objects.get(case=case, kind="case.secrecy_followed").text

    protect(nora, Protection.NONE)
    case.refresh_from_db()
    assert case.secrecy == "public", "what its service says"
    assert found(staff, "Nora") == found(staff, "Björkvägen") == [case.pk]


def test_one_who_may_open_keeps_the_case_and_one_protected_party_is_enough(
    effective: Effective, street: Unit, nora: Person, decider: StaffMember
) -> None:
    other = people.person("Ove")
    case = of(effective, street, nora, other)
    Case.objects.filter(pk=case.pk).update(assignee=decider)
    protect(nora)
    protect(other)
    case.refresh_from_db()
    assert (case.secrecy, case.assignee_id) == ("protected", decider.pk)
    protect(nora, Protection.NONE)
    case.refresh_from_db()
    assert case.secrecy == "protected", "the other is protected still"
    protect(other, Protection.NONE)
    case.refresh_from_db()
    assert case.secrecy == "public"


def test_a_case_that_was_protected_from_the_beginning_comes_back_whole(
    effective: Effective, street: Unit, nora: Person, worker: StaffMember
) -> None:
    protect(nora)
    nora.refresh_from_db()
    case = of(effective, street, nora)
    assert case.secrecy == "protected"
    assert case.search_text == case.title
    protect(nora, Protection.NONE)
    assert found(people.actor(worker), "Nora") == found(people.actor(worker), "Björkvägen") == [case.pk]


def test_it_is_all_or_nothing(
    effective: Effective, street: Unit, nora: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = of(effective, street, nora)

    def fails(*args: object, **values: object) -> None:
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr("sambruk.platform.cases.protection.note_event", fails)
    with pytest.raises(RuntimeError):
        protect(nora)
    nora.refresh_from_db()
    case.refresh_from_db()
    assert (nora.protection, case.secrecy) == ("", "public")


def test_the_night_finds_a_case_that_came_in_meanwhile(
    effective: Effective, street: Unit, nora: Person
) -> None:
    case = of(effective, street, nora)
    Person.objects.filter(pk=nora.pk).update(protection="skyddad")
    untouched = of(effective, street, people.person("Ove"))
    follow_protection(case.tenant_id)
    case.refresh_from_db()
    untouched.refresh_from_db()
    assert (case.secrecy, untouched.secrecy) == ("protected", "public")
    Person.objects.filter(pk=nora.pk).update(protection="")
    follow_protection(case.tenant_id)
    case.refresh_from_db()
    assert case.secrecy == "public"
