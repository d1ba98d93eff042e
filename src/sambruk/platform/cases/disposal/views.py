"""The pages of disposal: what is due, a list, its confirmation, and the protocol."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sambruk.common.calendar import format_date
from sambruk.common.clock import today
from sambruk.common.errors import Conflict
from sambruk.platform.cases.actions import disposal
from sambruk.platform.cases.disposal import queries
from sambruk.platform.cases.models import DisposalLine, DisposalRun
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import notices
from sambruk.platform.ui.components import Column, Row, Table

COLUMNS = (
    Column(key="number", label="Ärende"),
    Column(key="service", label="E-tjänst"),
    Column(key="closed", label="Avslutat"),
    Column(key="may", label="Får gallras"),
    Column(key="must", label="Senast"),
    Column(key="state", label="Vad som händer", kind="tag"),
    Column(key="reason", label="Varför inte"),
)


def _titles() -> dict[str, str]:
    return {one.service.service: say(one.service.title) for one in definitions.offered()}


@require_GET
@staff_required(Permission.CASE_DISPOSE)
def overview(request: HttpRequest) -> HttpResponse:
    """What is due, what has no date, and the lists so far."""
    actor = actor_for(request)
    titles = _titles()
    return render(
        request,
        "cases/disposal.html",
        {
            "due": [(titles.get(one.service_id, one.service_id), one) for one in queries.due(actor)],
            "undated": queries.undated(actor),
            "runs": queries.runs(actor),
            "today": today(),
        },
    )


@require_POST
@staff_required(Permission.CASE_DISPOSE)
def make_list(request: HttpRequest) -> HttpResponse:
    """Make the dry list."""
    try:
        run = disposal.make_list(by=actor_for(request))
    except Conflict as error:
        notices.add(request, error.message_sv)
        return HttpResponseRedirect(reverse("cases:disposal"))
    return HttpResponseRedirect(reverse("cases:disposal_run", args=[run.pk]))


@require_GET
@staff_required(Permission.CASE_DISPOSE)
def run_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A list: before it is confirmed what will happen, afterwards the protocol."""
    run, lines = queries.run_of(run_id, actor_for(request))
    waiting = [line for line in lines if line.state == DisposalLine.State.WAITING]
    return render(
        request,
        "cases/disposal_run.html",
        {
            "run": run,
            "waiting": len(waiting),
            "disposed": sum(line.state == DisposalLine.State.DISPOSED for line in lines),
            "kept": sum(line.state == DisposalLine.State.KEPT for line in lines),
            "documents": sum(line.documents for line in lines),
            "open": run.confirmed_at is None and run.withdrawn_at is None,
            "sources": sorted({line.source for line in lines}),
            "table": _table(run, lines),
        },
    )


def _table(run: DisposalRun, lines: list[DisposalLine]) -> Table:
    titles = _titles()
    return Table(
        caption="Ärenden på listan",
        columns=COLUMNS,
        rows=[
            Row(
                cells={
                    "number": line.number,
                    "service": titles.get(line.service_id, line.service_id),
                    "closed": format_date(line.closed_on),
                    "may": format_date(line.may_go_on),
                    "must": format_date(line.must_be_gone_by),
                    "state": _state(run, line),
                    "reason": line.reason,
                },
                id=f"line-{line.pk}",
                attention=line.state == DisposalLine.State.WAITING and line.must_be_gone_by < today(),
            )
            for line in lines
        ],
        caption_hidden=True,
    )


def _state(run: DisposalRun, line: DisposalLine) -> str:
    if line.state == DisposalLine.State.WAITING and run.confirmed_at is None:
        return "Gallras"
    return line.get_state_display()


@require_POST
@staff_required(Permission.CASE_DISPOSE)
def confirm(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Confirm the list: the person has ticked that it has been read."""
    back = HttpResponseRedirect(reverse("cases:disposal_run", args=[run_id]))
    if request.POST.get("read") != "yes":
        notices.add(request, "Kryssa i att du har gått igenom listan. Gallring kan inte tas tillbaka.")
        return back
    try:
        disposal.confirm(run_id=run_id, by=actor_for(request), remark=request.POST.get("remark", ""))
    except Conflict as error:
        notices.add(request, error.message_sv)
        return back
    notices.add(request, "Listan är bekräftad. Ärendena gallras nu, ett i taget.")
    return back


@require_POST
@staff_required(Permission.CASE_DISPOSE)
def withdraw(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Withdraw the list."""
    try:
        disposal.withdraw(run_id=run_id, by=actor_for(request))
    except Conflict as error:
        notices.add(request, error.message_sv)
    else:
        notices.add(request, "Listan är tillbakadragen. Inget har gallrats.")
    return HttpResponseRedirect(reverse("cases:disposal"))
