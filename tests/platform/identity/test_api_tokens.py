"""Other systems get in by their secret, for a quarter of an hour, to what they were given."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from tests.support.browser import Browser

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import now
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.platform.api.auth import SCOPES as API_SCOPES
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity import actions
from sambruk.platform.identity.models import ApiClient, ApiToken, Unit
from sambruk.platform.identity.permissions import FOR_CLIENTS, Permission
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")
SCOPES = [Permission.CASE_READ, Permission.REPORT_HANDLE]


@pytest.fixture
def client(committed_db: str, jarfalla: Principal) -> tuple[ApiClient, str]:
    by = Actor(
        kind=ActorKind.STAFF, name="Ada", tenant_id=jarfalla.pk, permissions=frozenset({"admin.principal"})
    )
    with tenant_transaction(jarfalla.pk):
        unit = Unit.objects.create(name="KC", slug="kc", authority=Authority.objects.all()[0])
        return actions.create_api_client(by=by, name="E-arkivet", scopes=SCOPES, units=[unit])


@pytest.fixture
def system() -> Browser:
    return Browser("jarfalla.localhost", csrf=True)


def ask(system: Browser, client: tuple[ApiClient, str], **more: str) -> Any:
    data = {
        "grant_type": "client_credentials",
        "client_id": client[0].client_id,
        "client_secret": client[1],
        **more,
    }
    return system.post("/api/v1/token", data)


def call(system: Browser, token: str) -> Any:
    return system.get("/api/v1/test", authorization=f"Bearer {token}")


def test_a_client_gets_a_token_and_is_let_in(
    system: Browser, client: tuple[ApiClient, str], jarfalla: Principal
) -> None:
    response = ask(system, client)
    body = response.json()
    assert response["Cache-Control"] == "no-store"
    assert body["token_type"] == "Bearer"
    assert 880 < body["expires_in"] <= 900
    assert body["scope"] == "case.read report.handle"
    answer = call(system, body["access_token"]).json()
    assert answer == {"name": "E-arkivet", "may": ["case.read", "report.handle"], "units": 1}
    with tenant_transaction(jarfalla.pk):
        assert AuditEvent.objects.get(event="api_token.issued").actor_name == "E-arkivet"


def test_the_secret_may_come_in_the_header(system: Browser, client: tuple[ApiClient, str]) -> None:
    basic = base64.b64encode(f"{client[0].client_id}:{client[1]}".encode()).decode()
    response = system.post(
        "/api/v1/token", {"grant_type": "client_credentials"}, authorization=f"Basic {basic}"
    )
    assert response.status_code == 200


def test_a_client_may_ask_for_less_but_not_for_more(system: Browser, client: tuple[ApiClient, str]) -> None:
    less = ask(system, client, scope="case.read").json()
    assert call(system, less["access_token"]).json()["may"] == ["case.read"]
    more = ask(system, client, scope="case.read case.work")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
    ],
)
def test_what_is_wrong_is_said_as_oauth_says_it(
    system: Browser, client: tuple[ApiClient, str], change: dict[str, str], status: int, error: str
) -> None:
    response = ask(system, client, **change)
    assert (response.status_code, response.json()["error"]) == (status, error)


def test_rubbish_in_the_header_is_a_refusal(system: Browser, client: tuple[ApiClient, str]) -> None:
    for header in ("Basic", "Basic ///", "Basic w6U=", "Bearer x"):
        response = system.post("/api/v1/token", {"grant_type": "client_credentials"}, authorization=header)
        assert response.status_code == 401


def test_a_token_of_another_municipality_is_refused(system: Browser, client: tuple[ApiClient, str]) -> None:
    token = ask(system, client).json()["access_token"]
    assert call(Browser("botkyrka.localhost"), token).status_code == 401
    assert ask(Browser("botkyrka.localhost"), client).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000])
def test_a_made_up_token_is_refused(system: Browser, client: tuple[ApiClient, str], token: str) -> None:
    assert call(system, token).status_code == 401


def test_a_token_ends_in_time_with_its_client_and_with_its_scope(
    system: Browser, client: tuple[ApiClient, str], jarfalla: Principal
) -> None:
    token = ask(system, client).json()["access_token"]
    with tenant_transaction(jarfalla.pk):
        ApiClient.objects.update(scopes=["case.read"])
    assert call(system, token).json()["may"] == ["case.read"]
    with tenant_transaction(jarfalla.pk):
        by = Actor(kind=ActorKind.STAFF, tenant_id=jarfalla.pk, permissions=frozenset({"admin.principal"}))
        actions.set_api_client_active(by=by, client_id=client[0].pk, active=False)
    assert call(system, token).status_code == 401
    assert ask(system, client).status_code == 401
    with tenant_transaction(jarfalla.pk):
        actions.set_api_client_active(by=by, client_id=client[0].pk, active=True)
    token = ask(system, client).json()["access_token"]
    with tenant_transaction(jarfalla.pk):
        ApiToken.objects.update(expires_at=now() - timedelta(seconds=1))
    assert call(system, token).status_code == 401


def test_no_secret_lies_in_the_table(
    system: Browser, client: tuple[ApiClient, str], jarfalla: Principal
) -> None:
    token = ask(system, client).json()["access_token"]
    with tenant_transaction(jarfalla.pk):
        stored = str(list(ApiClient.objects.values())) + str(list(ApiToken.objects.values()))
    assert client[1] not in stored
    assert token not in stored


@pytest.mark.parametrize(
    "scopes",
    [
        [],
        ["made.up"],
        [Permission.PROTECTED_OPEN, Permission.CASE_READ],
        *([one] for one in Permission if one not in API_SCOPES),
    ],
)
def test_a_client_is_not_given_what_asks_for_a_person(admin: Actor, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        actions.create_api_client(by=admin, name="E-arkivet", scopes=scopes, units=[])


def test_what_a_client_is_given_is_what_the_interface_declares() -> None:
    assert set(FOR_CLIENTS) == set(API_SCOPES)
    assert actions.api_clients.scopes_for_clients() == [str(one) for one in Permission if one in API_SCOPES]


def test_what_no_client_may_hold_is_not_let_in_from_the_table_either(
    system: Browser, client: tuple[ApiClient, str], jarfalla: Principal
) -> None:
    with tenant_transaction(jarfalla.pk):
        ApiClient.objects.update(scopes=["admin.principal", "case.read", "payment.order"])
    token = ask(system, client).json()["access_token"]
    assert call(system, token).json()["may"] == ["case.read"]


def test_only_the_principals_administrator_lets_a_client_in(tenant: Principal) -> None:
    by = Actor(kind=ActorKind.STAFF, permissions=frozenset({"admin.staff"}))
    with pytest.raises(NotAllowed):
        actions.create_api_client(by=by, name="E-arkivet", scopes=SCOPES, units=[])
