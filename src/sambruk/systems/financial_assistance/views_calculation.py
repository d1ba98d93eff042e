"""Working with the calculation over HTTP: with htmx in place, without it by loading the page again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid
from sambruk.platform.cases import access
from sambruk.platform.cases.case_page import case_context
from sambruk.platform.cases.models import Case
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import notices
from sambruk.systems.financial_assistance.actions import calculation
from sambruk.systems.financial_assistance.calculation.household import Household
from sambruk.systems.financial_assistance.calculation_form import parse
from sambruk.systems.financial_assistance.case_commands import panel_url
from sambruk.systems.financial_assistance.models import WorkingCalculation
from sambruk.systems.financial_assistance.staff_panel import PANEL, draw


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@require_POST
@staff_required(Permission.CASE_WORK)
def save(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Save the rows; the button's `do` says whether to read the application again or to approve after."""
    actor = actor_for(request)
    case = access.require_case(case_id, actor)
    typed = {name: str(value) for name, value in request.POST.items()}
    do = typed.get("do", "save")
    try:
        said = _do(case, typed, do, _revision(request), actor)
    except calculation.ChangedMeanwhile as error:
        return _again(request, case, fault=f"{error.message_sv} Det du skrev är inte sparat.")
    except Invalid as error:
        return _again(request, case, errors=error.field_errors, fault=_general(error), kept=typed)
    except Conflict as error:
        return _again(request, case, fault=error.message_sv)
    if do != "approve" and _is_fragment(request):
        return HttpResponse(draw(request, case))
    notices.add(request, said)
    return _to_panel(request, case)


def _general(error: Invalid) -> str:
    """Return the sentence above the table: the fault itself, or that some row has one."""
    known = error.field_errors
    if not known:
        return error.message_sv
    return known.get("", "") or "Något behöver rättas. Det står vid raden."


@transaction.atomic
def _do(case: Case, typed: Mapping[str, str], do: str, revision: int | None, actor: Actor) -> str:
    """Do what the button says. One press is all or nothing: rows are not saved where approving fails."""
    if do == "refresh":
        calculation.refresh(case_id=case.pk, by=actor, expected_revision=revision)
        return "Ansökan är läst in igen. Det du har ändrat står kvar."
    row = WorkingCalculation.objects.filter(case=case).first()
    if row is None:
        raise Conflict("Beräkningen är inte förberedd ännu. Granska ansökan först.")
    changes = parse(typed, Household.model_validate(row.household))
    found = calculation.change(case_id=case.pk, changes=changes, by=actor, expected_revision=revision)
    if do == "approve":
        calculation.approve(case_id=case.pk, by=actor, expected_revision=found.row.revision)
        return "Beräkningen är godkänd. Nu kan du föreslå ett beslut."
    return "Beräkningen är sparad."


@require_POST
@staff_required(Permission.CASE_WORK)
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Open an approved calculation again, with a reason."""
    actor = actor_for(request)
    case = access.require_case(case_id, actor)
    try:
        calculation.reopen(
            case_id=case_id,
            reason=request.POST.get("reason", ""),
            by=actor,
            expected_revision=_revision(request),
        )
    except (Invalid, Conflict) as error:
        return _again(request, case, fault=error.message_sv)
    notices.add(request, "Beräkningen är öppen igen.")
    return _to_panel(request, case)


def _to_panel(request: HttpRequest, case: Case) -> HttpResponseBase:
    if _is_fragment(request):
        # What can be done now has changed too: the whole page is loaded.
        return HttpResponse(headers={"HX-Redirect": panel_url(case)})
    return HttpResponseRedirect(panel_url(case))


def _again(
    request: HttpRequest,
    case: Case,
    *,
    errors: Mapping[str, str] | None = None,
    fault: str = "",
    kept: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Show the calculation again with what is wrong, and what was typed."""
    body = draw(request, case, errors=errors, fault=fault, kept=kept)
    if _is_fragment(request):
        return HttpResponse(body, status=422)
    context = {**case_context(request, case, actor_for(request)), "tab": PANEL, "body": body}
    return render(request, "cases/case.html", context, status=422)
