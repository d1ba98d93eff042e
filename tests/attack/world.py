"""Two municipalities with people in them, and a case of Anna's that nobody else may know of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.test import Client
from tests.platform.forms.household import PDF
from tests.support import people
from tests.systems.financial_assistance.conftest import Office, make_office

from sambruk.common.clock import now
from sambruk.platform.cases import commands
from sambruk.platform.cases.models import Case, CaseDocument, Decision, Task
from sambruk.platform.documents import actions as documents
from sambruk.platform.forms import actions as forms
from sambruk.platform.forms.models import DraftFile
from sambruk.platform.identity.models import Membership, Person, StaffMember, Unit
from sambruk.platform.messaging import actions as messaging
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance.models import PaymentOrder

AsTenant = Callable[[Principal], AbstractContextManager[Principal]]

ANNAS_NUMBER = "199006022397"
#: Each stands in something of Anna's, and in nothing that an intruder may see.
SECRETS = (
    "Hemligström", "0602-2397", "06022397", "Jag har köpt en båt för pengarna", "Vinter i lägenheten",
    "hemligt-intyg", "Krångelvägen",
)  # fmt: skip


@dataclass
class World:
    """Who there is, and the ids of what is Anna's by the names that the addresses use."""

    office: Office
    anna: Person
    case: Case
    annas: Client
    caseworker: Client
    ids: dict[str, UUID] = field(default_factory=dict)
    #: Pages of Anna's and her caseworker's at every stage of a case, with their forms.
    pages: list[str] = field(default_factory=list)
    #: Logged in and not entitled: name to browser.
    residents: dict[str, Client] = field(default_factory=dict)
    staff: dict[str, Client] = field(default_factory=dict)


def build(jarfalla: Principal, botkyrka: Principal, as_tenant: AsTenant) -> World:
    """Make it, in a transaction that the test rolls back."""
    with as_tenant(jarfalla):
        world = _annas(jarfalla)
        world.residents = {
            "another resident": people.browser(jarfalla, people.person("Bo")),
            "nobody": people.browser(jarfalla),
        }
        other = people.unit("forskola")
        street = people.unit("gata", "technical")
        world.staff = {
            "another unit": people.browser(jarfalla, people.staff("una", "caseworker", at=other)),
            "another authority": people.browser(
                jarfalla, people.staff("tekla", "caseworker", "contact_centre", at=street)
            ),
            "one who left": people.browser(jarfalla, _left(world.office.unit)),
        }
    with as_tenant(botkyrka):
        own = make_office("ekonomi")
        world.residents["a resident elsewhere"] = people.browser(botkyrka, people.person("Cat"))
        every = people.staff("bea", "caseworker", "decision_maker", "payment_approver", at=own.unit)
        world.staff["another municipality"] = people.browser(botkyrka, every)
    return world


def _left(unit: Unit) -> StaffMember:
    member = people.staff("lena", at=unit)
    Membership.objects.create(
        staff=member, unit=unit, role="caseworker", valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1)
    )
    return member


def _pages(office: Office, anna: Person) -> list[str]:
    """A case that waits for Anna, one to be calculated, one to be decided, and every form of theirs."""
    waits, counts, decides = (office.apply(anna, month=date(2026, month, 1)) for month in (9, 10, 11))
    sent = {"review_result": "complete", "adoption_or_placement": "no", "message": "Skicka hyresavin."}
    office.do(waits, "do:review", office.caseworker, **sent)
    task = Task.objects.get(case=waits, state="open", done_by_kind="resident")
    office.review(counts)
    office.review(decides)
    office.approve(decides)
    found = [f"/mina-sidor/arenden/{waits.pk}/komplettera/{task.pk}/"]
    for case in (waits, counts, decides):
        base = f"/handlaggning/arende/{case.pk}/"
        tabs = ("application", "calculation", "decision", "messages", "log")
        found += [base, *(f"{base}?flik={tab}" for tab in tabs)]
        found += [f"{base}gor/{one.id}/" for one in commands.offers(case, office.caseworker)]
    return found


def _annas(principal: Principal) -> World:
    office = make_office("ekonomi")
    anna = Person.objects.create(
        personal_number=ANNAS_NUMBER, given_name="Anna", family_name="Hemligström", street="Krångelvägen 7"
    )
    by = people.actor(anna)
    case = office.ordered(anna, livelihood="Jag har köpt en båt för pengarna")
    messaging.send_message(case_id=case.pk, text="Vinter i lägenheten", by=by)
    document = documents.save(content=PDF, name="hemligt-intyg.pdf", kind="attachment", by=by)
    CaseDocument.objects.create(
        case=case, document=document, category="attachment", title="hemligt-intyg.pdf", added_at=now()
    )
    task = Task.objects.create(
        case=case, element="ask", title="Vinter i lägenheten", done_by_kind=Task.For.RESIDENT, person=anna,
        opened_at=now(),
    )  # fmt: skip
    draft = forms.begin(
        service_id=case.service_id, by=by, browser="", gate={"gate_same_household": True}, fresh=True
    )
    draft.answers = {"livelihood": "Jag har köpt en båt för pengarna"}
    draft.save()
    added = documents.save(content=PDF + b" ", name="hemligt-intyg.pdf", kind="draft", by=by)
    file = DraftFile.objects.create(draft=draft, document=added, field="account_overview", added_at=now())
    decision = Decision.objects.get(case=case)
    order = PaymentOrder.objects.get(case=case)
    annas, caseworker = (
        people.browser(principal, anna),
        people.browser(principal, office.accounts["caseworker"]),
    )
    return World(
        office=office, anna=anna, case=case, annas=annas, caseworker=caseworker, pages=_pages(office, anna),
        ids={
            "case_id": case.pk, "decision_id": decision.pk, "document_id": document.pk, "task_id": task.pk,
            "draft_id": draft.pk, "file_id": file.pk, "order_id": order.pk,
        },
    )  # fmt: skip
