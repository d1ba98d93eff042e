"""Mina sidor: what to do, where each case stands, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid, NotFound
from sambruk.platform.cases import access, letters, my_pages, queries
from sambruk.platform.cases.actions import completion, decisions
from sambruk.platform.cases.models import Case, Decision, Task
from sambruk.platform.cases.panels import resident_panels_for
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.identity.decorators import actor_for, resident_required
from sambruk.platform.ui import notices


def _person(actor: Actor) -> UUID:
    person = access.acting_person(actor)
    if person is None:
        raise NotFound("Logga in för att se dina ärenden.")
    return person


@require_GET
@resident_required()
def home(request: HttpRequest) -> HttpResponse:
    """The resident's own page, beginning with what there is to do."""
    actor = actor_for(request)
    person = _person(actor)
    cases = queries.resident_cases(person, services=actor.services)
    todos = [todo for source in my_pages.todo_sources() for todo in source(actor)]
    todos += [todo for case in cases for todo in my_pages.todos_of(case, person)]
    drafts = [draft for source in my_pages.draft_sources() for draft in source(actor)]
    return render(
        request,
        "cases/my_pages.html",
        {
            "todos": sorted(todos, key=lambda t: (t.due is None, t.due or 0)),
            "drafts": drafts,
            "open_cases": [my_pages.summary(c) for c in cases if c.is_open],
            "closed_cases": [my_pages.summary(c) for c in cases if not c.is_open],
            "actor": actor,
        },
    )


@require_GET
@resident_required()
def case_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case: where it stands, what happens next, what to do, decision, payments, messages, papers."""
    actor = actor_for(request)
    case = access.require_case(case_id, actor)
    context: dict[str, Any] = my_pages.case_context(case, _person(actor))
    context["panels"] = [
        {"id": p.id, "label": p.label, "html": p.render(request, case)} for p in resident_panels_for(case)
    ]
    return render(request, "cases/my_case.html", context)


@require_GET
@resident_required()
def decision(request: HttpRequest, case_id: UUID, decision_id: UUID) -> HttpResponse:
    """The decision as a page. Reading it is receiving it: the time to appeal is counted from today."""
    actor = actor_for(request)
    case = access.require_case(case_id, actor, lock=True)
    found = (
        Decision.objects.filter(pk=decision_id, case=case, decided_at__isnull=False)
        .select_related("case")
        .first()
    )
    if found is None:
        raise NotFound("Vi hittar inte beslutet.")
    decisions.received(decision=found, by=actor)
    letter = letters.compose(case, found)
    return render(
        request,
        "cases/my_decision.html",
        {
            "case": case,
            "decision": found,
            # The person's own: another party's term began on another day.
            "appeal_until": found.receipts.get(person_id=_person(actor)).appeal_until,
            "letter": letter.html(),
        },
    )


@require_http_methods(["GET", "POST"])
@resident_required()
def complete(request: HttpRequest, case_id: UUID, task_id: UUID) -> HttpResponseBase:
    """Answer what the caseworker asked for: words and files."""
    actor = actor_for(request)
    case: Case = access.require_case(case_id, actor)
    task = Task.objects.filter(
        pk=task_id, case=case, state=Task.State.OPEN, done_by_kind=Task.For.RESIDENT
    ).first()
    if task is None:
        raise NotFound("Det finns inget att komplettera längre. Du kan ha skickat det redan.")
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            completion.deliver(
                case_id=case_id,
                task_id=task_id,
                text=request.POST.get("text", ""),
                files=request.FILES.getlist("files"),
                by=actor,
            )
        except Invalid as error:
            errors = error.field_errors or {"text": error.message_sv}
        else:
            notices.add(request, "Tack! Din komplettering är inskickad.")
            return HttpResponseRedirect(reverse("cases:my_case", args=[case_id]))
    service = definitions.by_hash(case.definition_hash).service
    return render(
        request,
        "cases/complete.html",
        {
            "case": case,
            "task": task,
            "service_title": say(service.title),
            "fields": my_pages.completion_fields(request.POST.get("text", ""), errors),
            "asked": completion.asked(case),
        },
        status=422 if errors else 200,
    )
