"""Every page on which staff see something of a case writes that it was read, each time it is opened."""

from __future__ import annotations

from tests.support import addresses, people
from tests.systems.financial_assistance.conftest import Office

from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Case, CaseDocument
from sambruk.platform.tenancy.context import current_principal
from sambruk.systems.financial_assistance.models import PaymentOrder

#: Pages by what they show. {case}, {order} and {document} are put in.
PAGES = {
    "the case": "/handlaggning/arende/{case}/",
    "its calculation": "/handlaggning/arende/{case}/?flik=calculation",
    "its decision": "/handlaggning/arende/{case}/?flik=decision",
    "its documents": "/handlaggning/arende/{case}/?flik=documents",
    "its messages on the page": "/handlaggning/arende/{case}/?flik=messages",
    "its log": "/handlaggning/arende/{case}/?flik=log",
    "its process": "/handlaggning/arende/{case}/process.bpmn",
    "its messages": "/handlaggning/arenden/{case}/meddelanden/",
    "a command": "/handlaggning/arende/{case}/gor/change_account/",
    "a document": "/dokument/{document}/",
    "its payment": "/ekonomiskt-bistand/utbetalningar/{order}/",
}


def reads(case: Case) -> int:
    return AuditEvent.objects.filter(is_read=True, case_id=case.pk, actor_kind="staff").count()


def test_each_opening_is_a_row(office: Office) -> None:
    case = office.ordered()
    names = {
        "case": case.pk,
        "order": PaymentOrder.objects.get(case=case).pk,
        "document": CaseDocument.objects.filter(case=case)[0].document_id,
    }
    browser = people.browser(current_principal(), office.accounts["caseworker"])
    for what, path in PAGES.items():
        for time in ("first", "again"):
            before = reads(case)
            answer = browser.get(path.format(**names))
            assert answer.status_code == 200, (what, answer.status_code)
            assert reads(case) == before + 1, (what, time)


def test_staff_do_not_read_by_the_residents_page(office: Office) -> None:
    case = office.ordered()
    browser = people.browser(current_principal(), office.accounts["caseworker"])
    before = reads(case)
    for path in ("", "meddelanden/"):
        assert browser.get(f"/mina-sidor/arenden/{case.pk}/{path}").status_code in (302, 403, 404), path
    assert browser.post(f"/mina-sidor/arenden/{case.pk}/meddelanden/", {"text": "x"}).status_code == 404
    assert reads(case) == before


def test_no_page_of_a_case_is_forgotten() -> None:
    """A new address under handläggning that names a case is put among the pages above, or here with why."""
    without_reading = {
        # Done by POST, and logged as what it does.
        "handlaggning/arende/<uuid:case_id>/oppna-skyddad/",
    }
    shown = {
        "handlaggning/arende/<uuid:case_id>/",
        "handlaggning/arende/<uuid:case_id>/process.bpmn",
        "handlaggning/arende/<uuid:case_id>/gor/<str:command>/",
        "handlaggning/arenden/<uuid:case_id>/meddelanden/",
    }
    routes = [route for route in addresses.all_routes() if route.startswith("handlaggning/")]
    found = {route for route in routes if "case_id" in addresses.parts_of(route)}
    assert found - without_reading == shown
