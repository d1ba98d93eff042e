"""A way to log in is registered by the principal's administrator, and only if it can be trusted."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity import actions
from sambruk.platform.identity.actions.provider_values import ProviderValues
from sambruk.platform.identity.models import IdentityProvider, Purpose
from sambruk.platform.tenancy.models import Principal

GIVEN = {
    "name": "BankID",
    "issuer": "https://login.example/oidc",
    "client_id": "jarfalla",
    "redirect_base": "https://e.jarfalla.example/",
}


def add(by: Actor, *, slug: str = "bankid", **more: Any) -> IdentityProvider:
    values = ProviderValues(**{**GIVEN, **more})
    return actions.add_provider(
        by=by, slug=slug, purpose=Purpose.RESIDENT, client_secret="hemligt-ord", values=values
    )


def test_a_provider_is_registered_and_its_secret_is_nowhere_in_the_clear(admin: Actor) -> None:
    provider = add(admin)
    assert provider.redirect_uri == "https://e.jarfalla.example/logga-in/svar/"
    assert IdentityProvider.objects.get().client_secret == "hemligt-ord"
    event = AuditEvent.objects.get(event="provider.added")
    assert "client_secret" not in event.field_names
    with pytest.raises(Conflict):
        add(admin)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", " "),
        ("client_id", ""),
        ("scopes", "profile"),
        ("issuer", "http://login.example"),
        ("issuer", "login.example"),
        ("issuer", "https://user:word@login.example"),
        ("redirect_base", "http://e.jarfalla.example"),
        ("redirect_base", "https://e.jarfalla.example/logga-in"),
        ("redirect_base", "e.jarfalla.example"),
        ("claims", {"shoe_size": "size"}),
        ("acr_levels", {"urn:x": 5}),
    ],
)
def test_what_cannot_be_trusted_is_refused_at_its_field(admin: Actor, name: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        add(admin, **{name: value})
    assert set(caught.value.field_errors) == {name}


def test_the_loopback_is_for_demo_and_tests(admin: Actor, settings: LazySettings) -> None:
    add(admin, issuer="http://127.0.0.1:9000", redirect_base="http://jarfalla.localhost:8000")
    settings.TEST_MODE = False
    with pytest.raises(Invalid) as caught:
        add(admin, slug="b", issuer="http://127.0.0.1:9000", redirect_base="http://jarfalla.localhost:8000")
    assert set(caught.value.field_errors) == {"issuer", "redirect_base"}


def test_only_the_principals_administrator_does_it(tenant: Principal, admin: Actor) -> None:
    provider = add(admin)
    other = Actor(kind=ActorKind.STAFF, permissions=frozenset({"admin.staff"}))
    with pytest.raises(NotAllowed):
        add(other, slug="b")
    with pytest.raises(NotAllowed):
        actions.set_provider_active(by=other, provider_id=provider.pk, active=False)
    actions.set_provider_active(by=admin, provider_id=provider.pk, active=False)
    assert not IdentityProvider.objects.get().active


def test_a_claim_may_have_another_name(admin: Actor) -> None:
    provider = add(admin, claims={"personal_number": "pnr", "name": ["display", "cn"]})
    assert provider.claim_names("personal_number") == ["pnr"]
    assert provider.claim_names("name") == ["display", "cn"]
    assert provider.claim_names("given_name") == ["given_name"]
