"""What people write comes back as what they wrote, on every page, in letters and PDFs; nothing runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.platform.documents.pdf_text import pdf_text
from tests.platform.forms.conftest import browser, offered
from tests.platform.forms.test_report import PNG, WHAT, begin, fill, provider
from tests.support import people
from tests.systems.financial_assistance.conftest import make_office

from sambruk.common.actor import system_actor
from sambruk.platform.cases.models import Case, Decision
from sambruk.platform.documents.queries import open_document
from sambruk.platform.forms import receipts
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.models import Membership, Person, StaffMember, Unit
from sambruk.platform.messaging import actions as messaging
from sambruk.platform.messaging import gateways
from sambruk.platform.messaging.texts import notice_text
from sambruk.platform.tenancy.models import Principal

__all__ = ["browser", "offered"]

EVIL = (
    "<script>alert(1)</script> \"><img src=x onerror=alert(1)> ' onfocus=alert(1) {{ 7*7 }} {% now 'Y' %} "
    '#panic("x") #read("/etc/passwd") $x^2$ **fet** [hit](javascript:alert(1)) {v0} {applicants} &lt;b&gt;'
)
SHORT = '"><img src=x onerror=alert(1)>#panic()'
_VOID_ON = re.compile(r"^on[a-z]")


class Page(HTMLParser):
    """What a browser would make of a page: faults that let something run, and the text that is seen."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._inside = tag
        if tag == "script" and not (values.get("src") or "").startswith("/static/"):
            self.faults.append(f"inline script {values}")
        if tag in ("style", "iframe", "object", "embed", "base"):
            self.faults.append(tag)
        for name, value in values.items():
            place = (value or "").strip().lower()
            if _VOID_ON.match(name) or name == "style" or place.startswith(("javascript:", "data:text")):
                self.faults.append(f"{tag} {name}={value}")
            if name == "src" and place == "x":
                self.faults.append("the picture")

    def handle_data(self, data: str) -> None:
        if self._inside in ("strong", "b", "em") and data.strip() == "fet":
            self.faults.append("markdown was read")
        self.text += data


def looked_at(response: Any, *, shows: str = "", path: str = "") -> str:
    """Check a page; with ``shows``, that the text stands there as it was written. Returns the page's text."""
    assert response.status_code == 200, (path, response.status_code)
    html = response.content.decode()
    page = Page(html)
    assert page.faults == [], path
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    if shows:
        # As text or as the value of a field; a page that shows it twice escapes it once.
        assert _squeezed(shows) in _squeezed(unescape(html)), path
        assert "&amp;lt;script" not in html, path
    return page.text


def _squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.usefixtures("offered")
def test_a_report_from_the_form_to_the_case_page(browser: Callable[..., Client], tenant: Principal) -> None:
    client = browser()
    address = begin(client)
    name = f"{SHORT}.png"
    client.post(f"{address}fil/photo/", {"photo": SimpleUploadedFile(name, PNG)})
    reporter = {"reporter_name": SHORT, "reporter_email": "a@exempel.se", "wants_answer": "yes"}
    fill(
        client, address, **reporter, description=EVIL,
        **{"place.address": SHORT, "place.description": EVIL[:100]},
    )  # fmt: skip
    bad = {**WHAT, "kind": SHORT, "danger": EVIL, "description": ""}
    assert Page(client.post(f"{address}what/", bad).content.decode()).faults == []
    assert (
        Page(client.post(f"{address}what/visa/", {**WHAT, "description": EVIL}).content.decode()).faults == []
    )
    client.post(f"{address}what/", {**WHAT, "description": EVIL})
    for step in ("what", "granska"):
        looked_at(client.get(f"{address}{step}/"), shows=EVIL, path=step)
    for step in ("where", "contact"):
        looked_at(client.get(f"{address}{step}/"), shows=SHORT, path=step)
    receipt = client.post(f"{address}granska/")["Location"]
    looked_at(client.get(receipt), path=receipt)
    case = Case.objects.get()
    _staff_pages(browser, case)
    draft = Draft.objects.get(case=case)
    receipts.write(draft, by=system_actor(tenant.pk, "Kvitto"))
    application = case.applications.get()
    assert application.receipt is not None
    written = _squeezed(pdf_text(open_document(application.receipt).read()))
    for part in (
        "<script>alert(1)</script>",
        "{{7*7}}",
        "#panic(",
        "$x^2$",
        "**fet**",
        "{v0}",
        "{applicants}",
    ):
        assert _squeezed(part) in written, part


def _staff_pages(browser: Callable[..., Client], case: Case) -> None:
    member = StaffMember.objects.create(provider=provider(), subject="kim", name=SHORT)
    unit = Unit.objects.get(slug="kontaktcenter")
    for role in ("contact_centre", "field_worker"):
        Membership.objects.create(staff=member, unit=unit, role=role, valid_from=date(2020, 1, 1))
    client = browser(member)
    base = f"/handlaggning/arende/{case.pk}/"
    noted = client.post(f"{base}gor/note/", {"text": EVIL})
    assert noted.status_code == 302, noted.content.decode()[-1500:]
    again = client.post(f"{base}gor/do:sort/", {"sorting": EVIL})
    assert again.status_code == 422
    assert Page(again.content.decode()).faults == []
    looked_at(client.get(base), shows=EVIL, path=base)
    looked_at(client.get(f"{base}?flik=log"), shows=EVIL, path="log")
    looked_at(client.get(f"{base}?flik=documents"), shows=SHORT, path="documents")
    looked_at(client.get(f"{base}?flik={SHORT}"), path="a tab that is not there")
    for query in ("", f"?q={SHORT}", f"?vy={SHORT}", f"?sida={SHORT}", "?vy=unit"):
        page = client.get(f"/handlaggning/{query}")
        assert page.status_code in (200, 404, 422), query
        assert Page(page.content.decode()).faults == [], query
    found = client.get("/handlaggning/palett/", {"q": "väg"})
    assert found["Content-Type"] == "application/json"
    assert found["X-Content-Type-Options"] == "nosniff"


def test_a_decision_from_the_application_to_the_letter(tenant: Principal) -> None:
    office = make_office("ekonomi")
    anna = Person.objects.create(
        personal_number="199006022397", given_name=SHORT, family_name="**fet**", street=SHORT,
        city="#panic()", postal_code="17731",
    )  # fmt: skip
    rows = [{"row": "r1", "job_date": "2026-11-05", "job_title": SHORT, "job_employer": EVIL[:150]}]
    case = office.apply(anna, livelihood=EVIL, more=EVIL, job_applications=rows)
    office.do(case, "do:review", office.caseworker, review_result="dismiss", adoption_or_placement="no")
    messaging.send_message(case_id=case.pk, text=EVIL, by=people.actor(anna))
    messaging.send_message(case_id=case.pk, text=f"Svar {EVIL}", by=office.caseworker)
    office.do(case, "note", office.caseworker, text=EVIL)
    office.decide(case, "dismiss", motivation=EVIL, phrases=["cannot_be_tried"])
    decision = Decision.objects.get(case=case)

    annas = people.browser(tenant, anna)
    mine = f"/mina-sidor/arenden/{case.pk}/"
    for path, shows in (
        ("/mina-sidor/", ""),
        (mine, ""),
        (f"{mine}beslut/{decision.pk}/", EVIL),
        (f"{mine}meddelanden/", EVIL),
        (f"/kvitto/{case.pk}/", ""),
    ):
        looked_at(annas.get(path), shows=shows, path=path)
    staff = people.browser(tenant, office.accounts["caseworker"])
    base = f"/handlaggning/arende/{case.pk}/"
    page = looked_at(staff.get(base), shows=EVIL, path=base)
    assert SHORT in page
    tabs = re.findall(r"\?flik=([a-z_-]+)", staff.get(base).content.decode())
    assert {"decision", "documents", "log", "messages"} <= set(tabs)
    for tab in set(tabs):
        looked_at(staff.get(f"{base}?flik={tab}"), path=tab)
    looked_at(staff.get(f"{base}?flik=log"), shows=EVIL, path="log")
    looked_at(staff.get(f"{base}?flik=messages"), shows=EVIL, path="messages")
    looked_at(staff.get("/handlaggning/?vy=unit"), path="inbox")

    assert decision.letter is not None
    letter = _squeezed(pdf_text(open_document(decision.letter).read()))
    for part in ("<script>alert(1)</script>", "<imgsrc=x", "#panic(", "#read(", "$x^2$", "**fet**", "{v0}"):
        assert _squeezed(part) in letter, part
    assert "root:" not in letter


def test_a_mail_has_no_more_heads_than_its_own(tenant: Principal) -> None:
    """A municipality's name stands in the head of a mail."""
    tenant.name = tenant.short_name = "Järfälla\r\nBcc: alla@exempel.se"
    text = notice_text(tenant)
    gateways.send_email(
        to="anna@exempel.se", subject=text.subject, body=text.body, sender=text.sender, message_id="<a@b>"
    )
    (sent,) = mail.outbox
    head = sent.message().as_bytes().partition(b"\n\n")[0]
    assert b"\nBcc" not in head
    assert sent.recipients() == ["anna@exempel.se"]


def test_the_look_at_a_page_sees_what_would_run() -> None:
    """What is promised above is promised by this check."""
    assert len(Page(f"<p>{EVIL}</p>").faults) >= 3
    assert Page("<p><strong>fet</strong></p>").faults == ["markdown was read"]
    assert Page(f'<p title="{SHORT}">').faults
    assert Page('<a href=" javascript:alert(1)">x</a><p style="x">').faults
