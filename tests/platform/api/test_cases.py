"""A system sees the cases of its units, page by page, and nothing that is protected."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.platform.api.conftest import System, Town, connect
from tests.support import people

from sambruk.common.clock import now
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Case

NEXT = re.compile(r'<http://jarfalla\.localhost(/api/v1)([^>]+)>; rel="next"')


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content.decode()
    return [one["id"] for one in response.json()["items"]]


def test_a_case_of_the_units(system: System, town: Town) -> None:
    case = town.handed_over()
    town.report()
    listed = system.get("/cases").json()["items"]
    assert [one["id"] for one in listed] == [str(case.pk)]
    body = system.get(f"/cases/{case.pk}").json()
    assert body["number"] == case.number
    assert body["serviceId"] == "felanmalan"
    assert body["unit"] == {"id": str(town.street.pk), "name": "Gata"}
    assert body["parties"] == [{"role": "reporter", "personId": None, "name": "Nils", "representedBy": ""}]
    assert body["openedAt"].endswith("Z")
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in body)


def test_a_system_without_units_sees_none(town: Town) -> None:
    town.handed_over()
    assert ids(connect().get("/cases")) == []


def test_each_page_begins_after_the_one_before(system: System, town: Town) -> None:
    at = now()
    # Three of them at the same instant: the second key of the order tells them apart.
    made = [people.case(at=town.street, serial=n, opened_at=at + timedelta(seconds=n // 3)) for n in range(7)]
    want = [str(one.pk) for one in sorted(made, key=lambda one: (one.opened_at, one.pk))]
    found, path = [], "/cases?limit=2&status=open"
    for _ in range(4):
        response = system.get(path)
        found += ids(response)
        link = NEXT.fullmatch(response.get("Link", ""))
        path = link[2] if link else ""
    assert found == want
    assert path == ""


def test_as_many_queries_for_many_cases_as_for_one(system: System, town: Town) -> None:
    people.case(at=town.street, serial=1)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert len(ids(system.get("/cases"))) == 1
    for n in range(2, 30):
        people.case(people.person(), at=town.street, serial=n)
    with CaptureQueriesContext(connection) as many:
        assert len(ids(system.get("/cases"))) == 29
    assert len(many) == len(one)


def test_filters(system: System, town: Town) -> None:
    old = people.case(at=town.street, serial=1, opened_at=now() - timedelta(days=3), service_id="annat")
    done = people.case(
        at=town.street, serial=2, station="closed", closed_at=now(), disposal_fault="ingen regel"
    )
    assert ids(system.get("/cases?status=closed")) == [str(done.pk)]
    assert ids(system.get("/cases?status=open")) == [str(old.pk)]
    assert ids(system.get("/cases?service=annat")) == [str(old.pk)]
    day = (now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ids(system.get(f"/cases?openedFrom={day}")) == [str(done.pk)]
    assert system.get("/cases?service=A").status_code == 422


@pytest.mark.parametrize("when", ["from the beginning", "later"])
def test_a_protected_person_is_not_there_at_all(system: System, town: Town, when: str) -> None:
    hidden = people.person("Hemliga")
    secrecy = "protected" if when == "from the beginning" else "social"
    case = people.case(hidden, at=town.street, secrecy=secrecy)
    if when == "later":
        assert ids(system.get("/cases")) == [str(case.pk)]
        hidden.protection = "skyddad"
        hidden.save()
    assert ids(system.get("/cases")) == []
    for part in ("", "/log", "/tasks", "/commands"):
        response = system.get(f"/cases/{case.pk}{part}")
        assert response.status_code == 404
        assert "Hemliga" not in response.content.decode()


def test_no_personal_number_in_any_answer(system: System, town: Town) -> None:
    person = people.person("Anna", personal_number="199006022397")
    case = town.handed_over()
    case.parties.create(person=person, role="applicant", name=person.full_name)
    said = "".join(
        system.get(path).content.decode()
        for path in ("/cases", f"/cases/{case.pk}", f"/cases/{case.pk}/log", f"/cases/{case.pk}/tasks")
    )
    assert "Anna" in said
    assert "9006022397" not in said
    assert "900602" not in said


def test_a_read_of_a_case_is_logged(system: System, town: Town) -> None:
    case = town.handed_over()
    system.get(f"/cases/{case.pk}")
    event = AuditEvent.objects.get(case_id=case.pk, is_read=True)
    assert (event.actor_name, event.actor_kind, event.event) == ("Gatubolaget", "api", "case.read")


def test_log_and_tasks_page_by_page(system: System, town: Town) -> None:
    case = town.handed_over()
    tasks = system.get(f"/cases/{case.pk}/tasks").json()["items"]
    assert [(one["element"], one["state"]) for one in tasks] == [("sort", "done"), ("receive", "open")]
    whole = system.get(f"/cases/{case.pk}/log").json()["items"]
    assert whole[0]["text"] == "Ärendet kom in."
    first = system.get(f"/cases/{case.pk}/log?limit=1")
    rest = system.get(f"/cases/{case.pk}/log?after={first.json()['next']}")
    assert first.json()["items"] + rest.json()["items"] == whole
    assert 'rel="next"' in first["Link"]
    assert "Link" not in rest


def test_a_unit_that_is_taken_away_is_gone_at_once(system: System, town: Town) -> None:
    town.handed_over()
    assert len(ids(system.get("/cases"))) == 1
    system.client.client_units.all().delete()
    assert ids(system.get("/cases")) == []
    assert Case.objects.count() == 1
