"""Who acts for Anna by a mandate for other services finds nothing of her assistance, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.attack.test_guessing import ask, state
from tests.attack.world import SECRETS, AsTenant, World, build
from tests.support import people

from sambruk.common.clock import today
from sambruk.common.ids import uuid7
from sambruk.platform.forms import signers
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.identity.models import Mandate, Person
from sambruk.platform.messaging import recipients
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance.service import SERVICE

DAY_BEFORE = today() - timedelta(days=1)


@pytest.fixture
def world(db: None, jarfalla: Principal, botkyrka: Principal, as_tenant: AsTenant) -> World:
    return build(jarfalla, botkyrka, as_tenant)


def acting(world: World, jarfalla: Principal, scope: Iterable[str]) -> tuple[Client, Mandate]:
    """Gunnar's browser, after he has chosen to act for Anna by a mandate for these services."""
    gunnar = Person.objects.create(given_name="Gunnar", family_name="Andersson")
    mandate = Mandate.objects.create(
        holder=gunnar, represented=world.anna, kind="ombud", scope=list(scope), valid_from=date(2020, 1, 1),
        source="Fullmakt", registered_by="Ada",
    )  # fmt: skip
    client = people.browser(jarfalla, gunnar)
    assert client.post("/fullmakt/", {"for": str(mandate.pk), "next": "/mina-sidor/"}).status_code == 302
    return client, mandate


def pages_of(world: World, **other: Any) -> list[str]:
    ids = {**world.ids, **other}
    case = f"/mina-sidor/arenden/{ids['case_id']}/"
    return [
        case, f"{case}beslut/{ids['decision_id']}/", f"{case}komplettera/{ids['task_id']}/",
        f"{case}meddelanden/", f"/kvitto/{ids['case_id']}/", f"/dokument/{ids['document_id']}/",
        f"/ansokan/{ids['draft_id']}/situation/", f"/ansokan/{ids['draft_id']}/granska/",
    ]  # fmt: skip


def test_a_mandate_for_other_services_opens_no_page_and_changes_nothing(
    world: World, jarfalla: Principal, as_tenant: AsTenant
) -> None:
    with as_tenant(jarfalla):
        client, mandate = acting(world, jarfalla, ["felanmalan"])
        # Begun while the mandate still had the service.
        Draft.objects.filter(pk=world.ids["draft_id"]).update(mandate=mandate)
    before = state(jarfalla, as_tenant, world)
    nowhere = pages_of(world, **{name: uuid7() for name in world.ids})
    for method in ("GET", "POST"):
        for page, absent in zip(pages_of(world), nowhere, strict=True):
            found = ask(client, method, page)
            assert found == ask(client, method, absent), (method, page)
            assert found[0] in (404, 405), (method, page, found[0])
    home = ask(client, "GET", "/mina-sidor/")
    assert home[0] == 200
    # Whom he acts for he knows.
    shown = home[2].replace("Anna Hemligström", "")
    assert not [word for word in (*SECRETS, world.case.number) if word in shown]
    assert state(jarfalla, as_tenant, world) == before


@pytest.mark.parametrize("scope", [["all"], [SERVICE, "felanmalan"]])
def test_a_mandate_that_has_the_service_opens_them(
    world: World, jarfalla: Principal, as_tenant: AsTenant, scope: list[str]
) -> None:
    with as_tenant(jarfalla):
        client, mandate = acting(world, jarfalla, scope)
        Draft.objects.filter(pk=world.ids["draft_id"]).update(mandate=mandate)
    for page in pages_of(world)[:-1]:
        assert ask(client, "GET", page)[0] == 200, page
    assert world.case.number in ask(client, "GET", "/mina-sidor/")[2]


@pytest.mark.parametrize(
    ("changed", "signs"), [({}, True), ({"scope": ["felanmalan"]}, False), ({"valid_to": DAY_BEFORE}, False)]
)
def test_who_signs_by_a_mandate_still_holds_it(
    world: World, jarfalla: Principal, as_tenant: AsTenant, changed: dict[str, Any], signs: bool
) -> None:
    with as_tenant(jarfalla):
        _, mandate = acting(world, jarfalla, [SERVICE])
        holder = mandate.holder
        Mandate.objects.filter(pk=mandate.pk).update(**changed)
        draft = Draft.objects.get(pk=world.ids["draft_id"])
        draft.mandate = Mandate.objects.get(pk=mandate.pk)
        draft.signers_read = [DraftSigner(draft=draft, party="applicant", person=holder)]
        assert (signers.own_place(draft, people.actor(holder)) is not None) is signs


def test_notices_go_to_the_holder_in_the_mandates_services_alone(
    world: World, jarfalla: Principal, as_tenant: AsTenant
) -> None:
    with as_tenant(jarfalla):
        _, mandate = acting(world, jarfalla, [SERVICE])
        world.case.parties.filter(person=world.anna).update(mandate=mandate)
        assert mandate.holder in recipients.persons_of(world.case)
        Mandate.objects.filter(pk=mandate.pk).update(scope=["felanmalan"])
        assert recipients.persons_of(world.case) == [world.anna]
