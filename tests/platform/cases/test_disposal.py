"""Disposal: a list, a person who confirms it, a job that leaves only the protocol, and what it spares."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from tests.platform.cases.test_walk import Offer, report
from tests.support import people

from sambruk.common.actor import Actor, system_actor
from sambruk.common.clock import now, today
from sambruk.common.errors import Conflict, NotAllowed, NotFound
from sambruk.platform.audit.models import AuditEvent, AuditValue
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.audit.seal import seal_tenant
from sambruk.platform.audit.verify import Report, verify
from sambruk.platform.cases.actions import closing, disposal
from sambruk.platform.cases.actions.opening import NewParty
from sambruk.platform.cases.jobs import dispose_of
from sambruk.platform.cases.models import Case, CaseDocument, DisposalLine, DisposalRun, LogEntry, Note
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.documents import actions as documents
from sambruk.platform.documents.models import Document
from sambruk.platform.identity.models import StaffMember, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.messaging import actions as messaging
from sambruk.platform.messaging.models import Message
from sambruk.platform.tenancy.context import current_principal, current_tenant_id
from sambruk.platform.tenancy.models import Principal


@pytest.fixture
def effective(offer: Offer, street: Unit) -> Effective:
    return offer("felanmalan", {"default": street})


@pytest.fixture
def archivist(street: Unit) -> StaffMember:
    return people.staff("arvid", "archivist", at=street)


@pytest.fixture
def worker(street: Unit) -> StaffMember:
    return people.staff("mats", "field_worker", at=street)


def system() -> Actor:
    return system_actor(current_tenant_id(), "Test", frozenset({str(AuditPermission.DISPOSE)}))


def closed(effective: Effective, street: Unit, worker: StaffMember, **values: Any) -> Case:
    """A case with all that a case may have, closed, whose day has come."""
    case = report(effective, street, **values)
    document = documents.save(content=b"%PDF-1.4 x", name="a.pdf", kind="attachment", by=system(),
                              mime="application/pdf")  # fmt: skip
    CaseDocument.objects.create(
        case=case, document=document, category="attachment", title="a", added_at=now()
    )
    Note.objects.create(case=case, text="Ringde Nils.", at=now(), by=worker)
    messaging.send_message(case_id=case.pk, text="Hej, vi tittar på det.", by=people.actor(worker))
    closing.close(case, by=system())
    Case.objects.filter(pk=case.pk).update(closed_at="2024-01-15T09:00:00Z", disposal_on="2026-01-15")
    LogEntry.objects.filter(case=case).update(at="2024-01-15T09:00:00Z")
    case.refresh_from_db()
    return case


def run(made: DisposalRun) -> None:
    for line in made.lines.filter(state="waiting"):
        dispose_of(line.pk)


def test_a_confirmed_list_leaves_the_protocol_and_a_log_that_verifies(
    effective: Effective, street: Unit, worker: StaffMember, archivist: StaffMember
) -> None:
    case = closed(effective, street, worker)
    stays = report(effective, street)
    by = people.actor(archivist)
    made = disposal.make_list(by=by)
    line = made.lines.get()
    assert (line.number, line.state, line.reason) == (case.number, "waiting", "")
    assert Case.objects.filter(pk=case.pk).exists(), "a list is dry"
    with pytest.raises(Conflict, match="inga ärenden"):
        disposal.make_list(by=by)

    disposal.confirm(run_id=made.pk, by=by, remark="Enligt plan 2026.")
    run(made)
    assert not Case.objects.filter(pk=case.pk).exists()
    for model in (Note, Message, Document, CaseDocument):
        assert not model.objects.exists(), model
    assert list(LogEntry.objects.values_list("case_id", flat=True).distinct()) == [stays.pk]
    line.refresh_from_db()
    assert (line.state, line.documents) == ("disposed", 1)
    assert line.log_values > 0 and line.done_at is not None
    events = AuditEvent.objects.filter(case_id=case.pk)
    assert events.count() > 3, "that it happened stays"
    told = events.exclude(event="audit.values_disposed").values_list("pk", flat=True)
    assert not AuditValue.objects.filter(pk__in=list(told)).exists()
    dispose_of(line.pk)
    with pytest.raises(Conflict):
        disposal.confirm(run_id=made.pk, by=by)


def all_sealed(principal: Principal, as_tenant: Any) -> Report:
    """Seal until nothing waits: an event's turn comes when what began before it in the server has ended."""
    until = time.monotonic() + 90
    while True:
        seal_tenant(principal.pk)
        with as_tenant(principal):
            found = verify()
        if found.pending == 0 or time.monotonic() > until:
            return found
        time.sleep(0.2)


@pytest.mark.django_db(transaction=True)
def test_the_sealed_log_still_verifies(jarfalla: Principal, as_tenant: Any) -> None:
    from tests.platform.cases.conftest import SERVICES, administrator

    from sambruk.platform.definitions import actions, effective
    from sambruk.platform.definitions.load import load_folder

    with as_tenant(jarfalla):
        street = people.unit("gata", "technical")
        actions.publish_loaded(loaded=load_folder(SERVICES / "felanmalan"), by=administrator())
        actions.adopt(service="felanmalan", units={"default": street.pk}, by=administrator())
        worker = people.staff("mats", "field_worker", at=street)
        archivist = people.actor(people.staff("arvid", "archivist", at=street))
        case = closed(effective.for_service("felanmalan"), street, worker)
    all_sealed(jarfalla, as_tenant)
    with as_tenant(jarfalla):
        made = disposal.confirm(run_id=disposal.make_list(by=archivist).pk, by=archivist)
        run(made)
        assert not Case.objects.filter(pk=case.pk).exists()
    report_of = all_sealed(jarfalla, as_tenant)
    assert report_of.ok and report_of.pending == 0
    assert report_of.disposed > 0, "the seals know that what is gone was disposed of"


def test_it_is_asked_again_when_it_is_done(
    effective: Effective, street: Unit, worker: StaffMember, archivist: StaffMember
) -> None:
    case = closed(effective, street, worker)
    by = people.actor(archivist)
    made = disposal.make_list(by=by)
    disposal.confirm(run_id=made.pk, by=by)
    LogEntry.objects.filter(case=case).update(at=now())
    Case.objects.filter(pk=case.pk).update(closed_at=now())
    run(made)
    line = made.lines.get()
    assert line.state == "kept" and line.reason.startswith("Får gallras först")
    assert Case.objects.filter(pk=case.pk).exists()
    assert Note.objects.exists() and Document.objects.exists()


def test_only_whoever_may_and_only_their_units(
    effective: Effective, street: Unit, worker: StaffMember, archivist: StaffMember
) -> None:
    closed(effective, street, worker)
    for nobody in (people.actor(worker), people.actor(people.staff("adam", "administrator", at=street))):
        with pytest.raises(NotAllowed):
            disposal.make_list(by=nobody)
    elsewhere = people.actor(people.staff("alma", "archivist", at=people.unit()))
    with pytest.raises(Conflict):
        disposal.make_list(by=elsewhere)
    made = disposal.make_list(by=people.actor(archivist))
    with pytest.raises(NotFound):
        disposal.confirm(run_id=made.pk, by=elsewhere)
    with pytest.raises(NotAllowed):
        disposal.confirm(run_id=made.pk, by=system())
    with pytest.raises(NotAllowed, match="inte bekräftad"):
        disposal.dispose(line_id=made.lines.get().pk, by=system())
    assert Case.objects.count() == 1


def test_a_list_is_withdrawn_and_made_again(
    effective: Effective, street: Unit, worker: StaffMember, archivist: StaffMember
) -> None:
    closed(effective, street, worker)
    by = people.actor(archivist)
    first = disposal.make_list(by=by)
    disposal.withdraw(run_id=first.pk, by=by)
    with pytest.raises(Conflict):
        disposal.confirm(run_id=first.pk, by=by)
    assert disposal.make_list(by=by).lines.get().state == "waiting"
    assert first.lines.get().state == "withdrawn"


def test_a_note_goes_only_with_its_case(effective: Effective, street: Unit, worker: StaffMember) -> None:
    closed(effective, street, worker)
    with pytest.raises((InternalError, ProgrammingError), match="no confirmed list"), transaction.atomic():
        Note.objects.all().delete()
    for statement in ("UPDATE cases_note SET text = 'annat'", "DELETE FROM cases_disposalrun"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_what_is_done_is_all_or_nothing(
    effective: Effective, street: Unit, worker: StaffMember, archivist: StaffMember,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    case = closed(effective, street, worker)
    by = people.actor(archivist)
    made = disposal.make_list(by=by)
    disposal.confirm(run_id=made.pk, by=by)

    def fails(**values: object) -> int:
        raise RuntimeError("the log cannot be reached")

    monkeypatch.setattr(disposal, "dispose_values", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        run(made)
    assert Case.objects.filter(pk=case.pk).exists() and Document.objects.exists() and Message.objects.exists()


def test_the_pages_lead_from_what_is_due_to_the_protocol(
    effective: Effective, street: Unit, worker: StaffMember, archivist: StaffMember
) -> None:
    case = closed(effective, street, worker, parties=(NewParty(role="reporter", name="Nils Persson"),))
    browser = people.browser(current_principal(), archivist)
    page = browser.get("/handlaggning/gallring/").content.decode()
    assert "1 ärende" in page and "Ta fram gallringslista" in page
    there = browser.post("/handlaggning/gallring/lista/")["Location"]
    page = browser.get(there).content.decode()
    assert case.number in page and "kan inte tas tillbaka" in page
    assert "Nils" not in page, "a list says no more than it must"
    browser.post(f"{there}bekrafta/", {})
    assert DisposalRun.objects.get().confirmed_at is None, "unread lists are not confirmed"
    browser.post(f"{there}bekrafta/", {"read": "yes", "remark": "Enligt plan."})
    run(DisposalRun.objects.get())
    page = browser.get(there).content.decode()
    assert "Gallringsprotokoll" in page and "Enligt plan." in page and case.number in page
    assert "Bekräfta och gallra" not in page
    assert people.browser(current_principal(), worker).get("/handlaggning/gallring/").status_code == 403
    assert people.browser(current_principal(), worker).get(there).status_code == 403
    assert DisposalLine.objects.get().state == "disposed"
    assert Permission.CASE_DISPOSE not in people.actor(worker).permissions
    assert today() > date(2026, 1, 1)
