"""Mandates: added and ended by staff, seen by both sides, and a proxy ended by whoever gave it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.support import people
from tests.support.pages import text

from sambruk.common.clock import today
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity.models import Mandate, Person, Protection
from sambruk.platform.identity.queries import mandates_for
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db
FIND = "/handlaggning/uppdrag/"
MINE = "/mina-sidor/ombud/"
ANNAS, GUNNARS = "199006022397", "198504129886"


@pytest.fixture
def anna(tenant: Principal) -> Person:
    return people.person("Anna", personal_number=ANNAS)


@pytest.fixture
def gunnar(tenant: Principal) -> Person:
    return people.person("Gunnar", personal_number=GUNNARS)


@pytest.fixture
def registrar(tenant: Principal) -> Client:
    return people.browser(tenant, people.staff("rita", "registrar"))


def given(**change: Any) -> dict[str, Any]:
    return {
        "holder": GUNNARS,
        "kind": "god_man",
        "scope": ["all"],
        "valid_from": today().isoformat(),
        "valid_to": "",
        "source": "Överförmyndarens beslut 2026-03-01",
        **change,
    }


def mandate(anna: Person, gunnar: Person, **change: Any) -> Mandate:
    values = {
        "holder": gunnar,
        "represented": anna,
        "kind": "ombud",
        "scope": ["all"],
        "valid_from": date(2020, 1, 1),
        "source": "Fullmakt",
        "registered_by": "Rita",
        **change,
    }
    return Mandate.objects.create(**values)


def test_it_is_found_by_number_added_and_holds(registrar: Client, anna: Person, gunnar: Person) -> None:
    address = registrar.post(FIND, {"number": ANNAS})["Location"]
    assert ANNAS not in address
    page = text(registrar.get(address))
    assert "Anna Andersson" in page
    assert registrar.post(address, given()).status_code == 302
    assert [one.represented_id for one in mandates_for(gunnar.pk)] == [anna.pk]
    page = text(registrar.get(address))
    assert "Gunnar Andersson" in page
    assert "Överförmyndarens beslut" in page
    assert "Alla tjänster" in page
    assert {"mandate.granted", "mandate.read"} <= set(
        AuditEvent.objects.filter(person_id=anna.pk).values_list("event", flat=True)
    )


def test_it_is_ended_with_a_reason(registrar: Client, anna: Person, gunnar: Person) -> None:
    made = mandate(anna, gunnar)
    address = f"{FIND}{anna.pk}/{made.pk}/avsluta/"
    assert "Skriv varför" in text(registrar.post(address, {"reason": ""}, follow=True))
    assert "inte längre" in text(registrar.post(address, {"reason": "Uppdraget upphörde"}, follow=True))
    assert not mandates_for(gunnar.pk).exists()
    assert "redan avslutat" in text(registrar.post(address, {"reason": "Uppdraget upphörde"}, follow=True))
    assert registrar.post(f"{FIND}{gunnar.pk}/{made.pk}/avsluta/").status_code == 404


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"holder": "123"}, "id_holder-error"),
        ({"holder": ANNAS}, "en annan person som företrädare"),
        ({"scope": []}, "vilka tjänster"),
        ({"scope": ["no-such"]}, "vilka tjänster"),
        ({"kind": "kung"}, "Välj grunden"),
        ({"valid_from": ""}, "Skriv ett datum"),
        ({"valid_to": "2020-01-01"}, "före startdatumet"),
        ({"source": ""}, "var uppdraget framgår"),
    ],
)
def test_what_is_wrong_is_said(
    registrar: Client, anna: Person, gunnar: Person, change: dict[str, Any], says: str
) -> None:
    response = registrar.post(f"{FIND}{anna.pk}/", given(**change))
    assert response.status_code == 422
    assert says in text(response)
    assert not Mandate.objects.exists()


def test_a_protected_persons_name_is_hidden(registrar: Client, anna: Person, gunnar: Person) -> None:
    Person.objects.filter(pk=gunnar.pk).update(protection=Protection.CONFIDENTIAL)
    mandate(anna, gunnar)
    page = text(registrar.get(f"{FIND}{anna.pk}/"))
    assert "Gunnar" not in page
    assert "Skyddad identitet" in page


def test_only_those_who_register_mandates_see_them(tenant: Principal, anna: Person) -> None:
    admin = people.browser(tenant, people.staff("ada", "administrator"))
    for path in (FIND, f"{FIND}{anna.pk}/"):
        assert admin.get(path).status_code == 403
        assert people.browser(tenant, anna).get(path).status_code == 403


def test_both_sides_see_it_on_mina_sidor_and_the_giver_ends_a_proxy(
    tenant: Principal, anna: Person, gunnar: Person
) -> None:
    made = mandate(anna, gunnar)
    annas, gunnars = people.browser(tenant, anna), people.browser(tenant, gunnar)
    assert MINE in text(annas.get("/mina-sidor/"))
    assert "Gunnar Andersson" in text(annas.get(MINE))
    assert "Anna Andersson" in text(gunnars.get(MINE))
    assert gunnars.post(f"{MINE}{made.pk}/avsluta/").status_code == 404
    assert "Fullmakten är avslutad" in text(annas.post(f"{MINE}{made.pk}/avsluta/", follow=True))
    made.refresh_from_db()
    assert made.revoked_at is not None
    assert made.revoked_by == "Huvudmannen själv"
    assert "Gunnar" not in text(annas.get(MINE))


def test_what_rests_on_a_decision_is_not_ended_by_the_represented(
    tenant: Principal, anna: Person, gunnar: Person
) -> None:
    made = mandate(anna, gunnar, kind="god_man")
    mandate(anna, gunnar, valid_from=today() - timedelta(days=9), valid_to=today() - timedelta(days=2))
    annas = people.browser(tenant, anna)
    page = text(annas.get(MINE))
    assert page.count("Gunnar Andersson") == 1
    assert "bygger på ett beslut" in page
    assert annas.post(f"{MINE}{made.pk}/avsluta/").status_code == 403


@pytest.mark.parametrize(("role", "first"), [("administrator", "/admin-kommun/"), ("operator", "/drift/")])
def test_staff_without_cases_are_led_from_the_login_to_a_page_of_theirs(
    tenant: Principal, role: str, first: str
) -> None:
    browser = people.browser(tenant, people.staff("ada", role))
    page = browser.get("/handlaggning/")
    assert (page.status_code, page["Location"]) == (302, first)
    assert browser.get(first).status_code == 200


def test_staff_without_a_role_are_told_whom_to_ask(tenant: Principal) -> None:
    from sambruk.platform.identity.models import Membership

    account = people.staff("ada", "caseworker")
    Membership.objects.filter(staff=account).delete()
    page = people.browser(tenant, account).get("/handlaggning/")
    assert page.status_code == 403
    assert "Fråga din administratör" in page.content.decode()
