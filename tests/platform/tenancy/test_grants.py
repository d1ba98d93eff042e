"""Bodies that several share, two authorities of one municipality, and the principal's own data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import Invalid, NotAllowed, NotFound
from sambruk.common.ids import uuid7
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.tenancy.actions import change_principal, end_entry, grant_entry
from sambruk.platform.tenancy.models import Authority, Hostname, Principal
from sambruk.platform.tenancy.permissions import TenancyPermission
from sambruk.platform.tenancy.queries import grants_of, open_to

pytestmark = pytest.mark.django_db

AsTenant: TypeAlias = Callable[[Principal], AbstractContextManager[Principal]]
STAFF = UUID("01900000-0000-7000-8000-00000000abcd")
DAY = date(2026, 3, 1)


def administrator(of: Principal) -> Actor:
    return Actor(
        kind=ActorKind.STAFF, id=uuid7(), tenant_id=of.pk, permissions=frozenset(map(str, TenancyPermission))
    )


def grant(to: Principal, home: Principal, **more: Any) -> Any:
    given = {
        "staff_id": STAFF,
        "roles": ["contact"],
        "valid_from": DAY,
        "valid_to": date(2026, 3, 31),
        **more,
    }
    return grant_entry(by=administrator(to), home=home, **given)


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_shared_bodys_staff_enter_on_the_days_agreed(
    as_tenant: AsTenant,
    jarfalla: Principal,
    botkyrka: Principal,
    jonkoping: Principal,
    day: date,
    holds: bool,
) -> None:
    """Jönköping's contact centre serves two municipalities; each has given its own grant."""
    for served in (jarfalla, botkyrka):
        with as_tenant(served):
            given = grant(served, jonkoping)
            assert bool(grants_of(jonkoping.pk, STAFF, day)) is holds
            assert given.holds_on(day) is holds
            assert grants_of(jonkoping.pk, uuid7(), day) == []
            assert AuditEvent.objects.filter(event="entry.granted").exists()
    with as_tenant(jonkoping):
        assert open_to(STAFF, day) == ([botkyrka, jarfalla] if holds else [])
        assert open_to(uuid7(), day) == []


def test_who_is_no_ones_home_learns_nothing(
    as_tenant: AsTenant, jarfalla: Principal, botkyrka: Principal
) -> None:
    with as_tenant(jarfalla):
        grant(jarfalla, botkyrka)
        assert open_to(STAFF, DAY) == []
    with as_tenant(botkyrka):
        assert open_to(STAFF, DAY) == [jarfalla]


def test_a_grant_ends(tenant: Principal, botkyrka: Principal) -> None:
    by = administrator(tenant)
    given = grant(tenant, botkyrka, valid_to=None)
    assert grants_of(botkyrka.pk, STAFF, date(2030, 1, 1)) == [given]
    end_entry(by=by, grant_id=given.pk, last_day=date(2026, 3, 10))
    assert grants_of(botkyrka.pk, STAFF, date(2026, 3, 10)) == [given]
    assert grants_of(botkyrka.pk, STAFF, date(2026, 3, 11)) == []
    end_entry(by=by, grant_id=given.pk, last_day=date(2026, 5, 1))  # an ended grant is not prolonged
    assert grants_of(botkyrka.pk, STAFF, date(2026, 3, 11)) == []
    with pytest.raises(Invalid):
        end_entry(by=by, grant_id=given.pk, last_day=date(2026, 2, 1))
    with pytest.raises(NotFound):
        end_entry(by=by, grant_id=uuid7(), last_day=DAY)


def test_a_grant_says_what_is_wrong_with_it(tenant: Principal, botkyrka: Principal) -> None:
    with pytest.raises(Invalid) as raised:
        grant(tenant, tenant, roles=[], valid_to=date(2026, 1, 1))
    assert set(raised.value.field_errors) == {"home", "roles", "valid_to"}
    with pytest.raises(NotAllowed):
        grant_entry(
            by=Actor(kind=ActorKind.STAFF), home=botkyrka, staff_id=STAFF, roles=["x"], valid_from=DAY
        )


def test_authorities_are_the_principals_own(
    as_tenant: AsTenant, jarfalla: Principal, botkyrka: Principal
) -> None:
    with as_tenant(jarfalla):
        names = {authority.name for authority in Authority.objects.all()}
        assert names == {"Socialnämnden", "Tekniska nämnden"}
        with pytest.raises(IntegrityError), transaction.atomic():
            Authority.objects.create(name="Socialnämnden")
        only = Authority.objects.get(name="Socialnämnden")
    with as_tenant(botkyrka):
        assert not Authority.objects.filter(pk=only.pk).exists()


def test_a_principal_changes_its_own_data(tenant: Principal) -> None:
    by = administrator(tenant)
    changed = change_principal(by=by, changes={"colour": "#00aa00", "phone": "08-580 285 00"})
    assert Principal.objects.get(pk=tenant.pk).colour == changed.colour == "#00aa00"
    assert AuditEvent.objects.get().field_names == ["colour", "phone"]
    change_principal(by=by, changes={"colour": "#00aa00"})
    assert AuditEvent.objects.count() == 1  # nothing changed, nothing written


@pytest.mark.parametrize("changes", [{"colour": "grön"}, {"email": "x"}, {"code": "9999"}, {"name": "Nya"}])
def test_a_wrong_change_is_refused_at_the_field(tenant: Principal, changes: dict[str, str]) -> None:
    with pytest.raises(Invalid) as raised:
        change_principal(by=administrator(tenant), changes=changes)
    assert set(raised.value.field_errors) == set(changes)


def test_another_principal_and_host_names_cannot_be_touched(tenant: Principal, botkyrka: Principal) -> None:
    assert Principal.objects.filter(pk=botkyrka.pk).update(name="Kapad") == 0
    assert Principal.objects.get(pk=botkyrka.pk).name == "Botkyrka kommun"
    for attempt in (
        lambda: Hostname.objects.update(principal=tenant),
        lambda: Hostname.objects.create(host="ny.localhost", principal=tenant),
        lambda: Principal.objects.create(code="x", name="x", short_name="x"),
        lambda: Principal.objects.filter(pk=tenant.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            attempt()  # type: ignore[no-untyped-call]


def test_the_function_answers_only_with_a_tenant(committed_db: str) -> None:
    with pytest.raises(DatabaseError, match="no tenant"), connection.cursor() as cursor:
        cursor.execute("SELECT principals_open_to(%s, %s)", [STAFF, DAY])
