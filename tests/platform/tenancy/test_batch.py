"""Rows written the short way are as Django would have written them, under the tenant's policy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from sambruk.platform.identity.models import Unit
from sambruk.platform.tenancy.backend.prepared import THRESHOLD, database, numbered, prepared_cursor
from sambruk.platform.tenancy.batch import insert_together, update_row
from sambruk.platform.tenancy.models import Authority, Principal

AsTenant = Callable[[Principal], AbstractContextManager[None]]


def unit(slug: str, authority: Authority) -> Unit:
    return Unit(slug=slug, name=slug.title(), authority=authority)


def test_rows_of_several_tables_take_one_statement_and_their_order_does_not_matter(tenant: Principal) -> None:
    authority = Authority(name="Nämnden", kind="social")
    with CaptureQueriesContext(connection) as queries:
        assert insert_together([unit("gata", authority), authority, unit("park", authority)]) == 3
    assert len(queries.captured_queries) == 1
    # What a preparing cursor asked is told without its values.
    assert "Nämnden" not in queries.captured_queries[0]["sql"]
    assert [one.name for one in Unit.objects.filter(authority=authority).order_by("slug")] == ["Gata", "Park"]
    assert not authority._state.adding
    assert insert_together([]) == 0


def test_one_row_is_changed_by_its_key_and_only_in_the_named_fields(tenant: Principal) -> None:
    authority = Authority.objects.order_by("id")[0]
    first, other = unit("gata", authority), unit("park", authority)
    insert_together([first, other])
    first.name, first.slug = "Gatukontoret", "never-written"
    update_row(first, "name")
    first.refresh_from_db()
    assert (first.name, first.slug) == ("Gatukontoret", "gata")
    other.refresh_from_db()
    assert other.name == "Park"


def test_a_row_that_is_gone_or_another_tenants_is_not_changed_in_silence(
    tenant: Principal, botkyrka: Principal, as_tenant: AsTenant
) -> None:
    mine = unit("gata", Authority.objects.order_by("id")[0])
    insert_together([mine])
    with as_tenant(botkyrka), pytest.raises(Unit.DoesNotExist):
        update_row(mine, "name")
    mine.delete()
    with pytest.raises(Unit.DoesNotExist):
        update_row(unit("borta", Authority.objects.order_by("id")[0]), "name")


def test_errors_are_djangos_own(tenant: Principal) -> None:
    mine = unit("gata", Authority.objects.order_by("id")[0])
    insert_together([mine])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_together([unit("gata", mine.authority)])


def test_what_is_asked_again_is_prepared_once(tenant: Principal) -> None:
    statement = "SELECT $1::text || 'prepared here'"
    for n in range(THRESHOLD + 2):
        with prepared_cursor() as cursor:
            cursor.execute(statement, [str(n)])
            assert cursor.fetchone() == (f"{n}prepared here",)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [statement])
        assert cursor.fetchone() == (1,)
    assert database().connection.prepare_threshold == THRESHOLD


def test_places_are_numbered_and_percent_signs_kept() -> None:
    assert numbered("SELECT %s, 'a%%b' WHERE x LIKE %s") == "SELECT $1, 'a%b' WHERE x LIKE $2"
