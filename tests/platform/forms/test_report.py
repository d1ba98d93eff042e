"""A report without login: from the first page to the code by which it is followed."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.platform.forms.conftest import long_ago, provider
from tests.support.principals import JARFALLA

from sambruk.platform.cases.models import Application, Case, CaseDocument
from sambruk.platform.documents.models import Document
from sambruk.platform.forms import jobs
from sambruk.platform.forms.models import Draft, DraftFile
from sambruk.platform.identity.models import Membership, StaffMember, Unit

pytestmark = pytest.mark.usefixtures("offered")
Browser = Callable[..., Client]

WHAT = {"kind": "road", "danger": "no", "description": "Ett stort hål mitt i gatan.", "continue": "1"}
WHERE = {"place.address": "Storgatan 1", "place.lat": "", "place.lon": "", "place.description": "vid kiosken"}
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CONTACT = {"wants_answer": "no", "continue": "1"}


def begin(client: Client) -> str:
    """Begin a report; return the draft's address."""
    response = client.post("/tjanster/felanmalan/borja/")
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def fill(client: Client, address: str, **change: Any) -> None:
    for step, data in (("what", WHAT), ("where", WHERE), ("contact", CONTACT)):
        response = client.post(f"{address}{step}/", {**data, **change})
        assert response.status_code == 302, response.content.decode()


def test_a_report_becomes_a_case_that_its_code_follows(browser: Browser) -> None:
    client = browser()
    assert "Felanmälan gata och park" in client.get("/").content.decode()
    assert "Du behöver inte logga in" in client.get("/tjanster/felanmalan/").content.decode()
    address = begin(client)
    assert client.get(address, follow=True).redirect_chain == [(f"{address}what/", 302)]
    assert "Vad är fel?" in client.get(f"{address}what/").content.decode()
    fill(client, address)
    page = client.get(f"{address}granska/").content.decode()
    assert "Ett stort hål" in page
    response = client.post(f"{address}granska/")
    case = Case.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/kvitto/{case.pk}/")
    page = client.get(response["Location"]).content.decode()
    assert case.number in page
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{2}(?=</p>)", page)
    assert code is not None
    found = browser().post("/folj/", {"kod": code[0].lower()})
    assert case.number in found.content.decode()
    assert case.title == "Felanmälan: Hål eller skada i väg eller gångväg, Storgatan 1"
    assert case.code_hash
    assert code[0].replace("-", "") not in case.code_hash
    assert Application.objects.get().answers["place"] == {
        "address": "Storgatan 1",
        "description": "vid kiosken",
    }


def test_what_people_write_comes_back_as_text(browser: Browser) -> None:
    client = browser()
    address = begin(client)
    evil = "<script>alert(1)</script> {{ 7*7 }} \"'><img src=x onerror=alert(1)>"
    fill(client, address, description=evil, **{"place.address": evil})
    pages = [client.get(f"{address}{page}/") for page in ("what", "where", "granska")]
    pages.append(client.get(client.post(f"{address}granska/")["Location"]))
    for page in pages:
        text = page.content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in pages[0].content.decode()


def test_what_is_too_long_comes_back_with_a_sentence(browser: Browser) -> None:
    client = browser()
    address = begin(client)
    response = client.post(f"{address}what/", {**WHAT, "description": "x" * 2001})
    assert response.status_code == 422
    assert "1 tecken för lång" in response.content.decode()
    assert "x" * 2001 in client.get(f"{address}what/").content.decode()
    assert client.post(f"{address}what/", {**WHAT, "description": "x" * 3_000_000}).status_code in (400, 413)


def test_save_and_leave_keeps_what_cannot_be_read(browser: Browser) -> None:
    client = browser()
    address = begin(client)
    fill(client, address)
    sent = {"wants_answer": "yes", "reporter_email": "ingen adress", "save": "1"}
    assert client.post(f"{address}contact/", sent).status_code == 302
    page = client.get(f"{address}contact/").content.decode()
    assert 'value="ingen adress"' in page
    page = client.get(f"{address}granska/").content.decode()
    assert "går inte att läsa" in page
    assert "Skicka in" not in page


def test_an_old_page_does_not_overwrite_what_was_saved_after_it(browser: Browser) -> None:
    client = browser()
    address = begin(client)
    first = re.search(r'name="revision" value="(\d+)"', client.get(f"{address}what/").content.decode())
    assert first is not None
    assert client.post(f"{address}what/", {**WHAT, "revision": first[1]}).status_code == 302
    late = client.post(f"{address}what/", {**WHAT, "description": "Nyare text.", "revision": first[1]})
    assert late.status_code == 409
    assert "Nyare text." in late.content.decode()
    assert Draft.objects.get().answers["description"] == WHAT["description"]


def test_a_change_draws_the_questions_anew_and_saves_nothing(browser: Browser) -> None:
    client = browser()
    address = begin(client)
    page = client.get(f"{address}what/").content.decode()
    assert "Numret på lampan" not in page
    assert f'hx-post="{address}what/visa/"' in page
    part = client.post(f"{address}what/visa/", {**WHAT, "kind": "light"}).content.decode()
    assert "Numret på lampan" in part
    assert "<html" not in part
    assert Draft.objects.get().answers == {}


def test_pictures_are_taken_and_others_are_refused(browser: Browser) -> None:
    client = browser()
    address = begin(client)
    picture = SimpleUploadedFile("hål.png", PNG)
    sent = client.post(f"{address}fil/photo/", {"photo": picture}, headers={"hx-request": "true"})
    assert sent.status_code == 200, sent.content.decode()
    assert "hål.png" in sent.content.decode()
    text = SimpleUploadedFile("hål.png", b"<html><script>alert(1)</script>")
    sent = client.post(f"{address}fil/photo/", {"photo": text})
    assert sent.status_code == 422
    assert client.post(f"{address}fil/kind/", {"photo": picture}).status_code == 404
    without_scripts = client.post(f"{address}what/", {**WHAT, "photo": SimpleUploadedFile("2.png", PNG)})
    assert without_scripts.status_code == 302
    first, second = DraftFile.objects.order_by("added_at")
    gone = client.post(f"{address}ta-bort-fil/{first.pk}/", {**WHAT, "step": "what"})
    assert gone["Location"] == f"{address}what/"
    assert list(DraftFile.objects.values_list("pk", flat=True)) == [second.pk]
    fill(client, address)
    client.post(f"{address}granska/")
    assert CaseDocument.objects.get().title == "2.png"


def test_another_browser_sees_neither_draft_nor_receipt(browser: Browser) -> None:
    client, other = browser(), browser()
    address = begin(client)
    begin(other)
    fill(client, address)
    assert other.get(f"{address}what/").status_code == 404
    assert other.post(f"{address}granska/").status_code == 404
    receipt = client.post(f"{address}granska/")["Location"]
    assert other.get(receipt).status_code == 404
    assert other.post("/folj/", {"kod": "K7QF-3MXP-92"}).status_code == 422
    assert client.post(f"{address}what/", WHAT)["Location"] == receipt
    assert client.post(f"{address}granska/")["Location"] == receipt


def test_a_draft_is_removed_with_its_files_by_hand_and_by_time(browser: Browser) -> None:
    client = browser()
    for by_hand in (True, False):
        address = begin(client)
        client.post(f"{address}fil/photo/", {"photo": SimpleUploadedFile("hål.png", PNG)})
        if by_hand:
            assert "går inte att få tillbaka" in client.get(f"{address}ta-bort/").content.decode()
            client.post(f"{address}ta-bort/")
        else:
            Draft.objects.update(expires_at=long_ago(1))
            jobs.expire(JARFALLA)
        assert not Draft.objects.exists()
        assert not Document.objects.exists()


def test_staff_register_what_somebody_says_on_the_telephone(browser: Browser, offered: None) -> None:
    staff = StaffMember.objects.create(provider=provider(), subject="kim", name="Kim Kontakt")
    unit = Unit.objects.get(slug="kontaktcenter")
    Membership.objects.create(staff=staff, unit=unit, role="contact_centre", valid_from=date(2020, 1, 1))
    client = browser(staff)
    assert "/tjanster/felanmalan/borja/" in client.get("/handlaggning/registrera/").content.decode()
    address = begin(client)
    assert "ringa 112" in client.get(f"{address}what/").content.decode()
    fill(client, address)
    client.post(f"{address}granska/")
    case = Case.objects.get()
    assert case.channel == "telephone"
    assert Application.objects.get().filled_in_by == "Kim Kontakt"
    assert browser().get(f"{address}what/").status_code == 404
