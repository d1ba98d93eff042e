"""Handläggning: the list, the case on one page, and its commands."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases import access, commands, proposals, queries
from sambruk.platform.cases.case_page import case_context
from sambruk.platform.cases.commands import CommandField, Offer
from sambruk.platform.cases.models import Case, Party
from sambruk.platform.cases.staff_list import list_context, station_label
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.identity.actions import persons
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import navigation, notices
from sambruk.platform.ui.fields import Choice, FieldView, Kind

KINDS: dict[str, Kind] = {
    "text": "text",
    "long_text": "long_text",
    "date": "date",
    "choice": "radio",
    "choices": "checkboxes",
    "amount": "amount",
    "hidden": "hidden",
}
#: So many cases stand in the palette.
PALETTE_SIZE = 10


@require_GET
@staff_required()
def inbox(request: HttpRequest) -> HttpResponse:
    """The list: what needs me, most urgent first; filters stand in the address.

    It is where a login leads, so that those without cases (an administrator, an operator) are sent on to the
    first page that is theirs.
    """
    actor = actor_for(request)
    if not actor.may(Permission.CASE_READ):
        own = next((link.url for link in navigation.links("staff", request) if link.url != request.path), "")
        if not own:
            raise NotAllowed("Du har ingen roll ännu. Fråga din administratör om du behöver en.")
        return HttpResponseRedirect(own)
    return render(request, "cases/inbox.html", list_context(request, actor))


@require_GET
@staff_required(Permission.CASE_READ)
def case_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The case on one page. Opening it is logged as a read."""
    actor = actor_for(request)
    case = access.require_case(case_id, actor)
    audit.record_read(by=actor, obj=case, case_id=case.pk)
    return render(request, "cases/case.html", case_context(request, case, actor))


@require_http_methods(["GET", "POST"])
@staff_required(Permission.CASE_READ)
def command(request: HttpRequest, case_id: UUID, command: str) -> HttpResponseBase:
    """A command: its form where it has one, and the doing of it."""
    actor = actor_for(request)
    case = access.require_case(case_id, actor)
    offer = next((o for o in commands.offers(case, actor) if o.id == command), None)
    if offer is None:
        if why := proposals.why_not(case, actor, command):
            raise NotAllowed(why)
        raise Conflict("Det går inte att göra just nu. Ärendet kan ha gått vidare sedan du öppnade sidan.")
    if request.method == "GET":
        # The form says what the command would do: with which sum, to whom.
        audit.record_read(by=actor, obj=case, case_id=case.pk)
        return _command_form(request, case, offer, {}, {})
    data: dict[str, Any] = {
        f.id: request.POST.getlist(f.id) if f.kind == "choices" else request.POST.get(f.id, "")
        for f in offer.fields
    }
    revision = request.POST.get("revision", "")
    try:
        said = commands.run(
            case_id=case_id,
            command=command,
            data=data,
            by=actor,
            expected_revision=int(revision) if revision.isdecimal() and len(revision) < 10 else None,
        )
    except Invalid as error:
        return _command_form(
            request, case, offer, data, error.field_errors or {"": error.message_sv}, status=422
        )
    except Conflict as error:
        if error.code != "changed_meanwhile":
            raise
        # What was written is kept; the form now carries the case's present revision.
        return _command_form(request, case, offer, data, {"": error.message_sv}, status=409)
    notices.add(request, said)
    after = access.visible(actor).filter(pk=case_id).exists()
    return HttpResponseRedirect(reverse("cases:case", args=[case_id]) if after else reverse("cases:inbox"))


def _command_form(
    request: HttpRequest,
    case: Case,
    offer: Offer,
    data: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> HttpResponse:
    fields = [_field_view(f, data.get(f.id, f.initial), errors.get(f.id, "")) for f in offer.fields]
    return render(
        request,
        "cases/command.html",
        {
            "case": case,
            "offer": offer,
            "fields": fields,
            "general_error": errors.get("", ""),
            "facts": proposals.facts(case, offer, actor_for(request)),
        },
        status=status,
    )


def _field_view(field: CommandField, value: Any, error: str) -> FieldView:
    helps = dict(field.choice_help)
    return FieldView(
        name=field.id,
        label=field.label,
        kind=KINDS.get(field.kind, "text"),
        help=field.help,
        value=value,
        required=field.required,
        errors=(error,) if error else (),
        choices=tuple(Choice(v, label, helps.get(v, "")) for v, label in field.choices),
    )


@require_GET
@staff_required(Permission.CASE_READ)
def process_drawing(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The BPMN drawing of the case's own version. It is part of the case: opening it is logged as a read."""
    actor = actor_for(request)
    case = access.require_case(case_id, actor)
    audit.record_read(by=actor, obj=case, case_id=case.pk)
    effective = definitions.by_hash(case.definition_hash)
    return HttpResponse(
        effective.text(effective.service.process), content_type="application/xml; charset=utf-8"
    )


@require_GET
@staff_required(Permission.CASE_READ)
def palette(request: HttpRequest) -> JsonResponse:
    """Cases found by number or words, for Ctrl+K: the open ones first, then those that are closed."""
    actor = actor_for(request)
    words = request.GET.get("q", "").strip()
    if len(words) < 2:
        return JsonResponse({"items": []})
    found = queries.staff_list(actor, view="unit", search=words).cases[:PALETTE_SIZE]
    if len(found) < PALETTE_SIZE:
        found += queries.staff_list(actor, view="closed", search=words).cases[: PALETTE_SIZE - len(found)]
    return JsonResponse(
        {
            "items": [
                {
                    "label": f"{c.number} {c.title}",
                    "hint": station_label(c.station),
                    "url": reverse("cases:case", args=[c.id]),
                }
                for c in found
            ]
        }
    )


@require_POST
@staff_required(Permission.PROTECTED_OPEN)
def open_protected(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Open the protected identities of a case, with a reason that is logged."""
    actor: Actor = actor_for(request)
    case = access.require_case(case_id, actor)
    found = list(Party.objects.filter(case=case, person__isnull=False).select_related("person"))
    if not found:
        raise NotFound("Ärendet har ingen person att öppna.")
    for party in found:
        if party.person is not None and party.person.is_protected:
            persons.open_protected(
                by=actor,
                person=party.person,
                reason=request.POST.get("reason", ""),
                session=cast(Any, request).login_session,
            )
    return HttpResponseRedirect(
        reverse("cases:case", args=[case_id]) + "?" + urlencode({"flik": "application"})
    )
