"""A case from first to last: the fault in the street, handed over, mended, answered, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.support import people

from sambruk.common.actor import Actor, anonymous_actor
from sambruk.common.clock import today
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.common.ids import uuid7
from sambruk.platform.cases import access, commands
from sambruk.platform.cases.actions import work
from sambruk.platform.cases.actions.opening import NewCase, NewParty, open_case
from sambruk.platform.cases.models import Case, LogEntry, Task
from sambruk.platform.cases.numbers import assign_number
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.identity.models import Unit
from sambruk.platform.tenancy.context import current_tenant_id

Offer = Callable[[str, dict[str, Unit]], Effective]


def report(effective: Effective, unit: Unit, **changes: Any) -> Case:
    """A report that has come in, numbered."""
    values: dict[str, Any] = {
        "effective": effective,
        "title": "Hål i vägen på Storgatan",
        "unit_id": unit.pk,
        "authority_id": unit.authority_id,
        "secrecy": "public",
        "due_on": today() + timedelta(days=1),
        "parties": (NewParty(role="reporter", name="Nils", contact={"email": "nils@example.se"}),),
        "submission_key": uuid7(),
        "answers": {"kind": "road", "danger": False, "description": "Djupt hål"},
        "content_hash": "a" * 64,
        "flags": {"dangerous": False},
        **changes,
    }
    case = open_case(NewCase(**values), by=anonymous_actor(current_tenant_id()))
    assign_number(case)
    return case


@pytest.fixture
def centre(tenant: object) -> Unit:
    return people.unit("kontaktcenter", "technical")


@pytest.fixture
def effective(offer: Offer, centre: Unit, street: Unit) -> Effective:
    return offer("felanmalan", {"default": centre, "contact_centre": centre, "field_worker": street})


@pytest.fixture
def agent(centre: Unit) -> Actor:
    return people.actor(people.staff("ali", "contact_centre", at=centre))


@pytest.fixture
def worker(street: Unit) -> Actor:
    return people.actor(people.staff("mats", "field_worker", at=street))


def test_a_report_is_sorted_handed_over_mended_answered_and_closed(
    effective: Effective, centre: Unit, street: Unit, agent: Actor, worker: Actor
) -> None:
    case = report(effective, centre)
    assert case.number.endswith("-000001")
    assert [o.id for o in commands.offers(case, agent)] == ["take", "do:sort", "note"]

    commands.run(case_id=case.pk, command="do:sort", data={"sorting": "hand_over"}, by=agent)
    case.refresh_from_db()
    assert case.unit_id == street.pk
    assert not access.may_see(case, agent)
    assert {"accept:receive", "return:receive"} <= {o.id for o in commands.offers(case, worker)}

    commands.run(case_id=case.pk, command="accept:receive", data={}, by=worker)
    commands.run(case_id=case.pk, command="do:fix", data={}, by=worker)
    case.refresh_from_db()
    assert case.unit_id == centre.pk
    with pytest.raises(Invalid, match="Svar till den som"):
        commands.run(case_id=case.pk, command="do:answer", data={"message": " "}, by=agent)
    commands.run(case_id=case.pk, command="do:answer", data={"message": "Hålet är lagat."}, by=agent)

    case.refresh_from_db()
    assert case.closed_at is not None
    assert case.disposal_on is not None or case.disposal_fault
    said = LogEntry.objects.filter(case=case, visible_to_resident=True).values_list("text", flat=True)
    assert "Hålet är lagat." in said
    assert not Task.objects.filter(case=case, state="open").exists()


def test_a_function_returns_it_with_a_reason(
    effective: Effective, centre: Unit, agent: Actor, worker: Actor
) -> None:
    case = report(effective, centre)
    commands.run(case_id=case.pk, command="do:sort", data={"sorting": "hand_over"}, by=agent)
    with pytest.raises(Invalid):
        commands.run(case_id=case.pk, command="return:receive", data={"reason": " "}, by=worker)
    commands.run(case_id=case.pk, command="return:receive", data={"reason": "Statens väg"}, by=worker)
    case.refresh_from_db()
    assert case.unit_id == centre.pk
    assert LogEntry.objects.filter(case=case, text__contains="Statens väg").exists()


def test_the_contact_centre_takes_what_it_sorts_and_answers(
    effective: Effective, centre: Unit, street: Unit, agent: Actor, worker: Actor
) -> None:
    case = report(effective, centre)
    commands.run(case_id=case.pk, command="take", data={}, by=agent)
    commands.run(case_id=case.pk, command="note", data={"text": "Ringde upp: hålet är djupt."}, by=agent)
    case.refresh_from_db()
    assert case.assignee_id == agent.id
    colleague = people.actor(people.staff("bea", "contact_centre", at=centre))
    assert "take" not in {o.id for o in commands.offers(case, colleague)}
    with pytest.raises(Conflict, match="kollega"):
        work.take(case_id=case.pk, by=colleague)
    commands.run(case_id=case.pk, command="do:sort", data={"sorting": "hand_over"}, by=agent)
    commands.run(case_id=case.pk, command="accept:receive", data={}, by=worker)
    case.refresh_from_db()
    # With the function it is the function's: neither taken nor written in by the contact centre.
    Case.objects.filter(pk=case.pk).update(unit=centre)
    case.refresh_from_db()
    assert commands.offers(case, agent) == []
    with pytest.raises(NotAllowed):
        work.take(case_id=case.pk, by=agent)


def test_approving_a_payment_is_not_to_have_the_case(
    effective: Effective, centre: Unit, agent: Actor
) -> None:
    case = report(effective, centre)
    Task.objects.filter(case=case).update(role="payment_approver")
    approver = people.actor(people.staff("pia", "payment_approver", at=centre))
    assert "take" not in {o.id for o in commands.offers(case, approver)}


def test_a_command_is_refused_where_it_is_not_offered(
    effective: Effective, centre: Unit, agent: Actor, worker: Actor
) -> None:
    case = report(effective, centre)
    with pytest.raises(NotFound):
        commands.run(case_id=case.pk, command="do:sort", data={"sorting": "answer"}, by=worker)
    with pytest.raises(Conflict):
        commands.run(case_id=case.pk, command="accept:receive", data={}, by=agent)


def test_two_people_on_one_case_the_second_is_told(effective: Effective, centre: Unit, agent: Actor) -> None:
    case = report(effective, centre)
    seen = case.revision
    commands.run(
        case_id=case.pk, command="do:sort", data={"sorting": "answer"}, by=agent, expected_revision=seen
    )
    with pytest.raises(Conflict) as told:
        commands.run(
            case_id=case.pk, command="do:answer", data={"message": "x"}, by=agent, expected_revision=seen
        )
    assert told.value.code == "changed_meanwhile"


def test_the_same_submission_twice_is_refused_by_the_database(effective: Effective, centre: Unit) -> None:
    from django.db import IntegrityError, transaction

    key = uuid7()
    report(effective, centre, submission_key=key)
    with pytest.raises(IntegrityError), transaction.atomic():
        report(effective, centre, submission_key=key)
    assert Case.objects.count() == 1
