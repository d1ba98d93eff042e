"""A municipality that takes reports, a contractor's system that handles them, and its way in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.support import people

from sambruk.common.actor import Actor, anonymous_actor, system_actor
from sambruk.common.clock import today
from sambruk.common.ids import uuid7
from sambruk.platform.cases import commands
from sambruk.platform.cases.actions.opening import NewCase, NewParty, open_case
from sambruk.platform.cases.models import Case
from sambruk.platform.cases.numbers import assign_number
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions import effective
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.identity.actions.api_clients import create_api_client, issue_token
from sambruk.platform.identity.models import ApiClient, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.platform.tenancy.models import Principal

SERVICES = Path(__file__).parents[3] / "services"
ADMIN = frozenset(map(str, Permission))


def administrator() -> Actor:
    """Somebody who may do everything that a person need not answer for."""
    return system_actor(current_tenant_id(), "test", ADMIN)


@dataclass
class System:
    """A system with a token, that calls one municipality's address over HTTP."""

    client: ApiClient
    token: str
    host: str = "jarfalla.localhost"
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"host": self.host, "authorization": f"Bearer {self.token}", **more}

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(f"/api/v1{path}", headers=self._headers(headers))

    def post(self, path: str, body: Any, **headers: str) -> Any:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(
            f"/api/v1{path}", text, content_type="application/json", headers=self._headers(headers)
        )

    def delete(self, path: str) -> Any:
        return self.http.delete(f"/api/v1{path}", headers=self._headers({}))


def connect(*units: Unit, scopes: tuple[str, ...] = (), host: str = "jarfalla.localhost") -> System:
    """Let a system in to some units of the current tenant."""
    wanted = list(scopes or (Permission.CASE_READ, Permission.REPORT_HANDLE))
    client, secret = create_api_client(by=administrator(), name="Gatubolaget", scopes=wanted, units=units)
    _, token = issue_token(client_id=client.client_id, secret=secret)
    return System(client, token, host)


@dataclass
class Town:
    """The units of the reports, and the service as it is offered."""

    centre: Unit
    street: Unit
    effective: Effective

    def report(self, **changes: Any) -> Case:
        """A report that has come in at the contact centre."""
        values: dict[str, Any] = {
            "effective": self.effective,
            "title": "Hål i vägen på Storgatan",
            "unit_id": self.centre.pk,
            "authority_id": self.centre.authority_id,
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

    def handed_over(self, **changes: Any) -> Case:
        """A report that the contact centre has handed over to the street's unit."""
        case = self.report(**changes)
        agent = people.actor(people.staff(f"ali-{uuid7().hex[-6:]}", "contact_centre", at=self.centre))
        commands.run(case_id=case.pk, command="do:sort", data={"sorting": "hand_over"}, by=agent)
        return case


def build_town() -> Town:
    """Publish and adopt the service of reports in the current tenant."""
    centre, street = people.unit("kontaktcenter", "technical"), people.unit("gata", "technical")
    definitions.publish_loaded(loaded=load_folder(SERVICES / "felanmalan"), by=administrator())
    units = {"default": centre.pk, "contact_centre": centre.pk, "field_worker": street.pk}
    definitions.adopt(service="felanmalan", units=units, by=administrator())
    return Town(centre, street, effective.for_service("felanmalan"))


@pytest.fixture
def town(tenant: Principal) -> Town:
    return build_town()


@pytest.fixture
def system(town: Town) -> System:
    """The contractor's system, with the street's unit."""
    return connect(town.street)
