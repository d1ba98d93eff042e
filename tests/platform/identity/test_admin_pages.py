"""The administrator's pages: units, roles, systems, own data, and the choices that hold from a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.support import people
from tests.support.pages import text

from sambruk.common.clock import today
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.audit.retention import LOG_YEARS
from sambruk.platform.identity.actions.api_clients import ClientRefused, issue_token
from sambruk.platform.identity.models import ApiClient, ApiToken, Unit
from sambruk.platform.identity.roles import ROLES
from sambruk.platform.tenancy import dated
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = pytest.mark.django_db
ROOT = "/admin-kommun/"
PAGES = ("", "roller/", "installningar/", "uppgifter/", "enheter/", "enheter/ny/", "system/", "system/nytt/")


@pytest.fixture
def ada(tenant: Principal) -> Client:
    return people.browser(tenant, people.staff("ada", "administrator"))


@pytest.fixture
def karin(tenant: Principal) -> Client:
    return people.browser(tenant, people.staff("karin", "caseworker"))


def events() -> set[str]:
    return set(AuditEvent.objects.filter(actor_name="Ada").values_list("event", flat=True))


def test_the_start_page_lists_what_one_may_open(ada: Client, tenant: Principal) -> None:
    page = text(ada.get(ROOT))
    for label in (
        "Medarbetare",
        "Roller",
        "Enheter",
        "Kommunens uppgifter",
        "Inloggning",
        "Prenumerationer",
    ):
        assert label in page
    assert "Granska loggen" not in page
    reviewer = text(people.browser(tenant, people.staff("rut", "reviewer")).get(ROOT))
    assert "Granska loggen" in reviewer
    assert "Anslutna system" not in reviewer


@pytest.mark.parametrize("path", PAGES)
def test_each_page_opens_for_the_administrator_alone(
    ada: Client, karin: Client, tenant: Principal, path: str
) -> None:
    assert ada.get(ROOT + path).status_code == 200
    if path:
        assert karin.get(ROOT + path).status_code == 403
    assert people.browser(tenant).get(ROOT + path)["Location"].startswith("/personal/logga-in/")


def test_every_role_stands_with_its_description_and_how_many_hold_it(ada: Client) -> None:
    people.staff("kim", "caseworker")
    page = text(ada.get(f"{ROOT}roller/"))
    for role in ROLES.values():
        assert str(role.display_name) in page
    assert "1 medarbetare i dag" in page


def add_unit(ada: Client, **change: str) -> Any:
    social = Authority.objects.get(kind="social")
    wanted = {"name": "Mottagning", "slug": "mottagning", "authority": str(social.pk), "parent": "", **change}
    return ada.post(f"{ROOT}enheter/ny/", wanted)


def test_a_unit_is_added_renamed_and_put_under_another(ada: Client) -> None:
    parent = people.unit("ekonomi")
    assert add_unit(ada, parent=str(parent.pk)).status_code == 302
    unit = Unit.objects.get(slug="mottagning")
    assert unit.parent_id == parent.pk
    address = f"{ROOT}enheter/{unit.pk}/"
    assert "Mottagning" in text(ada.get(address))
    changed = {"name": "Första mottagningen", "email": "m@jarfalla.example", "phone": "", "parent": ""}
    assert ada.post(address, changed).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.email, unit.parent_id) == ("Första mottagningen", "m@jarfalla.example", None)
    assert {"unit.added", "unit.changed"} <= events()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "Skriv enhetens namn"),
        ({"slug": "Stora Bokstäver"}, "kort namn med små bokstäver"),
        ({"slug": "ekonomi"}, "redan en enhet med det korta namnet"),
        ({"authority": "x"}, "Välj en nämnd"),
        ({"email": "inte en adress"}, "namn@exempel.se"),
        ({"parent": "x"}, "Välj en enhet"),
    ],
)
def test_what_is_wrong_with_a_unit_is_said_and_what_was_typed_is_kept(
    ada: Client, change: dict[str, str], says: str
) -> None:
    people.unit("ekonomi")
    response = add_unit(ada, **change)
    assert response.status_code == 422
    assert says in text(response)
    assert change.get("name", "Mottagning") in text(response)


def test_no_unit_stands_under_itself(ada: Client) -> None:
    upper = people.unit("ekonomi")
    lower = Unit.objects.create(name="Nedre", slug="nedre", authority=upper.authority, parent=upper)
    response = ada.post(f"{ROOT}enheter/{upper.pk}/", {"name": upper.name, "parent": str(lower.pk)})
    assert response.status_code == 422
    assert "inte själv ligger under" in text(response)


def test_a_unit_with_open_cases_is_not_closed_and_one_without_is(ada: Client) -> None:
    unit = people.unit("ekonomi")
    case = people.case(people.person(), at=unit)
    address = f"{ROOT}enheter/{unit.pk}/oppen/"
    assert "öppna ärenden" in text(ada.post(address, {"active": "no"}, follow=True))
    unit.refresh_from_db()
    assert unit.active
    case.delete()
    assert "Enheten är stängd" in text(ada.post(address, {"active": "no"}, follow=True))
    unit.refresh_from_db()
    assert not unit.active
    ada.post(address, {"active": "yes"})
    assert {"unit.closed", "unit.opened"} <= events()


def secret_of(response: Any) -> str:
    page = text(response)
    found: str = page.split("client_secret</dt><dd><code>")[1].split("</code>")[0]
    return found


def test_a_system_is_connected_its_secret_shown_once_changed_and_closed(ada: Client) -> None:
    unit = people.unit("ekonomi")
    given = {"name": "Gatubolaget", "scopes": ["case.read"], "units": [str(unit.pk)]}
    first = secret_of(response := ada.post(f"{ROOT}system/nytt/", given))
    assert "no-store" in response["Cache-Control"]
    client = ApiClient.objects.get()
    address = f"{ROOT}system/{client.pk}/"
    page = text(ada.get(address))
    assert first not in page
    assert unit.name in page
    issue_token(client_id=client.client_id, secret=first)
    second = secret_of(ada.post(f"{address}nyckel/"))
    assert not ApiToken.objects.exists()
    with pytest.raises(ClientRefused):
        issue_token(client_id=client.client_id, secret=first)
    issue_token(client_id=client.client_id, secret=second)
    ada.post(f"{address}oppet/", {"active": "no"})
    with pytest.raises(ClientRefused):
        issue_token(client_id=client.client_id, secret=second)
    assert {"api_client.created", "api_client.rotated", "api_client.closed"} <= events()


def test_no_system_is_given_what_asks_for_a_person(ada: Client) -> None:
    page = text(ada.get(f"{ROOT}system/nytt/"))
    assert 'value="case.read"' in page
    for scope in ("case.decide", "payment.approve", "protected.open", "admin.staff"):
        assert f'value="{scope}"' not in page
        response = ada.post(f"{ROOT}system/nytt/", {"name": "Gatubolaget", "scopes": [scope]})
        assert response.status_code == 422
    assert not ApiClient.objects.exists()


DATA = {
    "short_name": "Järfälla",
    "colour": "#00629b",
    "contact_name": "Kontaktcenter",
    "email": "kontakt@jarfalla.example",
    "phone": "08-580 285 00",
    "website": "https://jarfalla.example",
    "street": "Vasaplatsen 11",
    "postal_code": "177 80",
    "city": "Järfälla",
}


def test_the_municipalitys_own_data_is_changed(ada: Client, tenant: Principal) -> None:
    assert ada.post(f"{ROOT}uppgifter/", DATA).status_code == 302
    tenant.refresh_from_db()
    assert (tenant.street, tenant.colour) == ("Vasaplatsen 11", "#00629b")
    assert "principal.changed" in events()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colour": "blå"}, "Skriv färgen som #"),
        ({"short_name": ""}, "Skriv det korta namnet"),
        ({"email": "nej"}, "e-post"),
        ({"website": "javascript:alert(1)"}, "URL"),
    ],
)
def test_data_that_cannot_be_is_refused(
    ada: Client, tenant: Principal, change: dict[str, str], says: str
) -> None:
    response = ada.post(f"{ROOT}uppgifter/", {**DATA, **change, "street": "Ny gata 1"})
    assert response.status_code == 422
    assert says in text(response)
    assert "Ny gata 1" in text(response)
    tenant.refresh_from_db()
    assert tenant.street != "Ny gata 1"


def test_how_long_the_log_is_kept_is_chosen_with_its_decision(ada: Client, tenant: Principal) -> None:
    address = f"{ROOT}installningar/"
    assert "Loggen sparas tills vidare" in text(ada.get(address))
    given = {
        "name": LOG_YEARS.name,
        "value": "10",
        "valid_from": today().isoformat(),
        "source": "KS 2026-03-01 § 12",
    }
    past = (today() - timedelta(days=1)).isoformat()
    for change, says in (
        ({"value": "tio"}, "Skriv ett helt tal"),
        ({"value": "0"}, "Skriv ett tal från 1"),
        ({"valid_from": past}, "i dag eller en senare dag"),
        ({"valid_from": "snart"}, "Skriv ett datum"),
        ({"source": ""}, "vilket beslut"),
    ):
        response = ada.post(address, {**given, **change})
        assert response.status_code == 422
        assert says in text(response)
    page = text(ada.post(address, given, follow=True))
    assert "KS 2026-03-01 § 12" in page
    tenant.refresh_from_db()
    assert dated.value_on(tenant, LOG_YEARS.name, today()) == 10
