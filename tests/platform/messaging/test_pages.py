"""The conversation over HTTP: both faces, with and without JavaScript."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.platform.documents.conftest import PDF
from tests.platform.messaging.test_messages import send
from tests.support import people

from sambruk.common.ids import uuid7
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Case
from sambruk.platform.documents.models import Document
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.messaging.models import TEXT_MAX, Message, Receipt
from sambruk.platform.tenancy.models import Principal


@pytest.fixture
def annas(tenant: Principal, anna: Person) -> Client:
    return people.browser(tenant, anna)


def address(case: Case, face: str = "mina-sidor") -> str:
    return f"/{face}/arenden/{case.pk}/meddelanden/"


def test_a_resident_writes_and_reads_on_the_page(case: Case, annas: Client, karin: StaffMember) -> None:
    assert "Inga meddelanden än" in annas.get(address(case)).content.decode()
    answer = annas.post(
        address(case), {"text": "Hej <b>ni</b>", "key": "k", "files": SimpleUploadedFile("intyg.pdf", PDF)}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"{address(case)}#senaste")
    send(case, karin, "Hej <script>alert(1)</script>")
    page = annas.get(address(case)).content.decode()
    assert "Hej &lt;b&gt;ni&lt;/b&gt;" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert f"/dokument/{Document.objects.get().pk}/" in page
    assert Receipt.objects.count() == 1


def test_the_file_of_a_message_is_fetched_by_both_sides(
    case: Case, annas: Client, karin: StaffMember, bo: Person, tenant: Principal
) -> None:
    annas.post(address(case), {"text": "", "files": SimpleUploadedFile("intyg.pdf", PDF)})
    fetched = f"/dokument/{Document.objects.get().pk}/"
    for account in (karin, bo):
        assert people.browser(tenant, account).get(fetched).status_code == 200
    assert people.browser(tenant, people.person("Sven")).get(fetched).status_code == 404
    assert AuditEvent.objects.get(event="document.read").case_id == case.pk


def test_htmx_gets_the_conversation_alone(case: Case, annas: Client) -> None:
    answer = annas.post(address(case), {"text": "Hej"}, HTTP_HX_REQUEST="true")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith("<section")
    assert "<html" not in page


def test_what_was_typed_is_kept_with_the_error(case: Case, annas: Client) -> None:
    typed = "x" * (TEXT_MAX + 1)
    answer = annas.post(address(case), {"text": typed, "key": "mine"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert typed in page
    assert "tecken för lång" in page
    assert 'value="mine"' in page


def test_staff_see_the_tab_and_who_was_not_told(
    case: Case, tenant: Principal, karin: StaffMember, anna: Person
) -> None:
    Person.objects.filter(pk=anna.pk).update(protection="sekretess")
    browser = people.browser(tenant, karin)
    assert browser.post(address(case, "handlaggning"), {"text": "Skicka intyget."}).status_code == 302
    page = browser.get(address(case, "handlaggning")).content.decode()
    assert "Skicka intyget." in page
    assert "aviseras inte, skyddade personuppgifter" in page
    assert "anna@post.example" not in page


@pytest.mark.parametrize("face", ["mina-sidor", "handlaggning"])
def test_strangers_find_no_conversation(case: Case, tenant: Principal, face: str) -> None:
    for browser in (people.browser(tenant), people.browser(tenant, people.person("Sven"))):
        assert browser.get(address(case, face)).status_code in (302, 404)
        assert browser.post(address(case, face), {"text": "Hej"}).status_code in (302, 403, 404)
    assert not Message.objects.exists()


def test_a_resident_does_not_get_the_staffs_page_nor_a_broken_address(case: Case, annas: Client) -> None:
    assert annas.get(address(case, "handlaggning")).status_code == 404
    assert annas.get(f"{address(case)}?fore=x").status_code == 404
    assert annas.get(f"/mina-sidor/arenden/{uuid7()}/meddelanden/").status_code == 404
