"""The log is sealed by itself, tenant by tenant, and one tenant's fault stops no other."""

from __future__ import annotations

from typing import Any

import pytest
from tests.platform.audit.conftest import CASE

from sambruk.common.actor import system_actor
from sambruk.platform.audit.actions import record
from sambruk.platform.audit.models import Seal
from sambruk.platform.exchange.jobs import run_periodic
from sambruk.platform.exchange.models import Delivery
from sambruk.platform.exchange.registry import Periodic
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db


def job() -> Periodic:
    from sambruk.platform.exchange.upkeep import seal_log

    return Periodic("audit.seal", "*/10 * * * *", "Försegla loggen", seal_log, in_transaction=False)


def test_the_job_seals_every_tenants_log(
    committed_db: str, jarfalla: Principal, botkyrka: Principal, jonkoping: Principal
) -> None:
    for principal in (jarfalla, botkyrka):
        with tenant_transaction(principal.pk):
            by = system_actor(principal.pk, "prov")
            record(event="case.opened", by=by, obj=("cases.case", CASE))
    assert run_periodic(job(), 0) == 0
    for principal, seals in ((jarfalla, 1), (botkyrka, 1), (jonkoping, 0)):
        with tenant_transaction(principal.pk):
            assert Seal.objects.count() == seals


def test_a_missing_key_is_seen_by_the_operator(committed_db: str, jarfalla: Principal, settings: Any) -> None:
    settings.AUDIT_KEY = ""
    assert run_periodic(job(), 0) == 3
    with tenant_transaction(jarfalla.pk):
        assert Delivery.objects.get().kind == "audit.seal"
