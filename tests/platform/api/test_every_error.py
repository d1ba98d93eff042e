"""Each error under /api/ has one form, also where the answer was made before any operation was asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotAllowed
from django.test import Client, RequestFactory
from tests.platform.api.conftest import System, Town
from tests.platform.api.test_errors import problem

from sambruk.config.api_errors import ApiErrorsMiddleware
from sambruk.platform.cases import api as cases_api
from sambruk.platform.tenancy import hosts

HOST = {"host": "jarfalla.localhost"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/v1/cases", "/api/v1/token", "/api/v1/openapi.json", "/api/finns-inte"]
)
def test_a_database_that_is_away(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_host: str) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(hosts, "principal_of", away)
    answer: Any = Client(raise_request_exception=False).get(path, headers=HOST)
    body = problem(answer, 503, "unavailable")
    assert answer["Retry-After"] == "10"
    assert "server closed" not in str(body)


def test_a_database_that_goes_away_in_the_middle(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("terminating connection")

    monkeypatch.setattr(cases_api.access, "visible", away)
    answer = system.get("/cases")
    problem(answer, 503, "unavailable")
    assert answer["Retry-After"]


def test_a_token_s_errors_are_oauth_s_and_ours_at_once(town: Town) -> None:
    """RFC 6749 section 5.2 beside RFC 9457."""
    client = Client()
    for data, status, code in (
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401, "invalid_client"),
    ):
        answer = client.post("/api/v1/token", data, headers=HOST)
        body = answer.json()
        assert (answer.status_code, body["error"], body["code"], body["status"]) == (
            status,
            code,
            code,
            status,
        )
        assert body["detail"] == body["error_description"]
        assert answer["Content-Type"] == "application/json"
        assert (answer["X-Api-Version"], answer["Cache-Control"]) == ("1.0.0", "no-store")
    got: Any = client.get("/api/v1/token", headers=HOST)
    problem(got, 405, "method_not_allowed")
    assert got["Allow"] == "POST"


@pytest.mark.parametrize(
    ("made", "status", "code"),
    [
        (lambda: HttpResponseForbidden("<h1>Nej</h1>"), 403, "not_allowed"),
        (lambda: HttpResponseNotAllowed(["GET"]), 405, "method_not_allowed"),
        (lambda: HttpResponse("<h1>", status=418), 418, "unreadable"),
        (lambda: HttpResponse("Traceback", status=502), 502, "unavailable"),
    ],
)
def test_an_answer_of_anybody_else_is_given_the_form(made: Any, status: int, code: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return made()  # type: ignore[no-any-return]

    answer = ApiErrorsMiddleware(view)(RequestFactory().get("/api/v1/cases"))
    body = problem_of(answer)
    assert (answer.status_code, body["code"]) == (status, code)
    assert "Traceback" not in str(body)
    assert (
        b"<h1>"
        in ApiErrorsMiddleware(lambda _: HttpResponse("<h1>", status=403))(
            RequestFactory().get("/mina-sidor/")
        ).content
    )  # type: ignore[attr-defined]


def problem_of(answer: Any) -> dict[str, Any]:
    import json

    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.content)
    return found
