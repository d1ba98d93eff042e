"""The tenant of a transaction: set once, gone with it, never another's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from sambruk.platform.tenancy.context import (
    NoTenant,
    TenantChange,
    current_principal,
    current_tenant_id,
    has_tenant,
    restart_transaction,
    tenant_transaction,
)
from sambruk.platform.tenancy.models import Authority, Principal
from sambruk.platform.tenancy.sql import NO_TENANT_STATE

pytestmark = pytest.mark.django_db


def setting() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('sambruk.tenant', true)")
        return cursor.fetchone()[0]


def assert_no_tenant_in_the_database() -> None:
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        Authority.objects.count()
    assert raised.value.__cause__.sqlstate == NO_TENANT_STATE  # type: ignore[union-attr]


def test_without_a_tenant_reading_is_an_error_not_an_empty_answer(committed_db: str) -> None:
    assert_no_tenant_in_the_database()
    with pytest.raises(NoTenant):
        current_tenant_id()
    with pytest.raises(NoTenant):
        current_principal()
    with pytest.raises(NoTenant):
        Authority(name="Utan")


def test_after_a_transaction_the_connection_has_no_tenant(committed_db: str, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        assert Authority.objects.count() == 2
    assert setting() == ""  # what PostgreSQL leaves: neither NULL nor the tenant
    assert_no_tenant_in_the_database()


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, IntegrityError])
def test_an_exception_leaves_no_tenant_on_the_pooled_connection(
    committed_db: str, jarfalla: Principal, botkyrka: Principal, fault: type[BaseException]
) -> None:
    with pytest.raises(fault), tenant_transaction(jarfalla.pk):
        if fault is IntegrityError:
            Authority.objects.create(name="Socialnämnden")
        raise fault
    assert not has_tenant()
    assert_no_tenant_in_the_database()
    with tenant_transaction(botkyrka.pk):
        assert {each.tenant_id for each in Authority.objects.all()} == {botkyrka.pk}


def test_another_tenant_inside_is_refused(jarfalla: Principal, botkyrka: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        with pytest.raises(TenantChange), tenant_transaction(botkyrka.pk):
            pytest.fail("entered")
        assert current_tenant_id() == jarfalla.pk
        assert setting() == str(jarfalla.pk)


def test_the_same_tenant_inside_is_a_savepoint(jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        with pytest.raises(ValueError, match="inner"), tenant_transaction(jarfalla.pk):
            Authority.objects.create(name="Borta")
            raise ValueError("inner")
        with tenant_transaction(jarfalla.pk):
            Authority.objects.create(name="Kvar")
        assert setting() == str(jarfalla.pk)
        assert set(Authority.objects.values_list("name", flat=True)) > {"Kvar"}
        assert not Authority.objects.filter(name="Borta").exists()


def test_a_tenants_block_inside_another_transaction_leaves_none_behind(jarfalla: Principal) -> None:
    with transaction.atomic():
        with tenant_transaction(jarfalla.pk):
            Authority.objects.create(name="Ny")
        assert setting() == ""
        assert_no_tenant_in_the_database()
        with pytest.raises(ValueError, match="x"), tenant_transaction(jarfalla.pk):
            raise ValueError("x")
        assert_no_tenant_in_the_database()


def test_the_tenant_survives_a_savepoint_that_is_rolled_back(jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            Authority.objects.create(name="Socialnämnden")
        assert Authority.objects.count() == 2


def test_what_runs_after_the_commit_opens_its_own_transaction(committed_db: str, jarfalla: Principal) -> None:
    seen: list[Any] = []

    def after() -> None:
        seen.append(has_tenant())
        with tenant_transaction(jarfalla.pk):
            seen.append(Authority.objects.count())

    with tenant_transaction(jarfalla.pk):
        Authority.objects.create(name="Ny")
        transaction.on_commit(after)
    assert seen == [False, 3]


def test_the_principal_is_read_once(jarfalla: Principal, django_assert_num_queries: Any) -> None:
    with tenant_transaction(jarfalla.pk), django_assert_num_queries(1):
        assert current_principal() == current_principal() == jarfalla
    with tenant_transaction(jarfalla.pk, principal=jarfalla), django_assert_num_queries(0):
        assert current_principal() is jarfalla


@pytest.mark.parametrize("real", [False, True])
def test_restarting_undoes_everything_and_keeps_the_tenant(
    request: pytest.FixtureRequest, real: bool
) -> None:
    if real:
        request.getfixturevalue("committed_db")
    jarfalla = Principal.objects.get(code="0123")
    called: list[int] = []
    with tenant_transaction(jarfalla.pk):
        Authority.objects.create(name="Borta")
        transaction.on_commit(lambda: called.append(1))
        with pytest.raises(IntegrityError):
            Authority.objects.create(name="Borta")  # the transaction is broken now
        restart_transaction()
        Authority.objects.create(name="Kvar")
    with tenant_transaction(jarfalla.pk):
        found = set(Authority.objects.values_list("name", flat=True))
    assert "Kvar" in found
    assert "Borta" not in found
    assert called == []


def test_threads_do_not_share_a_tenant(committed_db: str, jarfalla: Principal, botkyrka: Principal) -> None:
    barrier = threading.Barrier(2)
    seen: dict[Any, set[Any]] = {}

    def work(principal: Principal) -> None:
        try:
            for _ in range(20):
                with tenant_transaction(principal.pk):
                    barrier.wait(10)
                    seen.setdefault(principal.pk, set()).update(
                        Authority.objects.values_list("tenant_id", flat=True)
                    )
                    assert current_tenant_id() == principal.pk
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(each,)) for each in (jarfalla, botkyrka)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {jarfalla.pk: {jarfalla.pk}, botkyrka.pk: {botkyrka.pk}}


def test_the_fixture_acts_in_several_tenants(
    tenant: Principal,
    botkyrka: Principal,
    as_tenant: Callable[[Principal], AbstractContextManager[Principal]],
) -> None:
    with as_tenant(botkyrka):
        assert current_tenant_id() == botkyrka.pk
        assert {each.tenant_id for each in Authority.objects.all()} == {botkyrka.pk}
    assert {each.tenant_id for each in Authority.objects.all()} == {tenant.pk}
