"""Every error is problem+json with a Swedish sentence, and tells nothing of the inside."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from tests.platform.api.conftest import System, Town, build_town, connect

from sambruk.platform.api.paging import encode
from sambruk.platform.cases import api as cases_api
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Assert that a response is a problem, and return it."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"].endswith((".", "?"))
    assert response["X-Api-Version"] == "1.0.0"
    assert response["Cache-Control"] == "no-store"
    return body


def test_without_a_token_the_challenge_says_how(town: Town) -> None:
    response = Client().get("/api/v1/cases", headers={"host": "jarfalla.localhost"})
    problem(response, 401, "unauthenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_token_that_does_not_hold(system: System) -> None:
    system.token = "x" * 43
    response = system.get("/cases")
    problem(response, 401, "unauthenticated")
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_a_session_cookie_is_no_token(town: Town) -> None:
    from tests.support import people

    staff = people.staff("ali", "contact_centre", at=town.centre)
    from sambruk.platform.tenancy.context import current_principal

    browser = people.browser(current_principal(), staff)
    assert browser.get("/api/v1/cases").status_code == 401


def test_the_scope_that_is_missing_is_named(town: Town) -> None:
    system = connect(town.street, scopes=(Permission.REPORT_HANDLE,))
    response = system.get("/cases")
    problem(response, 403, "insufficient_scope")
    assert 'scope="case.read"' in response["WWW-Authenticate"]
    assert system.get("/services").status_code == 200


def test_a_token_of_another_municipality_is_refused(
    committed_db: str, jarfalla: Principal, botkyrka: Principal
) -> None:
    with tenant_transaction(jarfalla.pk):
        system = connect(build_town().street)
    with tenant_transaction(botkyrka.pk):
        own = connect(build_town().street, host="botkyrka.localhost")
    assert system.get("/cases").status_code == 200
    assert own.get("/cases").status_code == 200
    system.host = "botkyrka.localhost"
    problem(system.get("/cases"), 401, "unauthenticated")


def test_an_unknown_host_and_an_unknown_address(system: System) -> None:
    problem(system.get("/nothing-here"), 404, "no_such_address")
    problem(system.get("/cases/not-an-id"), 404, "no_such_address")


def test_an_unknown_municipality(committed_db: str) -> None:
    response = Client().get("/api/v1/cases", headers={"host": "nowhere.localhost"})
    problem(response, 404, "no_such_address")


def test_what_is_not_there_is_not_told_apart_from_what_one_may_not_see(system: System, town: Town) -> None:
    problem(system.get(f"/cases/{uuid4()}"), 404, "not_found")
    problem(system.get(f"/cases/{town.report().pk}"), 404, "not_found")


@pytest.mark.parametrize("path", ["/cases?after=%00", "/cases?service=a%00", "/%00"])
def test_what_no_text_can_hold_is_refused_at_the_door(system: System, path: str) -> None:
    problem(system.get(path), 400, "unreadable")


def test_a_method_that_is_not_there(system: System) -> None:
    response = system.delete("/cases")
    problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"not json"])
def test_a_body_that_is_no_json(system: System, town: Town, body: bytes) -> None:
    problem(system.post("/subscriptions", body), 400, "unreadable")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"eventTypes": ["case.opened"]}, "url"),
        ({"url": "https://example.se/", "eventTypes": "case.opened"}, "eventTypes"),
        ({"url": "https://example.se/", "eventTypes": []}, "eventTypes"),
        ({"url": "https://example.se/", "eventTypes": ["case.opened"], "extra": 1}, "extra"),
        ({"url": "https://example.se/" + "a" * 500, "eventTypes": ["case.opened"]}, "url"),
    ],
)
def test_the_fields_that_are_wrong_are_named_as_the_client_names_them(
    system: System, body: dict[str, Any], field: str
) -> None:
    found = problem(system.post("/subscriptions", body), 422, "malformed")
    assert [one["field"] for one in found["errors"]] == [field]
    assert "aaaa" not in str(found)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=many", "status=both", "openedFrom=x", "openedFrom=0001-01-01T00:00:00Z"],
)
def test_parameters_out_of_bounds(system: System, query: str) -> None:
    found = problem(system.get(f"/cases?{query}"), 422, "malformed")
    assert found["errors"][0]["field"] == query.partition("=")[0]


YEAR_ONE = encode(["0001-01-01T00:00:00+14:00", str(UUID(int=1))])


@pytest.mark.parametrize("after", [YEAR_ONE, "x", "Zm9v", "Zm9vfGJhcg", "å", "MjAyNi0wMS0wMXw", "////"])
def test_a_page_token_that_is_not_ours(system: System, after: str) -> None:
    problem(system.get(f"/cases?after={after}"), 422, "bad_page_token")


def test_a_fault_of_ours_tells_nothing(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(cases_api.access, "visible", broken)
    response = system.get("/cases")
    problem(response, 500, "fault")
    assert "secret" not in response.content.decode()
    assert "Error" not in response.content.decode()


def test_a_body_that_is_too_large(system: System, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problem(system.post("/subscriptions", {"url": "x" * 2000, "eventTypes": []}), 413, "too_large")
