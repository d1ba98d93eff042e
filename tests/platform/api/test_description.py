"""The API describes itself, and answers as it says: what others' machines send is tried against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.platform.api.conftest import System, Town, connect
from tests.platform.api.test_filing import ANSWERS as REPORT

from sambruk.platform.api.auth import SCOPES
from sambruk.platform.api.urls import api

APP = get_wsgi_application()
HOST = {"host": "jarfalla.localhost"}


@pytest.fixture
def description(town: Town) -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/v1/openapi.json", headers=HOST).json()
    return found


def test_about_the_api(town: Town) -> None:
    response = Client().get("/api/v1/api-info", headers=HOST)
    assert response.json() == {
        "apiName": "Sambruk",
        "apiVersion": "1.0.0",
        "apiReleased": "2026-11-24",
        "apiDocumentation": "http://jarfalla.localhost/api/v1/openapi.json",
        "apiStatus": "active",
    }
    assert response["X-Api-Version"] == "1.0.0"


def test_the_form_of_swedens_profile(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.")
    for path in description["paths"]:
        plain = re.sub(r"\{[^}]+\}", "", path)
        assert re.fullmatch(r"/api/v1(/[a-z-]*)+", plain), path
    for name, schema in description["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", field), (name, field)
    queries = [
        one["name"]
        for path in description["paths"].values()
        for operation in path.values()
        for one in operation["parameters"]
        if one["in"] == "query"
    ]
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in queries)


def test_every_operation_but_one_asks_for_a_token(description: dict[str, Any]) -> None:
    without = [
        path
        for path, operations in description["paths"].items()
        for operation in operations.values()
        if not operation.get("security")
    ]
    assert without == ["/api/v1/api-info"]
    assert description["paths"]["/api/v1/cases"]["get"]["security"] == [{"OAuth2": ["case.read"]}]
    flow = description["components"]["securitySchemes"]["OAuth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/api/v1/token"
    assert "case.read" in flow["scopes"]


def test_no_page_that_fetches_from_elsewhere(system: System) -> None:
    for path in ("/docs", "/", "/redoc"):
        assert system.get(path).status_code == 404
    for path in ("/api/v1/openapi.json", "/api/v1/api-info"):
        assert "https://" not in Client().get(path, headers=HOST).content.decode().replace(
            "https://json-schema.org", ""
        )


SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1"))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


RIGHT, WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
#: What takes nothing cannot be called wrongly.
WRONG_WAYS = [one for one in OPERATIONS if one.query or one.body]
CALLS = [(one, RIGHT) for one in OPERATIONS] + [(one, WRONG) for one in WRONG_WAYS]


@contextmanager
def one_connection() -> Iterator[None]:
    """A request must not end the test's transaction, as Django's own test client sees to as well."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "mode"), CALLS, ids=[f"{one.method.upper()} {one.path} {mode.value}" for one, mode in CALLS]
)
def test_it_answers_as_it_says(operation: Any, mode: schemathesis.GenerationMode, town: Town) -> None:
    """Right and wrong calls, made from the description; each is undone, so that none prepares another."""
    # Every right, in every unit: what is tried is what comes after the door.
    system = connect(town.street, town.centre, scopes=tuple(SCOPES))
    made = system.post("/subscriptions", {"url": "http://127.0.0.1:9/", "eventTypes": ["case.opened"]})
    filed = system.post("/services/felanmalan/submissions", {"answers": REPORT}, **{"idempotency-key": "a"})
    known = {
        "case_id": str(town.handed_over().pk),
        "command": "return:receive",
        "service_id": "felanmalan",
        "submission_id": filed.json()["id"],
        "subscription_id": made.json()["id"],
    }
    token = {"Authorization": f"Bearer {system.token}"}
    statuses: set[int] = set()

    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(call=operation.as_strategy(generation_mode=mode))
    def try_it(call: Any) -> None:
        for name in call.path_parameters or {}:
            call.path_parameters[name] = known[name]
        with transaction.atomic():
            answer = call.call("http://jarfalla.localhost", headers=token, app=APP)
            transaction.set_rollback(True)
        statuses.add(answer.status_code)
        call.validate_response(answer, checks=CHECKS)

    with one_connection():
        try_it()
    assert statuses - {401, 404}, "nothing but refusals was tried"
