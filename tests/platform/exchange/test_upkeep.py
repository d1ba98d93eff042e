"""What is done by itself is done by the schedule, and the operator sees when, and how it went."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support import people

from sambruk.common import crypto
from sambruk.common.clock import now
from sambruk.common.errors import Conflict
from sambruk.platform.exchange import jobs, registry, runner, runs
from sambruk.platform.exchange.models import Delivery, PeriodicRun
from sambruk.platform.exchange.registry import periodic_work
from sambruk.platform.identity import sessions
from sambruk.platform.identity.models import Person, Session
from sambruk.platform.identity.rotation import stale_rows
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal


def run(name: str) -> int:
    return jobs.run_periodic(periodic_work()[name], 0)


def last(principal: Principal, name: str) -> tuple[bool, str]:
    with tenant_transaction(principal.pk):
        found = PeriodicRun.objects.get(name=name)
        return found.succeeded, found.note


def test_expired_logins_are_removed_and_others_stay(committed_db: str, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        anna = people.person()
        kept, _ = sessions.start(
            account=anna, provider=people.provider("resident"), assurance=3, old_key=None
        )
        for _n in range(3):
            gone, _ = sessions.start(
                account=anna, provider=people.provider("resident"), assurance=3, old_key=None
            )
            Session.objects.filter(pk=gone.pk).update(expires_at=now() - timedelta(minutes=1))
    assert run("identity.purge") == 0
    with tenant_transaction(jarfalla.pk):
        assert list(Session.objects.values_list("pk", flat=True)) == [kept.pk]
    assert last(jarfalla, "identity.purge") == (True, "3 utgångna inloggningar och nycklar togs bort.")


def test_a_new_key_is_taken_into_use_by_the_schedule(
    committed_db: str, jarfalla: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = crypto.new_key_entry("a"), crypto.new_key_entry("b")
    monkeypatch.setenv(crypto.ENVIRONMENT, old)
    with tenant_transaction(jarfalla.pk):
        people.person(street="Storgatan 1")
    assert run("identity.rotate") == 0
    assert last(jarfalla, "identity.rotate")[1].startswith("Det finns bara en nyckel")
    monkeypatch.setenv(crypto.ENVIRONMENT, f"{new},{old}")
    assert run("identity.rotate") == 0
    assert last(jarfalla, "identity.rotate")[1].endswith("Allt är under den nya nyckeln.")
    monkeypatch.setenv(crypto.ENVIRONMENT, new)
    with tenant_transaction(jarfalla.pk):
        assert not stale_rows(Person).exists()
        assert Person.objects.get().street == "Storgatan 1"


def test_what_fails_is_said_and_tried_again_and_then_said_to_be_well(
    committed_db: str, jarfalla: Principal
) -> None:
    failing = [True]

    @jobs.periodic("0 0 * * *", name="test.upkeep", label="Prov")
    def work(tenant_id: object) -> str:
        if failing:
            raise Conflict("Något är i vägen.")
        return "Gjort."

    try:
        assert run("test.upkeep") == Principal.objects.count()
        assert last(jarfalla, "test.upkeep") == (False, "Något är i vägen.")
        failing.clear()
        with tenant_transaction(jarfalla.pk):
            waiting = Delivery.objects.get(kind="test.upkeep")
        runner.run(tenant_id=jarfalla.pk, delivery_id=waiting.pk)
        assert last(jarfalla, "test.upkeep") == (True, "Gjort.")
    finally:
        registry.remove_kind("test.upkeep")
        registry.remove_periodic("test.upkeep")


@pytest.mark.django_db
def test_the_operator_sees_all_of_it(tenant: Principal) -> None:
    runs.note("identity.purge", now(), "3 utgångna inloggningar och nycklar togs bort.")
    runs.note("audit.drop", now(), "Månaden är inte förseglad.", succeeded=False)
    page = people.browser(tenant, people.staff("olle", "operator")).get("/drift/").content.decode()
    for text in (
        "Ta bort utgångna inloggningar",
        "3 utgångna inloggningar",
        "Gallra loggen efter dess tid",
        "Månaden är inte förseglad.",
        "Kryptera om med den nya nyckeln",
        "varje timme",
    ):
        assert text in page


@pytest.mark.parametrize(
    ("cron", "says"),
    [("*/10 * * * *", "var 10:e minut"), ("23 * * * *", "varje timme"), ("0 0 1 * *", "0 0 1 * *")],
)
def test_a_schedule_is_written_in_words(cron: str, says: str) -> None:
    assert runs.when(cron) == says
    assert runs.when("17 2 * * *").startswith("varje dag 0")
