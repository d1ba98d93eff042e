"""Staff who fill in for Anna learn nothing of her by it that they might not have read already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.attack.world import ANNAS_NUMBER, AsTenant, World, build
from tests.support import people

from sambruk.common.clock import now
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Application, Case, Party
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.models import Person
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance.service import SERVICE

BEGIN = f"/tjanster/{SERVICE}/borja/"
GATE = {"gate_same_household": "yes", "context.registered_here": "yes"}


@pytest.fixture
def world(db: None, jarfalla: Principal, botkyrka: Principal, as_tenant: AsTenant) -> World:
    return build(jarfalla, botkyrka, as_tenant)


def chosen(client: Client, number: str = ANNAS_NUMBER) -> Client:
    sent = {"number": number, "channel": "telephone", "next": BEGIN}
    assert client.post("/personal/fyll-i-at/", sent).status_code == 302
    return client


def begun(client: Client) -> Draft:
    response: Any = client.post(BEGIN, GATE)
    if response.status_code == 200:
        response = client.post(BEGIN, {**GATE, "advised": "1"})
    assert response.status_code == 302, response.content.decode()
    return Draft.objects.filter(filled_in_by__isnull=False).latest("created_at")


def reads(world: World, subject: str) -> int:
    events = AuditEvent.objects.filter(person_id=world.anna.pk, is_read=True, actor_name=subject.title())
    return events.filter(case_id__isnull=False).count()


def test_another_authoritys_contact_centre_gets_nothing_of_an_earlier_application(
    world: World, jarfalla: Principal, as_tenant: AsTenant
) -> None:
    with as_tenant(jarfalla):
        street = people.unit("gata", "technical")
        client = chosen(people.browser(jarfalla, people.staff("kim", "contact_centre", at=street)))
        draft = begun(client)
        assert not [one for one in draft.known_from.values() if "nsökan" in one]
        assert not {"rent", "housing", "livelihood", "norm_kind"} & draft.answers.keys()
        for step in ("situation", "applicant_step", "housing_step", "expense_step"):
            page = client.get(f"/ansokan/{draft.pk}/{step}/").content.decode()
            assert "5400" not in page.replace(" ", "").replace("\xa0", "")
            assert "Din ansökan" not in page
        assert reads(world, "kim") == 0


def test_who_may_read_the_case_gets_it_and_it_is_logged(
    world: World, jarfalla: Principal, as_tenant: AsTenant
) -> None:
    with as_tenant(jarfalla):
        member = people.staff("vera", "caseworker", "contact_centre", at=world.office.unit)
        draft = begun(chosen(people.browser(jarfalla, member)))
        assert [one for one in draft.known_from.values() if one.startswith("Ansökan ")]
        assert reads(world, "vera") == 1


def page_for(jarfalla: Principal, subject: str, number: str) -> tuple[str, str]:
    street = people.unit("gata", "technical")
    client = chosen(people.browser(jarfalla, people.staff(subject, "contact_centre", at=street)), number)
    return client.get(BEGIN).content.decode(), client.post(BEGIN, GATE).content.decode()


def said(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")].split("csrfmiddlewaretoken")[0]


def test_the_gate_does_not_tell_who_has_a_case(
    world: World, jarfalla: Principal, as_tenant: AsTenant
) -> None:
    """The same for Anna, for who never had a case, for whose case is closed, and for who has applied."""
    with as_tenant(jarfalla):
        Person.objects.create(personal_number="199001012385", given_name="Bo", family_name="Lund")
        with_case = page_for(jarfalla, "kim", ANNAS_NUMBER)
        without = page_for(jarfalla, "kajsa", "199001012385")
        Case.objects.filter(parties__person=world.anna).update(
            closed_at=now() - timedelta(days=900), station="closed", disposal_fault="-"
        )
        closed = page_for(jarfalla, "kent", ANNAS_NUMBER)
    assert said(with_case[0]) == said(without[0]) == said(closed[0])
    assert "Vi hittar inget ärende" not in without[0]
    assert "Du ser inte här om personen har ett ärende" in with_case[0]


def test_the_gate_does_not_tell_who_is_protected(
    world: World, jarfalla: Principal, as_tenant: AsTenant
) -> None:
    with as_tenant(jarfalla):
        Person.objects.filter(pk=world.anna.pk).update(protection="sekretess")
        for page in page_for(jarfalla, "kim", ANNAS_NUMBER):
            assert "skyddade uppgifter" not in page
            assert "Hemligström" not in page
        assert not Draft.objects.filter(filled_in_by__isnull=False).exists()
        # The person's own page says it as it is.
        assert "skyddade uppgifter" in world.annas.get(BEGIN).content.decode()
        assert Application.objects.exists()
        assert Party.objects.exists()
