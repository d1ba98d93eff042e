"""Choices that hold from a day: what holds when, on what decision, and that the past is not rewritten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.actor import Actor, ActorKind, system_actor
from sambruk.common.clock import today
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.audit.retention import LOG_YEARS
from sambruk.platform.tenancy import dated
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.tenancy.permissions import TenancyPermission

pytestmark = pytest.mark.django_db
NAME = LOG_YEARS.name


@pytest.fixture
def ada(tenant: Principal) -> Actor:
    may = frozenset({TenancyPermission.CHANGE_PRINCIPAL})
    return Actor(kind=ActorKind.STAFF, name="Ada", tenant_id=tenant.pk, permissions=may)


def now_of(principal: Principal) -> Principal:
    return Principal.objects.get(pk=principal.pk)


def test_what_is_chosen_holds_from_its_day_with_its_decision(tenant: Principal, ada: Actor) -> None:
    later = today() + timedelta(days=10)
    dated.set_from(by=ada, name=NAME, valid_from=today(), value=10, source="KS 2026-03-01 § 12")
    dated.set_from(by=ada, name=NAME, valid_from=later, value=5, source="KS 2026-09-01 § 3")
    principal = now_of(tenant)
    assert dated.value_on(principal, NAME, today() - timedelta(days=1)) is None
    assert dated.value_on(principal, NAME, today()) == 10
    assert dated.value_on(principal, NAME, later - timedelta(days=1)) == 10
    assert dated.value_on(principal, NAME, later) == 5
    latest = dated.history(principal, NAME)[0]
    assert (latest.value, latest.source, latest.by) == (5, "KS 2026-09-01 § 3", "Ada")
    assert AuditEvent.objects.filter(event="principal.setting_dated", actor_name="Ada").count() == 2


def test_what_has_not_begun_may_be_changed(tenant: Principal, ada: Actor) -> None:
    later = today() + timedelta(days=10)
    for value in (7, 8):
        dated.set_from(by=ada, name=NAME, valid_from=later, value=value, source="KS § 3")
    assert [one.value for one in dated.history(now_of(tenant), NAME)] == [8]


def test_other_settings_of_the_principal_stay(tenant: Principal, ada: Actor) -> None:
    Principal.objects.filter(pk=tenant.pk).update(settings={"payments": {"iban": "SE1"}})
    dated.set_from(by=ada, name=NAME, valid_from=today(), value=10, source="KS § 3")
    assert now_of(tenant).settings["payments"] == {"iban": "SE1"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": 0}, "value"),
        ({"value": 101}, "value"),
        ({"valid_from": date(2020, 1, 1)}, "valid_from"),
        ({"source": "  "}, "source"),
        ({"name": "no_such"}, "name"),
    ],
)
def test_what_cannot_hold_is_said(
    tenant: Principal, ada: Actor, change: dict[str, object], field: str
) -> None:
    wanted = {"name": NAME, "valid_from": today(), "value": 10, "source": "KS § 3", **change}
    with pytest.raises(Invalid) as caught:
        dated.set_from(by=ada, **wanted)  # type: ignore[arg-type]
    assert field in caught.value.field_errors
    assert dated.history(now_of(tenant), NAME) == ()


def test_only_the_administrator_chooses(tenant: Principal) -> None:
    with pytest.raises(NotAllowed):
        dated.set_from(
            by=system_actor(tenant.pk, "x"), name=NAME, valid_from=today(), value=10, source="KS § 3"
        )


@given(st.dictionaries(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 100)), st.dates())
def test_the_value_of_a_day_is_the_latest_that_has_begun(chosen: dict[date, int], day: date) -> None:
    rows = [{"from": d.isoformat(), "value": v, "source": "s", "by": "b"} for d, v in chosen.items()]
    principal = Principal(settings={"dated": {NAME: rows}})
    begun = [d for d in chosen if d <= day]
    assert dated.value_on(principal, NAME, day) == (chosen[max(begun)] if begun else None)
