"""A completion: what was written is found by both sides, and whoever was waited for is told of it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.platform.documents.conftest import PDF
from tests.support import people
from tests.systems.financial_assistance.conftest import Office

from sambruk.common.calendar import now
from sambruk.platform.cases.case_page import picture
from sambruk.platform.cases.models import Case, Party, Task
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.documents.models import Document
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging.models import Message, Notice
from sambruk.platform.tenancy.models import Principal


@pytest.fixture
def maja(tenant: Principal) -> Person:
    return people.person("Maja", personal_number="199006022397")


@pytest.fixture
def erik(tenant: Principal) -> Person:
    return people.person("Erik", email="erik@post.example", notify_email=True)


@pytest.fixture
def case(office: Office, maja: Person, erik: Person) -> Case:
    """Maja's and Erik's application; the caseworker has asked for the rent's receipt."""
    made = office.apply(maja)
    Party.objects.create(case=made, person=erik, role="co_applicant", name=erik.full_name)
    asked = {"review_result": "complete", "adoption_or_placement": "no", "message": "Skicka hyresavin."}
    office.do(made, "do:review", office.caseworker, **asked)
    return made


@pytest.fixture
def majas(tenant: Principal, maja: Person) -> Client:
    return people.browser(tenant, maja)


def form(case: Case) -> str:
    task = Task.objects.get(case=case, state="open", done_by_kind="resident")
    return f"/mina-sidor/arenden/{case.pk}/komplettera/{task.pk}/"


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("refused_first", [False, True])
def test_both_find_what_was_written_and_sent(
    case: Case, majas: Client, office: Office, tenant: Principal, erik: Person, refused_first: bool
) -> None:
    where = form(case)
    if refused_first:
        bad = SimpleUploadedFile("avi.exe", b"MZ\x00\x00")
        back = majas.post(where, {"text": "Här kommer det.", "files": bad})
        assert back.status_code == 422
        assert "Här kommer det." in back.content.decode(), "what was typed is kept"
        assert not Message.objects.exists()
    sent = majas.post(where, {"text": "Här kommer det.", "files": SimpleUploadedFile("avi.pdf", PDF)})
    assert (sent.status_code, sent["Location"]) == (302, f"/mina-sidor/arenden/{case.pk}/")

    file = f"/dokument/{Document.objects.get(kind='completion').pk}/"
    caseworkers = people.browser(tenant, office.accounts["caseworker"])
    seen_by_staff = page(caseworkers, f"/handlaggning/arende/{case.pk}/?flik=messages")
    assert "Här kommer det." in seen_by_staff and file in seen_by_staff
    assert "står under Meddelanden" in page(caseworkers, f"/handlaggning/arende/{case.pk}/?flik=log")
    for client in (majas, people.browser(tenant, erik)):
        conversation = page(client, f"/mina-sidor/arenden/{case.pk}/meddelanden/")
        assert "Här kommer det." in conversation and file in conversation
        assert client.get(file).status_code == 200
    assert caseworkers.get(file).status_code == 200
    assert Message.objects.count() == 1


def test_the_words_stand_in_no_row_but_the_messages(case: Case, majas: Client) -> None:
    majas.post(form(case), {"text": "Här kommer det."})
    assert all("Här kommer" not in str(task.data) for task in Task.objects.filter(case=case))
    assert Message.objects.get().text == "Här kommer det."


def test_who_wants_mail_is_told_that_something_is_asked_for(case: Case, erik: Person, maja: Person) -> None:
    assert set(Notice.objects.values_list("person_id", "channel")) == {(erik.pk, "email")}


def test_the_case_page_leads_to_the_conversation(case: Case, majas: Client) -> None:
    where = f"/mina-sidor/arenden/{case.pk}/"
    assert f'href="{where}meddelanden/"' in page(majas, where)
    assert "<textarea" in page(majas, f"{where}meddelanden/")


def test_a_closed_case_says_what_to_do_instead(case: Case, majas: Client, tenant: Principal) -> None:
    tenant.phone = "08-580 285 00"
    tenant.save(update_fields=["phone"])
    Task.objects.filter(case=case, state="open").update(state="cancelled", done_at=now())
    closed = {"closed_at": now(), "station": "closed", "disposal_fault": "Ingen regel"}
    Case.objects.filter(pk=case.pk).update(**closed)
    where = f"/mina-sidor/arenden/{case.pk}/"
    for path in (where, f"{where}meddelanden/"):
        text = page(majas, path)
        assert "Ärendet är avslutat" in text and "08-580 285 00" in text
        assert "<textarea" not in text
    assert f'href="{where}meddelanden/"' in page(majas, where)


def test_while_the_resident_is_waited_for_staff_read_so(
    case: Case, office: Office, tenant: Principal
) -> None:
    caseworkers = people.browser(tenant, office.accounts["caseworker"])
    text = page(caseworkers, f"/handlaggning/arende/{case.pk}/")
    assert "Väntar på den sökande" in text
    assert "Väntar på dig" not in text
    assert "Tiden har gått ut" not in text
    effective = definitions.by_hash(case.definition_hash)
    assert [each.id for each in effective.process.active(case.process_state)] == [
        "complete",
        "completion_passed",
    ], "the term runs beside the task"
    assert picture(case, effective).current == ["complete"]


def test_a_case_that_is_not_ones_own_is_told_of_in_a_residents_words(case: Case, tenant: Principal) -> None:
    answer = people.browser(tenant, people.person("Sven")).get(f"/mina-sidor/arenden/{case.pk}/")
    assert answer.status_code == 404
    assert "annan enhet" not in answer.content.decode()
