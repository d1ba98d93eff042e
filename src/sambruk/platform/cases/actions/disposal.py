"""Disposal: a dry list, confirmed or withdrawn by a person; then the job takes the cases one by one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.clock import local_date, now, today
from sambruk.common.errors import Conflict, NotAllowed, NotFound
from sambruk.platform.audit import actions as audit
from sambruk.platform.audit.disposal import dispose_values
from sambruk.platform.cases.disposal.rules import why_kept
from sambruk.platform.cases.events import CaseDisposing
from sambruk.platform.cases.models import Case, CaseDocument, Decision, DisposalLine, DisposalRun
from sambruk.platform.cases.models.application import Application
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.documents import actions as documents
from sambruk.platform.exchange import outbox
from sambruk.platform.identity.permissions import Permission, units_with

#: A list is read by a person before it is confirmed; what is left comes on the next.
LONGEST_LIST = 500
#: The kind of work that disposes of one line.
WORK = "cases.dispose"
REASON = "Gallring"


def _units(by: Actor) -> list[UUID]:
    if not by.is_staff:
        raise NotAllowed("Gallring bekräftas av en person.")
    by.require(Permission.CASE_DISPOSE)
    return list(units_with(by, Permission.CASE_DISPOSE))


@transaction.atomic
def make_list(*, by: Actor) -> DisposalRun:
    """List the cases of the actor's units that are due today, and what stays and why; nothing goes yet.

    Permission: case.dispose. Raises Conflict where nothing is due.
    """
    day = today()
    waiting = DisposalLine.objects.filter(case_id=OuterRef("pk"), state=DisposalLine.State.WAITING)
    due = list(
        Case.objects.filter(closed_at__isnull=False, disposal_on__lte=day, unit_id__in=_units(by))
        .exclude(Exists(waiting))
        .order_by("disposal_by", "disposal_on", "id")[:LONGEST_LIST]
    )
    if not due:
        raise Conflict("Det finns inga ärenden att gallra just nu.")
    assert by.id is not None  # noqa: S101 - staff
    moment = now()
    run = DisposalRun.objects.create(as_of=day, listed_at=moment, listed_by_id=by.id, listed_by_name=by.name)
    lines = [_line(run, case) for case in due]
    DisposalLine.objects.bulk_create(lines)
    audit.record(event="disposal.listed", by=by, obj=run, fields={"cases": len(lines)})
    return run


def _line(run: DisposalRun, case: Case) -> DisposalLine:
    why = why_kept(case, run.as_of)
    rule = definitions.by_hash(case.definition_hash).service.retention
    assert case.disposal_on is not None and case.closed_at is not None  # noqa: S101 - it was asked for
    return DisposalLine(
        run=run,
        case_id=case.pk,
        number=case.number,
        service_id=case.service_id,
        unit_id=case.unit_id,
        closed_on=local_date(case.closed_at),
        may_go_on=case.disposal_on,
        must_be_gone_by=case.disposal_by or case.disposal_on,
        source=rule.source,
        state=DisposalLine.State.KEPT if why else DisposalLine.State.WAITING,
        reason=why[:300],
        done_at=run.listed_at if why else None,
    )


def _locked(run_id: UUID, by: Actor) -> DisposalRun:
    """Return a list that waits, locked, if all its units are the actor's. Raises NotFound, Conflict."""
    units = _units(by)
    run = DisposalRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.lines.exclude(unit_id__in=units).exists():
        raise NotFound("Vi hittar inte listan.")
    if run.confirmed_at is not None or run.withdrawn_at is not None:
        raise Conflict("Listan är redan bekräftad eller tillbakadragen.")
    return run


@transaction.atomic
def confirm(*, run_id: UUID, by: Actor, remark: str = "") -> DisposalRun:
    """Confirm a list: its cases are disposed of by jobs, one each. It cannot be taken back.

    Permission: case.dispose in every unit of the list. Raises NotFound, Conflict.
    """
    run = _locked(run_id, by)
    waiting = list(run.lines.filter(state=DisposalLine.State.WAITING).values_list("pk", flat=True))
    if not waiting:
        raise Conflict("Det finns inget på listan att gallra.")
    run.confirmed_at, run.confirmed_by_id, run.confirmed_by_name = now(), by.id, by.name
    run.remark = remark.strip()[:500]
    run.save(update_fields=["confirmed_at", "confirmed_by_id", "confirmed_by_name", "remark"])
    audit.record(event="disposal.confirmed", by=by, obj=run, fields={"cases": len(waiting)})
    outbox.enqueue_many([outbox.Wanted(kind=WORK, object_id=pk, key=f"dispose:{pk}") for pk in waiting])
    return run


@transaction.atomic
def withdraw(*, run_id: UUID, by: Actor) -> DisposalRun:
    """Withdraw a list that is not confirmed; its cases may come on another. Raises NotFound, Conflict."""
    run = _locked(run_id, by)
    run.withdrawn_at, run.withdrawn_by_name = now(), by.name
    run.save(update_fields=["withdrawn_at", "withdrawn_by_name"])
    run.lines.filter(state=DisposalLine.State.WAITING).update(
        state=DisposalLine.State.WITHDRAWN, done_at=run.withdrawn_at
    )
    audit.record(event="disposal.withdrawn", by=by, obj=run)
    return run


@transaction.atomic
def dispose(*, line_id: UUID, by: Actor) -> DisposalLine:
    """Dispose of one case of a confirmed list: itself, its documents, messages, the log's personal values.

    By the system alone. Everything that keeps a case is asked again; what stays says why. The line stays.
    """
    if not by.is_system:
        raise NotAllowed
    line = DisposalLine.objects.select_for_update(of=("self",)).select_related("run").get(pk=line_id)
    if line.state != DisposalLine.State.WAITING:
        return line
    if line.run.confirmed_at is None:
        raise NotAllowed("Listan är inte bekräftad.")
    case = Case.objects.select_for_update(of=("self",)).filter(pk=line.case_id).first()
    if case is None:
        return _done(line, DisposalLine.State.KEPT, reason="Ärendet fanns inte längre.")
    if why := why_kept(case, today()):
        return _done(line, DisposalLine.State.KEPT, reason=why)
    return _dispose(case, line, by)


def _dispose(case: Case, line: DisposalLine, by: Actor) -> DisposalLine:
    found = set(_documents(case))
    events.publish(CaseDisposing(case, by, found))
    case_id = case.pk
    case.delete()
    kept = set(CaseDocument.objects.filter(document_id__in=found).values_list("document_id", flat=True))
    line.documents = documents.dispose(document_ids=found - kept, reason=REASON, by=by)
    line.log_values = dispose_values(by=by, case_id=case_id, reason=REASON)
    audit.record(event="case.disposed", by=by, obj=line, fields={"number": line.number})
    return _done(line, DisposalLine.State.DISPOSED)


def _documents(case: Case) -> Iterable[UUID]:
    yield from CaseDocument.objects.filter(case=case).values_list("document_id", flat=True)
    for model, field in ((Decision, "letter_id"), (Application, "receipt_id")):
        rows = model._default_manager.filter(case=case)
        yield from (found for found in rows.values_list(field, flat=True) if found is not None)


def _done(line: DisposalLine, state: DisposalLine.State, *, reason: str = "") -> DisposalLine:
    line.state, line.reason, line.done_at = state, reason[:300], now()
    line.save(update_fields=["state", "reason", "done_at", "documents", "log_values"])
    return line
