"""Acting for another: by a mandate that holds, or as staff who fill in for somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.platform.identity.conftest import record_of
from tests.support.browser import Browser
from tests.support.oidc import ANNA, BO, LOA3, Provider

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import today
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity import actions, queries
from sambruk.platform.identity.actor import resident_actor
from sambruk.platform.identity.models import (
    Mandate,
    MandateKind,
    Membership,
    Person,
    Session,
    StaffMember,
    Unit,
)
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")
TODAY = today()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
Grant = Callable[..., Mandate]


@pytest.fixture
def anna(tenant: Principal) -> Person:
    return Person.objects.create(given_name="Anna", family_name="Ek")


@pytest.fixture
def bo(tenant: Principal) -> Person:
    return Person.objects.create(given_name="Bo", family_name="Lund")


@pytest.fixture
def grant(admin: Actor, anna: Person, bo: Person) -> Grant:
    """Anna may act for Bo."""

    def make(scope: tuple[str, ...] = ("all",), start: date = TODAY, end: date | None = None) -> Mandate:
        return actions.grant_mandate(
            by=admin,
            holder=anna,
            represented=bo,
            kind=MandateKind.GOD_MAN,
            scope=scope,
            valid_from=start,
            valid_to=end,
            source="Överförmyndarens beslut 2026-01-15",
        )

    return make


def acting(person: Person, mandate: Mandate) -> Actor:
    return Actor(
        kind=ActorKind.RESIDENT, id=person.pk, on_behalf_of=mandate.represented_id, mandate_id=mandate.pk
    )


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [
        (today(), None, True),
        (today(), today(), True),
        (TOMORROW, None, False),
        (date(2020, 1, 1), YESTERDAY, False),
    ],
)
def test_a_mandate_holds_from_its_first_day_to_its_last(
    grant: Grant, anna: Person, bo: Person, start: date, end: date | None, holds: bool
) -> None:
    mandate = grant(start=start, end=end)
    assert mandate.holds_on(today()) is holds
    assert queries.mandates_for(anna.pk).exists() is holds
    assert not queries.mandates_for(bo.pk).exists()


def test_a_mandate_covers_its_services_alone(grant: Grant, anna: Person) -> None:
    who = acting(anna, grant(scope=("parkering", "bistand")))
    queries.require_scope(who, "parkering")
    with pytest.raises(NotAllowed) as caught:
        queries.require_scope(who, "felanmalan")
    assert caught.value.code == "mandate_scope"
    queries.require_scope(acting(anna, grant()), "felanmalan")
    queries.require_scope(resident_actor(anna, assurance=3), "felanmalan")


def test_a_mandate_that_was_revoked_covers_nothing(grant: Grant, anna: Person, admin: Actor) -> None:
    mandate = grant()
    actions.revoke_mandate(by=admin, mandate=mandate, reason="Uppdraget har upphört")
    with pytest.raises(NotAllowed):
        queries.require_scope(acting(anna, mandate), "parkering")
    assert not queries.mandates_for(anna.pk).exists()
    with pytest.raises(Conflict):
        actions.revoke_mandate(by=admin, mandate=mandate, reason="Uppdraget har upphört")


def test_what_a_mandate_lacks_is_said_at_the_field(grant: Grant, admin: Actor, anna: Person) -> None:
    with pytest.raises(Invalid) as caught:
        grant(scope=())
    assert "scope" in caught.value.field_errors
    with pytest.raises(Invalid) as caught:
        grant(start=today(), end=YESTERDAY)
    assert "valid_to" in caught.value.field_errors


def test_the_database_holds_nobody_represents_herself(anna: Person) -> None:
    with pytest.raises(IntegrityError, match="mandate_is_for_another"), transaction.atomic():
        Mandate.objects.create(
            holder=anna,
            represented=anna,
            kind="ombud",
            scope=["all"],
            valid_from=today(),
            source="x",
            registered_by="x",
        )


def test_a_resident_gives_a_proxy_for_herself_alone(anna: Person, bo: Person) -> None:
    def give(represented: Person, holder: Person, kind: MandateKind = MandateKind.PROXY) -> Mandate:
        return actions.grant_mandate(
            by=resident_actor(bo, assurance=3),
            holder=holder,
            represented=represented,
            kind=kind,
            scope=["all"],
            valid_from=today(),
            valid_to=None,
            source="Fullmakt",
        )

    mandate = give(bo, anna)
    assert mandate.registered_by == "Huvudmannen själv"
    with pytest.raises(NotAllowed):
        give(anna, bo)
    with pytest.raises(NotAllowed):
        give(bo, anna, MandateKind.GOD_MAN)
    with pytest.raises(NotAllowed):
        actions.revoke_mandate(by=resident_actor(anna, assurance=3), mandate=mandate, reason="Vill inte mer")
    actions.revoke_mandate(by=resident_actor(bo, assurance=3), mandate=mandate, reason="Vill inte mer")


@pytest.fixture
def browser(committed_db: str, jarfalla: Principal, provider: Provider) -> Browser:
    with tenant_transaction(jarfalla.pk):
        record_of(provider)
    browser = Browser("jarfalla.localhost")
    browser.log_in(provider, BO)
    browser.post("/logga-ut/")
    browser.log_in(provider, ANNA)
    return browser


def mandate_in(jarfalla: Principal, **more: object) -> Mandate:
    with tenant_transaction(jarfalla.pk):
        return Mandate.objects.create(
            holder=Person.objects.get(given_name="Anna"),
            represented=Person.objects.get(given_name="Bo"),
            kind="god_man",
            scope=["all"],
            valid_from=today(),
            source="Beslut",
            registered_by="Ada",
            **more,
        )


def test_choosing_whom_one_acts_for(browser: Browser, jarfalla: Principal) -> None:
    assert "inget uppdrag registrerat" in browser.get("/fullmakt/").content.decode()
    mandate = mandate_in(jarfalla)
    assert "Bo Lund" in browser.get("/fullmakt/").content.decode()
    response = browser.post("/fullmakt/", {"for": str(mandate.pk), "next": "/whoami/"})
    assert response["Location"] == "/whoami/"
    me = browser.whoami()
    assert (me["name"], me["for"]) == ("Anna Ek", str(mandate.represented_id))
    browser.post("/fullmakt/", {"for": "self"})
    assert browser.whoami()["for"] == "None"


def test_a_mandate_that_ends_stops_acting_at_the_next_request(browser: Browser, jarfalla: Principal) -> None:
    mandate = mandate_in(jarfalla)
    browser.post("/fullmakt/", {"for": str(mandate.pk)})
    with tenant_transaction(jarfalla.pk):
        Mandate.objects.update(valid_from=date(2020, 1, 1), valid_to=YESTERDAY)
    assert browser.whoami()["for"] == "None"


def test_somebody_elses_mandate_cannot_be_chosen(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    mandate = mandate_in(jarfalla)
    bo = Browser("jarfalla.localhost")
    bo.log_in(provider, BO)
    assert bo.post("/fullmakt/", {"for": str(mandate.pk)}).status_code == 403
    assert bo.whoami()["for"] == "None"
    assert bo.post("/fullmakt/", {"for": "nonsense"}).status_code == 422


@pytest.fixture
def staff(committed_db: str, jarfalla: Principal, provider: Provider) -> Browser:
    with tenant_transaction(jarfalla.pk):
        record = record_of(provider, "staff")
        unit = Unit.objects.create(name="KC", slug="kc", authority=Authority.objects.all()[0])
        for subject, role in (("kim", "contact_centre"), ("ulf", "field_worker")):
            member = StaffMember.objects.create(provider=record, subject=subject, name=subject.title())
            Membership.objects.create(staff=member, unit=unit, role=role, valid_from=date(2020, 1, 1))
    browser = Browser("jarfalla.localhost")
    browser.log_in(provider, {"sub": "kim", "acr": LOA3}, "/personal/logga-in/")
    return browser


PAGE = "/personal/fyll-i-at/"
NUMBER = {"number": "19900602-2397", "channel": "telephone", "next": "/form/"}


def test_staff_fill_in_for_somebody_new(staff: Browser, jarfalla: Principal) -> None:
    assert staff.get("/form/").status_code == 403
    asked = staff.post(PAGE, NUMBER)
    assert "finns inte hos oss än" in asked.content.decode()
    done = staff.post(PAGE, {**NUMBER, "given_name": "Anna", "family_name": "Ek"})
    assert done["Location"] == "/form/"
    with tenant_transaction(jarfalla.pk):
        person = Person.objects.get()
        events = set(AuditEvent.objects.filter(person_id=person.pk).values_list("event", flat=True))
        assert events == {"person.registered", "session.fills_in"}
    me = staff.whoami()
    assert (me["kind"], me["name"], me["for"], me["channel"]) == (
        "staff",
        "Kim",
        str(person.pk),
        "telephone",
    )
    assert staff.get("/form/").content == f"for {person.pk} by telephone".encode()
    staff.post(f"{PAGE}sluta/")
    assert (staff.whoami()["for"], staff.whoami()["channel"]) == ("None", "web")


def test_staff_fill_in_for_somebody_known_who_stays_hidden(staff: Browser, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        Person.objects.create(
            personal_number="199006022397", given_name="Anna", family_name="Ek", protection="sekretess"
        )
    assert staff.post(PAGE, NUMBER).status_code == 302
    page = staff.get(PAGE).content.decode()
    assert "Skyddad identitet" in page
    assert "Anna" not in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"number": "123"}, "tolv siffror"),
        ({"channel": ""}, "hört av sig"),
        ({"given_name": "", "family_name": ""}, "förnamn och efternamn"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    staff: Browser, change: dict[str, str], says: str
) -> None:
    data = {**NUMBER, "given_name": "Anna", "family_name": "Ek", **change}
    response = staff.post(PAGE, data)
    text = response.content.decode()
    assert response.status_code == 422
    assert says in text
    assert f'value="{data["number"]}"' in text
    assert staff.whoami()["for"] == "None"


def test_who_may_not_fill_in_does_not(staff: Browser, provider: Provider) -> None:
    other = Browser("jarfalla.localhost")
    other.log_in(provider, {"sub": "ulf", "acr": LOA3}, "/personal/logga-in/")
    assert other.get(PAGE).status_code == 403
    assert other.post(PAGE, NUMBER).status_code == 403


def test_no_personal_number_stands_in_an_address(staff: Browser) -> None:
    assert "19900602" not in staff.post(PAGE, {**NUMBER, "given_name": "A", "family_name": "E"})["Location"]


def test_the_two_ways_never_meet_in_one_session(staff: Browser, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        person = Person.objects.create()
        session = Session.objects.get()
        mandate = Mandate.objects.create(
            holder=person,
            represented=Person.objects.create(),
            kind="ombud",
            scope=["all"],
            valid_from=today(),
            source="x",
            registered_by="x",
        )
        with pytest.raises(IntegrityError, match="session_mandate_of_person"), transaction.atomic():
            Session.objects.filter(pk=session.pk).update(mandate=mandate)
