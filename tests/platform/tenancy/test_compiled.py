"""A read whose SQL is made once gives what the query gives, for each tenant its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sambruk.platform.identity.models import Unit
from sambruk.platform.tenancy.compiled import Compiled
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

AsTenant = Callable[[Principal], AbstractContextManager[None]]


def by_slug() -> Compiled[Unit]:
    return Compiled(
        lambda slug: Unit.objects.select_related("authority").filter(slug=slug).order_by("id"), str
    )


def new_unit(name: str) -> Unit:
    return Unit.objects.create(slug="gata", name=name, authority=Authority.objects.order_by("id")[0])


def test_it_gives_what_the_query_gives_with_what_it_leads_to(tenant: Principal) -> None:
    unit, compiled = new_unit("Gata"), by_slug()
    for _ in range(2):
        found = compiled.first("gata")
        assert found is not None
        assert found == unit
        with CaptureQueriesContext(connection) as queries:
            assert found.authority.name == unit.authority.name
        assert not queries.captured_queries
    assert compiled.first("park") is None
    assert [one.name for one in compiled.all("gata")] == ["Gata"]


def test_each_tenant_gets_its_own(tenant: Principal, botkyrka: Principal, as_tenant: AsTenant) -> None:
    compiled = by_slug()
    new_unit("Järfällas")
    assert [one.name for one in compiled.all("gata")] == ["Järfällas"]
    with as_tenant(botkyrka):
        assert compiled.all("gata") == []
        new_unit("Botkyrkas")
        assert [one.name for one in compiled.all("gata")] == ["Botkyrkas"]


@pytest.mark.django_db(transaction=True)
def test_without_a_tenant_it_raises_and_threads_share_it(committed_db: str, jarfalla: Principal) -> None:
    compiled, found = by_slug(), []
    with tenant_transaction(jarfalla.pk):
        new_unit("Gata")
        assert compiled.first("gata") is not None

    def read() -> None:
        try:
            with tenant_transaction(jarfalla.pk):
                found.extend(compiled.all("gata"))
        finally:
            connection.close()

    threads = [Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.name for one in found] == ["Gata"] * 4
    with pytest.raises(Exception, match="tenant"):
        compiled.first("gata")


def test_a_parameter_of_another_type_is_refused(tenant: Principal) -> None:
    with pytest.raises(TypeError):
        by_slug().first(uuid4())
    with pytest.raises(TypeError):
        by_slug().first(None)
    with pytest.raises(TypeError, match="stand in the statement"):
        Compiled(lambda slug: Unit.objects.all(), str).first("gata")


def test_keys_and_lists_are_parameters_too(tenant: Principal) -> None:
    unit = new_unit("Gata")
    compiled = Compiled(lambda key, slug: Unit.objects.filter(slug__in=[slug], pk=key), UUID, str)
    assert compiled.first(unit.pk, "gata") == unit
    assert compiled.first(uuid4(), "gata") is None
