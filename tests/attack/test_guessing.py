"""Somebody who guesses an address of another's finds what is found at an address that does not exist."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.attack.world import SECRETS, AsTenant, World, build
from tests.platform.api.conftest import connect
from tests.support import addresses, people

from sambruk.common.ids import uuid7
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Case, Decision, LogEntry
from sambruk.platform.forms.models import Draft, DraftFile
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.messaging.models import Message
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.slow
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")
_TOKENS = re.compile(r'[A-Za-z0-9]{64}|name="csrfmiddlewaretoken" value="[^"]*"')
TEXTS = {"step_id": "situation", "command": "do:review", "address": "account_overview"}
SENT = {"text": "hej", "reason": "nyfiken", "step": "situation", "remove": "incomes.0"}
#: What a resident and a member of staff have of their own: there, another's is plainly not found.
RESIDENTS_OWN = ("/mina-sidor/", "/kvitto/", "/ansokan/", "/att-signera/", "/dokument/")
STAFFS_OWN = ("/handlaggning/", "/dokument/", "/ansokan/", "/kvitto/")


@pytest.fixture
def world(db: None, jarfalla: Principal, botkyrka: Principal, as_tenant: AsTenant) -> World:
    return build(jarfalla, botkyrka, as_tenant)


def routes_of(world: World) -> list[str]:
    """The addresses that name something of Anna's, of pages."""
    return [
        route
        for route in addresses.all_routes()
        if addresses.parts_of(route).keys() & world.ids.keys() and not route.startswith("api/")
    ]


def ask(client: Client, method: str, path: str) -> tuple[int, str, str]:
    """Status, where it leads, and the page, without what differs from one answer to the next."""
    client.raise_request_exception = True
    response: Any = client.get(path) if method == "GET" else client.post(path, SENT)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = _TOKENS.sub("T", _IDS.sub("ID", body.decode("utf-8", "replace")))
    return response.status_code, _IDS.sub("ID", response.headers.get("Location", "")), text


def state(jarfalla: Principal, as_tenant: AsTenant, world: World) -> list[Any]:
    """All of Anna's that an intruder could have changed, and what the log says of it."""
    with as_tenant(jarfalla):
        case = Case.objects.get(pk=world.case.pk)
        return [
            case.revision, case.process_state, LogEntry.objects.count(), Message.objects.count(),
            list(Draft.objects.values_list("pk", "state", "revision")), DraftFile.objects.count(),
            Decision.objects.get().delivered_at,
            AuditEvent.objects.filter(case_id=case.pk).count(),
        ]  # fmt: skip


def test_anna_and_her_caseworker_do_find_it(world: World) -> None:
    """What is guessed at below is there."""
    ids = world.ids
    for path in (
        f"/mina-sidor/arenden/{ids['case_id']}/",
        f"/mina-sidor/arenden/{ids['case_id']}/beslut/{ids['decision_id']}/",
        f"/mina-sidor/arenden/{ids['case_id']}/komplettera/{ids['task_id']}/",
        f"/mina-sidor/arenden/{ids['case_id']}/meddelanden/",
        f"/kvitto/{ids['case_id']}/",
        f"/ansokan/{ids['draft_id']}/situation/",
        f"/dokument/{ids['document_id']}/",
    ):
        assert ask(world.annas, "GET", path)[0] == 200, path
    page = ask(world.caseworker, "GET", f"/handlaggning/arende/{ids['case_id']}/")
    assert page[0] == 200
    assert "Hemligström" in page[2]
    assert "båt för pengarna" in page[2]
    assert ask(world.caseworker, "GET", f"/dokument/{ids['document_id']}/")[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_finds_nothing_and_changes_nothing(
    world: World, jarfalla: Principal, as_tenant: AsTenant, method: str
) -> None:
    before = state(jarfalla, as_tenant, world)
    routes = routes_of(world)
    assert len(routes) > 20
    for who, client in (world.residents | world.staff).items():
        for route in routes:
            real = addresses.address(route, {**TEXTS, **world.ids})
            none: dict[str, UUID] = {name: uuid7() for name in world.ids}
            found = ask(client, method, real)
            assert found == ask(client, method, addresses.address(route, {**TEXTS, **none})), (who, real)
            assert found[0] in (302, 401, 403, 404, 405), (who, real, found[0])
            assert found[0] != 302 or found[1].startswith(("/logga-in/", "/personal/logga-in/")), (
                who,
                found[1],
            )
            assert not [word for word in SECRETS if word in found[2]], (who, real)
            own = RESIDENTS_OWN if who in world.residents else STAFFS_OWN
            if who not in ("nobody", "one who left") and real.startswith(own) and found[0] != 405:
                assert found[0] in ((404,) if method == "GET" else (403, 404)), (who, real, found[0])
    assert state(jarfalla, as_tenant, world) == before


def test_lists_search_and_palette_show_others_nothing(world: World) -> None:
    number = world.case.number
    words = ("Hemligström", number, "bistånd")
    views = ("mine", "inbox", "unit", "all")
    paths = [f"/handlaggning/?vy={view}" for view in views]
    paths += [f"/handlaggning/?vy={view}&sok={word}" for view in views for word in words]
    paths += [f"/handlaggning/palett/?q={word}" for word in words]
    # Whoever has the case finds it by these very addresses: they do search.
    for path in (f"/handlaggning/?vy=unit&sok={number}", f"/handlaggning/palett/?q={number}"):
        assert str(world.case.pk) in world.caseworker.get(path).content.decode(), path
    nothing = world.caseworker.get("/handlaggning/?vy=unit&sok=finnsinte").content.decode()
    assert str(world.case.pk) not in nothing
    for who, client in world.staff.items():
        for path in paths:
            # As it came: the page says the searched word again, and of the case it would have its id.
            page = client.get(path).content.decode()
            secrets = [word for word in SECRETS if word not in path]
            assert not [w for w in (*secrets, str(world.case.pk)) if w in page], (who, path)
        payments = ask(client, "GET", "/ekonomiskt-bistand/utbetalningar/")
        assert "Hemligström" not in payments[2], who
    for who, client in world.residents.items():
        for path in ("/mina-sidor/", "/"):
            assert not [w for w in SECRETS if w in ask(client, "GET", path)[2]], (who, path)


def test_a_session_is_worth_nothing_at_another_municipality(world: World, botkyrka: Principal) -> None:
    """The cookie of Anna and of her caseworker, taken to Botkyrka's host."""
    for client in (world.annas, world.caseworker):
        for path in ("/mina-sidor/", "/handlaggning/", f"/dokument/{world.ids['document_id']}/"):
            answer = client.get(path, headers={"host": "botkyrka.localhost"})
            assert answer.status_code in (302, 404), path
            assert "Anna" not in answer.content.decode()


def test_a_system_of_another_municipality_and_of_another_unit(
    world: World, jarfalla: Principal, botkyrka: Principal, as_tenant: AsTenant
) -> None:
    scopes = (Permission.CASE_READ, Permission.REPORT_HANDLE)
    with as_tenant(botkyrka):
        elsewhere = connect(people.unit("ekonomi"), scopes=scopes, host="botkyrka.localhost")
    with as_tenant(jarfalla):
        unit = connect(people.unit("gata", "technical"), scopes=scopes)
    for system in (elsewhere, unit):
        for path in ("", "/log", "/tasks", "/commands"):
            answer = system.get(f"/cases/{world.case.pk}{path}")
            assert answer.status_code == 404, path
        listed = system.get("/cases")
        assert listed.status_code == 200
        assert str(world.case.pk) not in listed.content.decode()
        ran = system.post(
            f"/cases/{world.case.pk}/commands/accept:receive", {}, idempotency_key="a-key-of-mine-1"
        )
        assert ran.status_code in (403, 404), ran.content
    elsewhere.host = "jarfalla.localhost"
    assert elsewhere.get(f"/cases/{world.case.pk}").status_code == 401
