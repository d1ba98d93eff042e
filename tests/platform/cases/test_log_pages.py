"""The log's pages: the review by staff over HTTP, its file and extract, and what the resident sees."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from django.test import Client
from tests.platform.documents.pdf_text import pdf_text
from tests.support import people
from tests.support.pages import text

from sambruk.platform.audit.actions import record, record_read
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Case
from sambruk.platform.identity.models import Mandate, Person, Protection, StaffMember
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.django_db
NUMBER = "199006022397"
SEARCH = "/granskning/"
MINE = "/mina-sidor/vem-har-last/"


@pytest.fixture
def anna(tenant: Principal) -> Person:
    return people.person("Anna", personal_number=NUMBER)


@pytest.fixture
def karin(tenant: Principal) -> StaffMember:
    return people.staff("karin", "caseworker")


@pytest.fixture
def case(anna: Person, karin: StaffMember) -> Case:
    made = people.case(anna, people.person("Erik"))
    by = people.actor(karin)
    record_read(by=by, obj=made, case_id=made.pk)
    record(event="case.taken", by=by, obj=made, case_id=made.pk, reason="=HYPERLINK(1)", fields={"to": "k"})
    return made


@pytest.fixture
def rut(tenant: Principal) -> Client:
    return people.browser(tenant, people.staff("rut", "reviewer"))


def begin(rut: Client, **asked: str) -> str:
    response = rut.post(SEARCH, {"reason": "Stickprov i mars", **asked})
    assert response.status_code == 302, response.content.decode()
    address: str = response["Location"]
    return address


def test_a_review_by_personal_number_shows_who_and_why_and_no_number_in_the_address(
    rut: Client, case: Case
) -> None:
    address = begin(rut, number="19900602-2397")
    assert NUMBER not in address
    page = text(rut.get(address))
    for shown in ("Läste ärendet", "Tog ärendet", "Karin", case.number, "Stickprov i mars", "19900602-****"):
        assert shown in page
    assert "2397" not in page
    assert AuditEvent.objects.get(event="audit.reviewed").actor_name == "Rut"


def test_by_case_and_by_staff_and_period(rut: Client, case: Case) -> None:
    assert "Läste ärendet" in text(rut.get(begin(rut, case=case.number)))
    assert "Läste ärendet" in text(rut.get(begin(rut, staff="karin")))
    nothing = text(rut.get(begin(rut, staff="Karin", until="2020-01-01")))
    assert "Läste ärendet" not in nothing
    assert "Inga händelser" in nothing


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "Skriv ett personnummer"),
        ({"number": "1990"}, "id_number-error"),
        ({"number": "19850412-9886"}, "Vi har inga uppgifter"),
        ({"case": "abc"}, "Skriv ärendets nummer"),
        ({"case": "2026-999999"}, "inget ärende med det numret"),
        ({"staff": "Nisse"}, "Vi hittar ingen medarbetare"),
        ({"staff": "karin", "since": "i går"}, "Skriv ett datum"),
        ({"staff": "karin", "reason": ""}, "Skriv varför du granskar"),
    ],
)
def test_what_cannot_be_looked_for_is_said(rut: Client, case: Case, asked: dict[str, str], says: str) -> None:
    response = rut.post(SEARCH, {"reason": "Stickprov i mars", **asked})
    assert response.status_code == 422
    assert says in text(response)
    assert not AuditEvent.objects.filter(event="audit.reviewed").exists()


def test_only_reviewers_look_and_only_at_their_own(
    rut: Client, case: Case, tenant: Principal, karin: StaffMember
) -> None:
    address = begin(rut, case=case.number)
    other = people.browser(tenant, people.staff("ruth", "reviewer"))
    assert other.get(address).status_code == 404
    for path in (SEARCH, address):
        assert people.browser(tenant, karin).get(path).status_code == 403
    assert people.browser(tenant, karin).post(f"{address}fil/").status_code == 403


def test_pages_are_fifty_and_follow_on_each_other(rut: Client, case: Case, karin: StaffMember) -> None:
    by = people.actor(karin)
    for _n in range(60):
        record_read(by=by, obj=case, case_id=case.pk)
    address = begin(rut, case=case.number)
    first = text(rut.get(address))
    assert first.count("Läste ärendet") == 49  # and the review itself
    following = first.split("?efter=")[1].split('"')[0]
    second = text(rut.get(f"{address}?efter={following}"))
    assert second.count("Läste ärendet") == 12
    assert rut.get(f"{address}?efter=abc").status_code == 404


def test_the_file_opens_in_a_spreadsheet_and_runs_nothing(rut: Client, case: Case) -> None:
    response = rut.post(f"{begin(rut, case=case.number)}fil/")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    taken = next(row for row in rows if row["Händelse"] == "case.taken")
    assert (taken["Vem"], taken["Ärende"], taken["Skäl"]) == ("Karin", case.number, "'=HYPERLINK(1)")
    assert AuditEvent.objects.filter(event="audit.exported").count() == 1


def test_a_protected_residents_name_is_hidden_in_page_file_and_extract(
    rut: Client, case: Case, anna: Person
) -> None:
    by = people.actor(anna)
    Person.objects.filter(pk=anna.pk).update(protection=Protection.CONFIDENTIAL)
    record(event="application.signed", by=by, obj=case, case_id=case.pk, person_id=anna.pk)
    address = begin(rut, number=NUMBER)
    extract = rut.post(f"{address}utdrag/", {"format": "json"})
    for response in (rut.get(address), rut.post(f"{address}fil/"), extract):
        assert "Andersson" not in response.content.decode()
        assert "Skyddad identitet" in response.content.decode()


def test_the_extract_names_staff_only_where_it_is_decided(rut: Client, case: Case) -> None:
    address = f"{begin(rut, number=NUMBER)}utdrag/"
    unnamed = json.loads(rut.post(address, {"format": "json"}).content)
    assert {event["name"] for event in unnamed["events"] if event["by"] == "staff"} == {None}
    assert unnamed["person"] == "Anna Andersson, 19900602-****"
    named = json.loads(rut.post(address, {"format": "json", "names": "yes"}).content)
    assert "Karin" in {event["name"] for event in named["events"]}
    pdf = pdf_text(rut.post(address, {"format": "pdf"}).content)
    assert "Lästeärendet" in pdf
    assert "Medarbetarenämnsintevidnamn" in pdf
    assert "Karin" not in pdf
    assert AuditEvent.objects.filter(event="audit.extracted").count() == 3
    of_case = begin(rut, case=case.number)
    assert rut.post(f"{of_case}utdrag/").status_code == 404


def test_the_resident_sees_who_has_looked_without_names_or_reasons(
    case: Case, anna: Person, tenant: Principal
) -> None:
    browser = people.browser(tenant, anna)
    page = text(browser.get(MINE))
    assert "Läste ärendet" in page
    assert case.number in page
    assert "Karin" not in page
    assert "HYPERLINK" not in page
    assert "Karin" not in pdf_text(browser.post(f"{MINE}fil/", {"format": "pdf"}).content)
    kept = json.loads(browser.post(f"{MINE}fil/", {"format": "json"}).content)
    assert "case.taken" in {event["event"] for event in kept["events"]}
    assert {event["reason"] for event in kept["events"]} == {None}
    assert people.browser(tenant).get(MINE)["Location"].startswith("/logga-in/")


def test_the_way_there_stands_on_mina_sidor(tenant: Principal) -> None:
    browser = people.browser(tenant, people.person("Britt"))
    assert MINE in text(browser.get("/mina-sidor/"))
    assert "Ingen har läst dina uppgifter än" in text(browser.get(MINE))


def test_the_other_party_does_not_see_what_was_read_about_me_alone(
    case: Case, anna: Person, karin: StaffMember, tenant: Principal
) -> None:
    erik = Person.objects.get(given_name="Erik")
    record_read(
        by=people.actor(karin), obj=anna, event="person.protected_opened", case_id=case.pk, person_id=anna.pk
    )
    assert "Öppnade skyddade" in text(people.browser(tenant, anna).get(MINE))
    page = text(people.browser(tenant, erik).get(MINE))
    assert "Öppnade skyddade" not in page
    assert "Läste ärendet" in page


@pytest.mark.parametrize(("scope", "status"), [(["all"], 200), (["felanmalan"], 403)])
def test_whoever_represents_in_everything_sees_it_too(
    case: Case, anna: Person, tenant: Principal, scope: list[str], status: int
) -> None:
    gunnar = people.person("Gunnar")
    mandate = Mandate.objects.create(
        holder=gunnar,
        represented=anna,
        kind="god_man",
        scope=scope,
        valid_from=date(2020, 1, 1),
        source="Beslut 2020",
        registered_by="Karin",
    )
    browser = people.browser(tenant, gunnar)
    browser.post("/fullmakt/", {"for": str(mandate.pk)})
    response = browser.get(MINE)
    assert response.status_code == status
    assert ("Läste ärendet" in text(response)) is (status == 200)
