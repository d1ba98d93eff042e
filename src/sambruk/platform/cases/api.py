"""Cases over the API: those of the client's units, logged as read, and what can be done with them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict
from sambruk.common.text import clean
from sambruk.platform.api.auth import OAuth2, client_of
from sambruk.platform.api.idempotency import IdempotencyKey, Reply, once
from sambruk.platform.api.paging import BY_ID, Instant, PageParams, by_instant, link_next, page_of
from sambruk.platform.audit.actions import record_read
from sambruk.platform.cases import access, commands
from sambruk.platform.cases.api_models import (
    CaseDetail,
    CasePage,
    CommandDone,
    CommandList,
    CommandRun,
    LogEntryOut,
    LogPage,
    TaskPage,
    command_out,
    detail,
    summary,
    task_out,
)
from sambruk.platform.cases.models import Case, LogEntry, Task
from sambruk.platform.identity.permissions import Permission

router = Router(tags=["cases"], by_alias=True, auth=OAuth2(Permission.CASE_READ))


class CaseFilter(PageParams):
    """Which cases."""

    service: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,79}$")] | None = None
    status: Literal["open", "closed"] | None = None
    opened_from: Annotated[Instant | None, Field(alias="openedFrom")] = None


def _filtered(cases: QuerySet[Case], params: CaseFilter) -> QuerySet[Case]:
    if params.service:
        cases = cases.filter(service_id=params.service)
    if params.status:
        cases = cases.filter(closed_at__isnull=params.status == "open")
    if params.opened_from:
        cases = cases.filter(opened_at__gte=params.opened_from)
    return cases


def _read_case(request: HttpRequest, case_id: UUID) -> tuple[Case, Actor]:
    """Return a case that the client may see, and log that it was read. Raises NotFound."""
    actor = client_of(request)
    case = access.require_case(case_id, actor)
    record_read(by=actor, obj=case, case_id=case.pk)
    return case, actor


@router.get("/cases", response=CasePage, summary="Enheternas ärenden")
def list_cases(request: HttpRequest, response: HttpResponse, params: Query[CaseFilter]) -> CasePage:
    """Return the cases of the client's units, in the order in which they came in."""
    cases = _filtered(access.visible(client_of(request)), params)
    rows = cases.select_related("unit", "authority").defer("process_state", "search_text", "search")
    page = page_of(rows, [by_instant("opened_at"), BY_ID], params)
    link_next(request, response, page.next)
    return CasePage(items=[summary(case) for case in page.items], next=page.next)


@router.get("/cases/{uuid:case_id}", response=CaseDetail, summary="Ett ärende")
def get_case(request: HttpRequest, case_id: UUID) -> CaseDetail:
    """Return a case with its parties."""
    case, actor = _read_case(request, case_id)
    return detail(case, actor)


@router.get("/cases/{uuid:case_id}/log", response=LogPage, summary="Ärendets händelser")
def get_case_log(
    request: HttpRequest, response: HttpResponse, case_id: UUID, params: Query[PageParams]
) -> LogPage:
    """Return what has happened, oldest first."""
    case, _ = _read_case(request, case_id)
    page = page_of(LogEntry.objects.filter(case=case), [by_instant("at"), BY_ID], params)
    link_next(request, response, page.next)
    return LogPage(items=[LogEntryOut.model_validate(one) for one in page.items], next=page.next)


@router.get("/cases/{uuid:case_id}/tasks", response=TaskPage, summary="Ärendets uppgifter")
def get_case_tasks(
    request: HttpRequest, response: HttpResponse, case_id: UUID, params: Query[PageParams]
) -> TaskPage:
    """Return what there is to do and what was done."""
    case, _ = _read_case(request, case_id)
    page = page_of(Task.objects.filter(case=case), [by_instant("opened_at"), BY_ID], params)
    link_next(request, response, page.next)
    return TaskPage(items=[task_out(one) for one in page.items], next=page.next)


@router.get("/cases/{uuid:case_id}/commands", response=CommandList, summary="Vad systemet kan göra nu")
def get_case_commands(request: HttpRequest, case_id: UUID) -> CommandList:
    """Return what the client can do with the case now. What is done on a page of its own is not among it."""
    case, actor = _read_case(request, case_id)
    found = [command_out(offer) for offer in commands.offers(case, actor) if not offer.url]
    return CommandList(items=found, revision=case.revision)


@router.post(
    "/cases/{uuid:case_id}/commands/{str:command}", response={200: CommandDone}, summary="Gör något i ärendet"
)
def run_case_command(
    request: HttpRequest,
    case_id: UUID,
    command: str,
    body: CommandRun,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Run a command that is offered. The same check guards it here as on the page."""
    actor = client_of(request)
    values = {
        key: clean(value) if isinstance(value, str) else [clean(one) for one in value]
        for key, value in body.fields.items()
    }

    def effect() -> Reply:
        case = access.require_case(case_id, actor, lock=True)
        if any(offer.id == command and offer.url for offer in commands.offers(case, actor)):
            raise Conflict("Det här görs på en egen sida i handläggningen, inte genom API:et.")
        message = commands.run(
            case_id=case_id, command=command, data=values, by=actor, expected_revision=body.revision
        )
        after = access.visible(actor).filter(pk=case_id).first()
        return Reply(
            200, CommandDone(message=message, case=detail(after, actor) if after is not None else None)
        )

    return once(request, idempotency_key, effect)
