"""The log is dropped month by month when its time is over, by a decision, and never without one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import today
from sambruk.platform.audit.models import AuditEvent, DroppedMonth
from sambruk.platform.audit.retention import LOG_YEARS, drop_due, years_on
from sambruk.platform.audit.verify import verify
from sambruk.platform.exchange import jobs
from sambruk.platform.exchange.models import PeriodicRun
from sambruk.platform.exchange.registry import periodic_work
from sambruk.platform.tenancy import dated
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.tenancy.permissions import TenancyPermission

pytestmark = pytest.mark.django_db


def decide(principal: Principal, years: int, valid_from: date) -> None:
    may = frozenset({TenancyPermission.CHANGE_PRINCIPAL})
    by = Actor(kind=ActorKind.STAFF, name="Ada", tenant_id=principal.pk, permissions=may)
    with tenant_transaction(principal.pk):
        dated.set_from(by=by, name=LOG_YEARS.name, valid_from=valid_from, value=years, source="KS § 12")


def dropped(principal: Principal) -> list[date]:
    with tenant_transaction(principal.pk):
        return list(DroppedMonth.objects.order_by("month").values_list("month", flat=True))


def test_without_a_decision_nothing_is_dropped(old: Principal) -> None:
    assert drop_due(old.pk, today=date(2090, 1, 1)) is None
    decide(old, 1, today() + timedelta(days=1))
    with tenant_transaction(old.pk):
        assert years_on(old.pk, today()) is None
    assert drop_due(old.pk, today=today()) is None
    assert dropped(old) == []


def test_what_is_over_goes_in_order_and_the_rest_stays_provable(old: Principal) -> None:
    decide(old, 5, today())
    assert drop_due(old.pk, today=date(2027, 1, 31)) == 2
    assert dropped(old) == [date(2020, 1, 1), date(2020, 2, 1)]
    with tenant_transaction(old.pk):
        assert verify().ok
        assert AuditEvent.objects.filter(event="audit.month_dropped", actor_name="audit.drop").count() == 2
    assert drop_due(old.pk, today=date(2027, 1, 31)) == 0


def test_a_month_goes_the_day_its_years_are_over_and_not_before(old: Principal) -> None:
    """January 2020 kept for a hundred years: to the end of January 2120. The test's decision is of today."""
    decide(old, 100, today())
    assert drop_due(old.pk, today=date(2120, 1, 31)) == 0
    assert drop_due(old.pk, today=date(2120, 2, 1)) == 1


def test_the_schedule_does_it_and_the_page_says_so(old: Principal) -> None:
    decide(old, 5, today())
    assert jobs.run_periodic(periodic_work()["audit.drop"], 0) == 0
    assert len(dropped(old)) == 2
    with tenant_transaction(old.pk):
        run = PeriodicRun.objects.get(name="audit.drop")
        assert (run.succeeded, run.note) == (True, "2 månader gallrades.")
