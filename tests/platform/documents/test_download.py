"""A file leaves the house as something to save, to those who may read it and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.platform.documents.conftest import PDF
from tests.platform.documents.test_documents import save
from tests.support import people

from sambruk.common.actor import Actor
from sambruk.common.ids import uuid7
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.documents import access
from sambruk.platform.documents.models import Document, Scan
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.usefixtures("store_folder")

CASE = uuid7()


@pytest.fixture
def anna_person(tenant: Principal) -> Person:
    return people.person()


@pytest.fixture
def karin_staff(tenant: Principal) -> StaffMember:
    return people.staff("karin", "caseworker")


@pytest.fixture
def document(anna_person: Person, karin_staff: StaffMember) -> Iterator[Document]:
    """Anna's file, which Karin may read in its case."""
    anna = people.actor(anna_person)
    made = save(anna, name="läkarintyg.pdf")

    def may_read(document: Document, actor: Actor) -> access.Grant | None:
        return access.Grant(case_id=CASE) if actor.id in (anna.id, karin_staff.pk) else None

    access.reader("attachment")(may_read)
    yield made
    access.forget(may_read)


def get(browser: Client, document: Document) -> tuple[int, bytes]:
    answer = browser.get(f"/dokument/{document.pk}/")
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def test_who_may_read_gets_the_bytes_as_something_to_save(
    tenant: Principal, document: Document, anna_person: Person
) -> None:
    answer = people.browser(tenant, anna_person).get(f"/dokument/{document.pk}/")
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "l%C3%A4karintyg.pdf" in answer["Content-Disposition"]
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert not AuditEvent.objects.filter(is_read=True).exists()


def test_what_staff_reads_is_logged_under_its_case(
    tenant: Principal, document: Document, karin_staff: StaffMember
) -> None:
    assert get(people.browser(tenant, karin_staff), document) == (200, PDF)
    event = AuditEvent.objects.get(is_read=True)
    assert (event.event, event.object_id, event.case_id) == ("document.read", document.pk, CASE)
    assert event.actor_id == karin_staff.pk


def test_nobody_else_learns_that_it_exists(tenant: Principal, document: Document) -> None:
    strangers = [people.browser(tenant), people.browser(tenant, people.person("Bo"))]
    strangers.append(
        people.browser(tenant, people.staff("stina", "caseworker", at=people.unit("trafik", "technical")))
    )
    unknown = Document(pk=uuid7())
    for browser in strangers:
        assert get(browser, document)[0] == 404
        assert get(browser, document)[0] == get(browser, unknown)[0]
    assert not AuditEvent.objects.filter(is_read=True).exists()


def test_at_another_municipality_it_does_not_exist(
    committed_db: str, jarfalla: Principal, botkyrka: Principal
) -> None:
    def everybody(document: Document, actor: Actor) -> bool:
        return True

    access.reader("attachment")(everybody)
    try:
        with tenant_transaction(jarfalla.pk):
            anna = people.person()
            document = save(people.actor(anna))
            here = people.browser(jarfalla, anna)
        with tenant_transaction(botkyrka.pk):
            there = people.browser(botkyrka, people.person())
        assert get(here, document) == (200, PDF)
        assert get(there, document)[0] == 404
        # A login at one municipality is none at another.
        here.defaults["HTTP_HOST"] = "botkyrka.localhost"
        assert get(here, document)[0] == 404
    finally:
        access.forget(everybody)


@pytest.mark.parametrize(("scan", "status"), [(Scan.PENDING, 409), (Scan.INFECTED, 409)])
def test_what_may_not_be_opened_yet_says_why(
    tenant: Principal, document: Document, karin_staff: StaffMember, scan: str, status: int
) -> None:
    at = document.created_at if scan == Scan.INFECTED else None
    Document.objects.filter(pk=document.pk).update(scan=scan, scanned_at=at)
    answer = people.browser(tenant, karin_staff).get(f"/dokument/{document.pk}/")
    assert answer.status_code == status
    assert "virus" in answer.content.decode()


def test_it_is_only_read(tenant: Principal, document: Document, anna_person: Person) -> None:
    assert people.browser(tenant, anna_person).post(f"/dokument/{document.pk}/").status_code == 405
