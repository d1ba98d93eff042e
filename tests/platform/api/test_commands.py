"""What a system may do is offered, and one key gives one effect."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.platform.api.conftest import SERVICES, System, Town, administrator, build_town, connect
from tests.platform.api.test_errors import problem
from tests.support import people

from sambruk.common.clock import now
from sambruk.platform.api import idempotency, jobs
from sambruk.platform.api.models import IdempotencyRecord
from sambruk.platform.cases import commands
from sambruk.platform.cases.models import LogEntry, Task
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions import effective
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

Json = dict[str, Any]


def offered(system: System, case_id: object) -> list[str]:
    return [one["id"] for one in system.get(f"/cases/{case_id}/commands").json()["items"]]


def test_a_contractor_takes_over_mends_and_the_case_moves_on(system: System, town: Town) -> None:
    case = town.handed_over()
    assert offered(system, case.pk) == ["accept:receive", "return:receive"]
    taken = system.post(f"/cases/{case.pk}/commands/accept:receive", {})
    assert taken.status_code == 200, taken.content.decode()
    assert taken.json()["message"] == "Ta emot: klart."
    assert offered(system, case.pk) == ["do:fix"]
    done = system.post(f"/cases/{case.pk}/commands/do:fix", {"fields": {"message": "Lagat\u0007 i dag"}})
    # The case has gone back to the contact centre, where this system has nothing to do with it.
    assert done.json() == {"message": "Åtgärda felet: klart.", "case": None}
    assert LogEntry.objects.filter(case=case, text="Lagat i dag", by_kind="api").exists()
    assert Task.objects.get(case=case, element="fix").done_by == "Gatubolaget"


def test_what_a_person_must_do_is_not_offered(town: Town) -> None:
    case = town.handed_over()
    system = connect(town.street, town.centre, scopes=(Permission.CASE_READ, Permission.CASE_WORK))
    assert offered(system, case.pk) == []
    for command in ("take", "note", "accept:receive", "made:up"):
        answer = system.post(f"/cases/{case.pk}/commands/{command}", {"fields": {"text": "x"}})
        problem(answer, 409, "conflict")
    case.refresh_from_db()
    assert case.assignee_id is None


def test_a_decision_is_not_proposed_by_a_system_that_may_do_the_rest(town: Town) -> None:
    loaded = load_folder(SERVICES / "ekonomiskt-bistand-ateransokan")
    definitions.publish_loaded(loaded=loaded, by=administrator())
    roles = ("default", "caseworker", "decision_maker", "payment_approver")
    definitions.adopt(
        service=loaded.service.service, units=dict.fromkeys(roles, town.centre.pk), by=administrator()
    )
    case = people.case(
        at=town.centre, definition_hash=effective.for_service(loaded.service.service).hash, secrecy="social"
    )
    for element, declared in loaded.service.tasks.items():
        if declared.role == "caseworker":
            case.tasks.create(
                element=element, spiff_id=element, title=element, done_by_kind="staff", role="caseworker",
                unit=town.centre, opened_at=now(),
            )  # fmt: skip
    proposing = [key for key, declared in loaded.service.tasks.items() if declared.decides == "propose"]
    assert proposing
    caseworker = people.actor(people.staff("eva", "caseworker", at=town.centre))
    assert f"propose:{proposing[0]}" in [one.id for one in commands.offers(case, caseworker)]
    system = connect(town.centre, scopes=(Permission.CASE_READ, Permission.CASE_WORK))
    found = offered(system, case.pk)
    assert found
    assert all(not one.startswith(("propose:", "decide:")) for one in found)


def test_a_role_in_a_unit_that_the_system_was_not_given(town: Town) -> None:
    case = town.handed_over()
    Task.objects.filter(case=case, element="receive").update(unit=town.centre)
    assert offered(connect(town.street), case.pk) == []


def test_the_form_says_what_is_missing(system: System, town: Town) -> None:
    case = town.handed_over()
    form = system.get(f"/cases/{case.pk}/commands").json()
    assert form["items"][1]["fields"][0]["id"] == "reason"
    answer = system.post(f"/cases/{case.pk}/commands/return:receive", {"fields": {"reason": " "}})
    assert problem(answer, 422, "invalid")["errors"] == [{"field": "reason", "detail": "Fyll i ”Varför”."}]
    stale = {"fields": {"reason": "Statens väg"}, "revision": form["revision"] - 1}
    problem(system.post(f"/cases/{case.pk}/commands/return:receive", stale), 409, "changed_meanwhile")
    assert offered(system, case.pk) == ["accept:receive", "return:receive"]


def test_the_same_key_gives_the_same_answer_and_one_effect(system: System, town: Town) -> None:
    case = town.handed_over()
    path = f"/cases/{case.pk}/commands/accept:receive"
    first = system.post(path, {}, **{"idempotency-key": "a-1"})
    again = system.post(path, {}, **{"idempotency-key": "a-1"})
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (200, first.json())
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    problem(system.post(path, {}), 409, "conflict")
    other = system.post(path, {"fields": {"x": "y"}}, **{"idempotency-key": "a-1"})
    problem(other, 422, "idempotency_key_reused")
    elsewhere = system.post(f"/cases/{case.pk}/commands/do:fix", {}, **{"idempotency-key": "a-1"})
    problem(elsewhere, 422, "idempotency_key_reused")


def test_a_key_belongs_to_its_client(system: System, town: Town) -> None:
    case = town.handed_over()
    path = f"/cases/{case.pk}/commands/accept:receive"
    assert system.post(path, {}, **{"idempotency-key": "a-1"}).status_code == 200
    answer = connect(town.street).post(path, {}, **{"idempotency-key": "a-1"})
    problem(answer, 409, "conflict")


def test_what_failed_may_be_tried_again_with_the_same_key(system: System, town: Town) -> None:
    case = town.handed_over()
    path = f"/cases/{case.pk}/commands/return:receive"
    failed = system.post(path, {"fields": {}}, **{"idempotency-key": "b"})
    problem(failed, 422, "invalid")
    assert not IdempotencyRecord.objects.exists()
    body = {"fields": {"reason": "Statens väg"}}
    assert system.post(path, body, **{"idempotency-key": "b"}).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "å", "x" * 201])
def test_a_key_has_a_form(system: System, town: Town, key: str) -> None:
    path = f"/cases/{town.handed_over().pk}/commands/accept:receive"
    found = problem(system.post(path, {}, **{"idempotency-key": key}), 422, "malformed")
    assert found["errors"][0]["field"] == "Idempotency-Key"


def test_a_key_is_forgotten_after_a_day(system: System, town: Town, tenant: Principal) -> None:
    case = town.handed_over()
    path = f"/cases/{case.pk}/commands/accept:receive"
    system.post(path, {}, **{"idempotency-key": "c"})
    IdempotencyRecord.objects.update(created_at=now() - idempotency.KEPT + timedelta(minutes=1))
    jobs.sweep(tenant.pk)
    assert system.post(path, {}, **{"idempotency-key": "c"}).status_code == 200
    IdempotencyRecord.objects.update(created_at=now() - idempotency.KEPT - timedelta(minutes=1))
    # Also where the sweep has not come by.
    problem(system.post(path, {}, **{"idempotency-key": "c"}), 409, "conflict")
    system.post(f"/cases/{case.pk}/commands/do:fix", {}, **{"idempotency-key": "d"})
    IdempotencyRecord.objects.update(created_at=now() - idempotency.KEPT - timedelta(minutes=1))
    jobs.sweep(tenant.pk)
    assert not IdempotencyRecord.objects.exists()


def test_many_at_once_with_one_key_have_one_effect(committed_db: str, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        town = build_town()
        case, system = town.handed_over(), connect(town.street)
    answers: list[Any] = []
    ready = threading.Barrier(6)

    def call() -> None:
        mine = System(system.client, system.token)
        ready.wait()
        path = f"/cases/{case.pk}/commands/accept:receive"
        answers.append(mine.post(path, {}, **{"idempotency-key": "once"}))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [200] * 6
    assert len({one.content for one in answers}) == 1
    assert sorted(one.get("Idempotency-Replayed", "") for one in answers) == ["", *["true"] * 5]
    with tenant_transaction(jarfalla.pk):
        assert LogEntry.objects.filter(case=case, text="Ta emot").count() == 1


def test_an_answer_lies_encrypted(system: System, town: Town) -> None:
    case = town.handed_over()
    system.post(f"/cases/{case.pk}/commands/accept:receive", {}, **{"idempotency-key": "e"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_idempotencyrecord")
        ((stored,),) = cursor.fetchall()
    assert case.number.encode() not in bytes(stored)
