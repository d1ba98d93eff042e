"""A provider that can misbehave, registered with the tenant, and people who work there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from tests.platform.identity import saml_support
from tests.support import saml
from tests.support.browser import Browser
from tests.support.oidc import Provider, running
from tests.support.saml import SamlProvider

from sambruk.common.actor import Actor, ActorKind
from sambruk.platform.identity.models import IdentityProvider, Membership, StaffMember, Unit
from sambruk.platform.identity.oidc import metadata
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider with nothing remembered of it."""
    metadata.forget()
    with running() as found:
        yield found
    metadata.forget()


def record_of(provider: Provider, purpose: str = "resident", **more: Any) -> IdentityProvider:
    """Register the provider with the current tenant, whose code is the client's id."""
    from sambruk.platform.tenancy.context import current_principal

    principal = current_principal()
    host = f"{principal.short_name.lower().replace('ä', 'a').replace('ö', 'o')}.localhost"
    values = {
        "slug": f"test-{purpose}",
        "name": "Test-id",
        "purpose": purpose,
        "issuer": provider.issuer,
        "client_id": f"{principal.code}-{purpose}",
        "client_secret": provider.secret,
        "redirect_base": f"http://{host}:8000",
        **more,
    }
    return IdentityProvider.objects.create(**values)


@pytest.fixture
def unit(tenant: Principal) -> Unit:
    return Unit.objects.create(
        name="Ekonomiskt bistånd", slug="ekonomi", authority=Authority.objects.get(kind="social")
    )


@pytest.fixture
def make_staff(tenant: Principal, unit: Unit) -> Callable[..., StaffMember]:
    """``make_staff("karin", "caseworker", …)``: a member of staff with these roles in ``unit``."""

    def make(subject: str, *roles: str, provider: IdentityProvider | None = None) -> StaffMember:
        provider = (
            provider
            or IdentityProvider.objects.get_or_create(
                slug="staff",
                defaults={
                    "name": "Inloggning",
                    "purpose": "staff",
                    "issuer": "https://login.example",
                    "client_id": "staff",
                    "redirect_base": "http://jarfalla.localhost:8000",
                },
            )[0]
        )
        staff = StaffMember.objects.create(provider=provider, subject=subject, name=subject.title())
        for role in roles:
            Membership.objects.create(staff=staff, unit=unit, role=role, valid_from=date(2020, 1, 1))
        return staff

    return make


@pytest.fixture
def admin(tenant: Principal) -> Actor:
    """Somebody who may do all that identity's actions ask for."""
    return Actor(
        kind=ActorKind.STAFF, name="Ada", tenant_id=tenant.pk, permissions=frozenset(map(str, Permission))
    )


@pytest.fixture
def saml_provider() -> Iterator[SamlProvider]:
    """A SAML provider that runs, and can be told to misbehave."""
    with saml.running() as found:
        yield found


@pytest.fixture
def saml_browser(db: None, jarfalla: Principal, saml_provider: SamlProvider) -> Browser:
    """A browser at Järfälla, where the provider is registered for residents, and has our metadata."""
    with tenant_transaction(jarfalla.pk):
        saml_support.record_of(saml_provider)
    browser = Browser("jarfalla.localhost", csrf=True)
    saml_provider.service_metadata = browser.get("/logga-in/saml/metadata/eid/").content.decode()
    return browser


@pytest.fixture
def saml_refused(
    saml_browser: Browser, saml_provider: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> saml_support.Refuse:
    """Log in, see it refused with nobody logged in, and return which check refused."""
    from sambruk.platform.identity import login
    from sambruk.platform.identity.views import login as view

    told: list[str] = []

    class Log:
        def warning(self, _event: str, **more: Any) -> None:
            told.append(str(more["detail"]) if more["code"] == "token_refused" else str(more["code"]))

    monkeypatch.setattr(login, "log", Log())
    monkeypatch.setattr(view, "log", Log())

    def refuse() -> str:
        response = saml_support.log_in(saml_browser, saml_provider)
        assert saml_support.fault(response)
        assert saml_browser.whoami()["kind"] == "anonymous"
        return told[-1].partition(":")[0]

    return refuse
