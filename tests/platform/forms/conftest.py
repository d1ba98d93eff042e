"""Both services on offer in Järfälla, people, and a way to act as each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sambruk.common.actor import Actor, ActorKind, system_actor
from sambruk.common.clock import now
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.identity import sessions
from sambruk.platform.identity.models import IdentityProvider, Person, Session, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.models import Authority

SERVICES = Path(__file__).parents[3] / "services"
BY = system_actor(None, "Test", frozenset({Permission.ADMIN_SERVICES}))
ANNA, BO, CAT = "199006022397", "199001012385", "199001022392"


def offer_all() -> None:
    """Publish and adopt both services in the current tenant."""
    technical = Unit.objects.create(
        name="Kontaktcenter", slug="kontaktcenter", authority=Authority.objects.get(kind="technical")
    )
    social = Unit.objects.create(
        name="Ekonomiskt bistånd", slug="ekonomi", authority=Authority.objects.get(kind="social")
    )
    for name, unit in (("felanmalan", technical), ("ekonomiskt-bistand-ateransokan", social)):
        definitions.publish(folder=SERVICES / name, by=BY)
        definitions.adopt(service=name, units={"default": unit.pk}, by=BY)


def person(number: str, given: str, family: str, **more: Any) -> Person:
    """Register a person."""
    return Person.objects.create(
        personal_number=number, given_name=given, family_name=family, street="Storgatan 1",
        postal_code="17731", city="Järfälla", email="anna@exempel.se", phone="+46701234567", **more,
    )  # fmt: skip


def actor(of: Person, assurance: int = 3) -> Actor:
    """Return the person, logged in."""
    return Actor(
        kind=ActorKind.RESIDENT, id=of.pk, name=of.full_name, tenant_id=of.tenant_id, assurance=assurance
    )


@pytest.fixture
def offered(tenant: object) -> None:
    """Both services are offered."""
    offer_all()


@pytest.fixture
def anna(tenant: object) -> Person:
    return person(ANNA, "Anna", "Ek")


@pytest.fixture
def bo(tenant: object) -> Person:
    return person(BO, "Bo", "Lund")


HOST = {"HTTP_HOST": "jarfalla.localhost"}


def provider() -> IdentityProvider:
    """The residents' provider (a record: nobody logs in by it here)."""
    return IdentityProvider.objects.get_or_create(
        slug="bankid",
        defaults={
            "name": "BankID",
            "purpose": "resident",
            "issuer": "https://id.example",
            "client_id": "0123",
            "redirect_base": "http://jarfalla.localhost:8000",
        },
    )[0]


def log_in(client: Client, account: Any, assurance: int = 3) -> Session:
    """Give the client a session of the person or member of staff."""
    session, key = sessions.start(account=account, provider=provider(), assurance=assurance, old_key=None)
    client.cookies[sessions.COOKIE] = key
    return session


@pytest.fixture
def browser() -> Callable[..., Client]:
    """``browser()`` or ``browser(person)``: a browser at jarfalla.localhost."""

    def make(account: Any = None, assurance: int = 3) -> Client:
        made = Client(**HOST)
        if account is not None:
            log_in(made, account, assurance)
        return made

    return make


def long_ago(days: int) -> Any:
    return now() - timedelta(days=days)
