"""The administrator's pages: who works here, in which role, from when to when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.platform.identity.conftest import record_of
from tests.support.browser import Browser
from tests.support.oidc import LOA3, Provider

from sambruk.common.clock import today
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity.models import Membership, Session, StaffMember, Unit
from sambruk.platform.identity.queries import PAGE
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")
LIST = "/admin-kommun/personal/"


@pytest.fixture
def office(committed_db: str, jarfalla: Principal, provider: Provider) -> Unit:
    with tenant_transaction(jarfalla.pk):
        record = record_of(provider, "staff")
        unit = Unit.objects.create(name="Bistånd", slug="bistand", authority=Authority.objects.all()[0])
        for subject, role in (("ada", "administrator"), ("karin", "caseworker")):
            member = StaffMember.objects.create(provider=record, subject=subject, name=subject.title())
            Membership.objects.create(staff=member, unit=unit, role=role, valid_from=date(2020, 1, 1))
        return unit


@pytest.fixture
def ada(office: Unit, provider: Provider) -> Browser:
    return staff(provider, "ada")


def staff(provider: Provider, subject: str) -> Browser:
    browser = Browser("jarfalla.localhost")
    browser.log_in(provider, {"sub": subject, "acr": LOA3}, "/personal/logga-in/")
    return browser


def of(jarfalla: Principal, subject: str) -> StaffMember:
    with tenant_transaction(jarfalla.pk):
        return StaffMember.objects.get(subject=subject)


def page(jarfalla: Principal, subject: str) -> str:
    return f"{LIST}{of(jarfalla, subject).pk}/"


def role(office: Unit, **more: str) -> dict[str, str]:
    return {"role": "decision_maker", "unit": str(office.pk), "valid_from": today().isoformat(), **more}


def test_the_list_shows_who_works_here_and_as_what(ada: Browser) -> None:
    text = ada.get(LIST).content.decode()
    assert "Karin" in text
    assert "Handläggare (Bistånd)" in text


@pytest.mark.parametrize("path", ["", "ny/", "00000000-0000-7000-8000-000000000000/"])
def test_only_the_administrator_sees_them(office: Unit, provider: Provider, path: str) -> None:
    assert staff(provider, "karin").get(LIST + path).status_code == 403
    anonymous = Browser("jarfalla.localhost").get(LIST + path)
    assert anonymous["Location"].startswith("/personal/logga-in/?next=")


def test_somebody_new_is_added_gets_a_role_and_logs_in(
    ada: Browser, office: Unit, provider: Provider, jarfalla: Principal
) -> None:
    response = ada.post(f"{LIST}ny/", {"name": "Dag Dal", "subject": "dag", "email": "dag@jarfalla.example"})
    assert response["Location"] == page(jarfalla, "dag")
    assert ada.post(page(jarfalla, "dag"), role(office)).status_code == 302
    dag = staff(provider, "dag")
    assert dag.get("/staff/").content == b"staff"
    with tenant_transaction(jarfalla.pk):
        events = set(AuditEvent.objects.filter(actor_name="Ada").values_list("event", flat=True))
        assert {"staff.added", "membership.added"} <= events


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"name": "", "subject": "dag"}, "medarbetarens namn"),
        ({"name": "Dag", "subject": ""}, "kontot som medarbetaren"),
        ({"name": "Karin 2", "subject": "karin"}, "redan upplagt"),
    ],
)
def test_what_is_wrong_with_somebody_new_is_said_and_what_was_typed_is_kept(
    ada: Browser, data: dict[str, str], says: str
) -> None:
    response = ada.post(f"{LIST}ny/", data)
    text = response.content.decode()
    assert response.status_code == 422
    assert says in text
    assert all(f'value="{value}"' in text for value in data.values() if value)


def test_what_is_wrong_with_a_role_is_said(ada: Browser, office: Unit, jarfalla: Principal) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"role": "king"}, "Välj en roll"),
        ({"unit": "x"}, "Välj en enhet"),
        ({"valid_from": "i morgon"}, "Skriv ett datum"),
        ({"valid_to": yesterday}, "före startdatumet"),
        ({"role": "caseworker"}, "redan den rollen"),
    ]
    for change, says in cases:
        response = ada.post(page(jarfalla, "karin"), role(office, **change))
        assert response.status_code == 422
        assert says in response.content.decode()


def test_nobody_gives_herself_a_role_or_closes_herself(
    ada: Browser, office: Unit, jarfalla: Principal
) -> None:
    response = ada.post(page(jarfalla, "ada"), role(office))
    assert response.status_code == 422
    ada.post(f"{page(jarfalla, 'ada')}konto/", {"active": "no"})
    assert of(jarfalla, "ada").active


def test_a_role_that_is_ended_is_gone_at_once(ada: Browser, provider: Provider, jarfalla: Principal) -> None:
    karin = staff(provider, "karin")
    with tenant_transaction(jarfalla.pk):
        membership = Membership.objects.get(role="caseworker")
    address = f"{page(jarfalla, 'karin')}roller/{membership.pk}/avsluta/"
    assert karin.post(address).status_code == 403
    assert ada.post(address).status_code == 302
    with tenant_transaction(jarfalla.pk):
        assert Membership.objects.get(pk=membership.pk).valid_to == today() - timedelta(days=1)
    assert (
        "redan avslutad"
        in ada.client.get(
            ada.post(address)["Location"], headers={"host": "jarfalla.localhost:8000"}
        ).content.decode()
    )


def test_a_closed_account_is_logged_out_at_once(
    ada: Browser, provider: Provider, jarfalla: Principal
) -> None:
    karin = staff(provider, "karin")
    ada.post(f"{page(jarfalla, 'karin')}konto/", {"active": "no"})
    assert karin.whoami()["kind"] == "anonymous"
    with tenant_transaction(jarfalla.pk):
        assert not Session.objects.filter(staff__subject="karin").exists()
    ada.post(f"{page(jarfalla, 'karin')}konto/", {"active": "yes"})
    assert staff(provider, "karin").whoami()["kind"] == "staff"


def test_a_long_list_is_turned_by_page_and_costs_the_same(
    ada: Browser, jarfalla: Principal, django_assert_num_queries: Any
) -> None:
    with tenant_transaction(jarfalla.pk):
        record = StaffMember.objects.all()[0].provider
        for n in range(PAGE + 5):
            StaffMember.objects.create(provider=record, subject=f"p{n}", name=f"Person {n:03}")
    first = ada.get(LIST).content.decode()
    assert "Person 000" in first
    link = first.partition('href="/admin-kommun/personal/?efter=')[2].partition('"')[0].replace("&amp;", "&")
    second = ada.get(f"{LIST}?efter={link}").content.decode()
    assert f"Person {PAGE + 4:03}" in second
    assert "Person 000" not in second
    with django_assert_num_queries(7):
        ada.get(LIST)
    assert "Karin" in ada.get(f"{LIST}?namn=kar").content.decode()


def test_staff_of_another_municipality_do_not_exist_here(
    ada: Browser, provider: Provider, botkyrka: Principal
) -> None:
    with tenant_transaction(botkyrka.pk):
        record = record_of(provider, "staff")
        other = StaffMember.objects.create(provider=record, subject="bo", name="Bo")
    assert ada.get(f"{LIST}{other.pk}/").status_code == 404
    assert ada.post(f"{LIST}{other.pk}/konto/", {"active": "no"}).status_code == 404
