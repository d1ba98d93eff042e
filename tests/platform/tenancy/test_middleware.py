"""One request, one transaction, one tenant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.core.handlers.base import BaseHandler
from django.db import OperationalError, connection
from django.test import Client
from tests.support.server import Server

from sambruk.platform.tenancy import hosts
from sambruk.platform.tenancy.context import has_tenant, tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platform.tenancy.urls")]

HOST = "jarfalla.localhost"


@pytest.fixture(autouse=True)
def only_tenancy(settings: Any) -> None:
    settings.MIDDLEWARE = ["sambruk.platform.tenancy.middleware.TenantMiddleware"]


@pytest.fixture
def web() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def kill(database_server: Server, committed_db: str) -> Callable[[], None]:
    """End every session of the test's database, as a restarted server does."""

    def end() -> None:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(database_server.url("admin", "postgres"), autocommit=True) as admin:
            admin.execute(query, (committed_db,))

    return end


def names(principal: Principal) -> list[str]:
    with tenant_transaction(principal.pk):
        return [each.name for each in Authority.objects.all()]


def test_the_host_name_says_whose_pages_they_are(web: Client) -> None:
    assert web.get("/vem/", HTTP_HOST="jarfalla.localhost").content.decode() == "Järfälla kommun"
    assert web.get("/vem/", HTTP_HOST="BOTKYRKA.localhost.:8000").content.decode() == "Botkyrka kommun"


@pytest.mark.parametrize(
    "host", ["okand.localhost", "localhost", "jarfalla.localhost.evil.example", "a b", ""]
)
def test_an_unknown_host_gets_404_and_no_data(web: Client, host: str) -> None:
    with tenantless_pages():
        response = web.get("/vem/", HTTP_HOST=host)
    assert response.status_code == 404
    assert "Järfälla" not in response.content.decode()


def tenantless_pages() -> Any:
    """Without a tenant the error page must not ask for tenant data (the real one does not)."""
    return mock.patch("django.urls.resolvers.URLResolver.resolve_error_handler", lambda *_: _plain)


def _plain(request: Any, exception: Any = None) -> Any:
    from django.http import HttpResponse

    assert not has_tenant()
    return HttpResponse("Sidan finns inte", status=404)


@pytest.mark.parametrize("path", ["/halsa/", "/redo/", "/demo/"])
def test_public_addresses_need_no_principal(web: Client, path: str) -> None:
    response = web.get(path, HTTP_HOST="127.0.0.1:8000")
    assert response.status_code == (503 if path == "/redo/" and _unfinished() else 200)
    assert not has_tenant()


def _unfinished() -> bool:
    from sambruk.platform.tenancy.migrate import pending

    return bool(pending(connection))


def test_a_lazily_rendered_page_reads_inside_the_transaction(web: Client) -> None:
    assert web.get("/lat/", HTTP_HOST=HOST).content.decode() == "Socialnämnden;Tekniska nämnden;"


@pytest.mark.parametrize(
    ("then", "status", "kept"),
    [
        ("200", 200, True),
        ("302", 302, True),
        ("422", 422, True),
        ("handled", 200, True),
        ("404", 404, False),
        ("error", 500, False),
        ("broken", 500, False),
        ("500", 500, False),
        ("503", 503, False),
        ("away", 503, False),
    ],
)
@pytest.mark.parametrize("real", [False, True])
def test_what_was_written_stands_or_falls_with_the_response(
    request: pytest.FixtureRequest, then: str, status: int, kept: bool, real: bool
) -> None:
    if real:
        request.getfixturevalue("committed_db")
    web = Client(raise_request_exception=False)
    response = web.get(f"/skriv/{then}/", HTTP_HOST=HOST)
    assert response.status_code == status
    if then in ("404", "error", "broken"):
        assert response.content.decode() == "2 nämnder"  # the error page read the tenant's data, undone
    principal = Principal.objects.get(code="0123")
    assert ("Ny nämnd" in names(principal)) is kept
    assert not has_tenant()
    assert web.get("/vem/", HTTP_HOST="botkyrka.localhost").content.decode() == "Botkyrka kommun"


def test_the_host_is_looked_up_once_a_minute(web: Client, django_assert_num_queries: Any) -> None:
    web.get("/vem/", HTTP_HOST=HOST)
    with django_assert_num_queries(4):  # a savepoint begins and ends, the tenant is set and (only here) unset
        web.get("/vem/", HTTP_HOST=HOST)
    hosts.forget()
    with mock.patch.object(hosts, "SECONDS", -1):
        web.get("/vem/", HTTP_HOST=HOST)
    with django_assert_num_queries(5):
        web.get("/vem/", HTTP_HOST=HOST)


def test_hosts_that_nobody_has_are_forgotten_in_time() -> None:
    with mock.patch.object(hosts, "_MOST", 3):
        for number in range(10):
            assert hosts.principal_of(f"gissning{number}.localhost") is None
        assert len(hosts._known) == 3


def test_each_caller_gets_a_principal_of_its_own() -> None:
    first, second = hosts.principal_of(HOST), hosts.principal_of(HOST)
    assert first is not None and second is not None
    first.name = "Ändrad"
    assert second.name == hosts.principal_of(HOST).name == "Järfälla kommun"  # type: ignore[union-attr]


def test_a_server_that_was_started_anew_is_found(kill: Callable[[], None], web: Client) -> None:
    assert web.get("/vem/", HTTP_HOST=HOST).status_code == 200
    kill()
    # As if it died between the check of the connection's health and the first statement.
    with mock.patch.object(connection, "close_if_health_check_failed"):
        assert web.get("/vem/", HTTP_HOST=HOST).content.decode() == "Järfälla kommun"


def test_a_database_that_stays_away_gives_503_in_words(committed_db: str, web: Client) -> None:
    hosts.forget()
    with mock.patch.object(connection, "ensure_connection", side_effect=OperationalError("gone")):
        connection.close()
        page = web.get("/vem/", HTTP_HOST=HOST)
        problem = web.get("/api/v1/cases", HTTP_HOST=HOST)
        ready = web.get("/redo/")
        alive = web.get("/halsa/")
    assert page.status_code == problem.status_code == ready.status_code == 503
    assert "Tjänsten har ett tillfälligt fel" in page.content.decode()
    assert page["Retry-After"] == "10"
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["status"] == 503
    assert ready.json()["checks"]["database"] == "away"
    assert alive.status_code == 200


def test_a_database_lost_in_the_view_gives_503(kill: Callable[[], None], web: Client) -> None:
    def lose() -> Any:
        kill()
        return Authority.objects.count()

    with mock.patch("tests.platform.tenancy.urls.current_principal", lose):
        assert web.get("/vem/", HTTP_HOST=HOST).status_code == 503
    assert not has_tenant()
    assert web.get("/vem/", HTTP_HOST=HOST).status_code == 200


def test_a_commit_that_failed_is_no_receipt(kill: Callable[[], None], web: Client) -> None:
    original = BaseHandler._get_response

    def with_loss(self: Any, request: Any) -> Any:
        response = original(self, request)
        kill()
        return response

    with mock.patch.object(BaseHandler, "_get_response", with_loss):
        assert web.get("/skriv/200/", HTTP_HOST=HOST).status_code == 503
    assert "Ny nämnd" not in names(Principal.objects.get(code="0123"))
