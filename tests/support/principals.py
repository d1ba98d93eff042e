"""The three municipalities of the fixtures, as they stand in every test's database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sambruk.platform.tenancy.models import Principal

JARFALLA = UUID("01900000-0000-7000-8000-000000000123")
BOTKYRKA = UUID("01900000-0000-7000-8000-000000000127")
JONKOPING = UUID("01900000-0000-7000-8000-000000000680")

PRINCIPALS = (
    (JARFALLA, "0123", "Järfälla kommun", "Järfälla", "jarfalla.localhost", "#1f5c99"),
    (BOTKYRKA, "0127", "Botkyrka kommun", "Botkyrka", "botkyrka.localhost", "#7a1f3d"),
    (JONKOPING, "0680", "Jönköpings kommun", "Jönköping", "jonkoping.localhost", "#1f6b3a"),
)
#: Two authorities in each, between which secrecy stands.
AUTHORITIES = (("Socialnämnden", "social"), ("Tekniska nämnden", "technical"))


def create_all(owner_url: str) -> None:
    """Write them as the owner, who alone may."""
    from sambruk.platform.tenancy.models import Authority, Hostname, Principal
    from sambruk.platform.tenancy.owner import ALIAS, owner_connection

    with owner_connection(owner_url):
        for key, code, name, short_name, host, colour in PRINCIPALS:
            principal = Principal.objects.using(ALIAS).create(
                id=key, code=code, name=name, short_name=short_name, colour=colour
            )
            Hostname.objects.using(ALIAS).create(host=host, principal=principal, primary=True)
            for title, kind in AUTHORITIES:
                Authority.objects.using(ALIAS).create(tenant_id=key, name=title, kind=kind)


@contextmanager
def as_tenant(principal: Principal) -> Iterator[Principal]:
    """Act in a principal's tenant, also where another's is open: what the platform itself refuses.

    For tests that set several tenants up in one transaction that is rolled back.
    """
    from sambruk.platform.tenancy.context import set_local

    wrapper: Any = connection
    before = (wrapper.tenant_id, wrapper.tenant_principal)
    with transaction.atomic():
        set_local(str(principal.pk))
        wrapper.enter_tenant(principal.pk, principal)
        try:
            yield principal
        finally:
            wrapper.enter_tenant(*before)
        set_local(str(before[0] or ""))
