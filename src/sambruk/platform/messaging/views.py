"""The conversation: a page of Mina sidor, and the body of the staff's tab, both by the same partial."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid, NotFound
from sambruk.common.ids import uuid7
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases import access
from sambruk.platform.cases.models import Case
from sambruk.platform.messaging import actions, queries
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.ui.fields import FieldView

ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.docx,.odt,.txt"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _before(request: HttpRequest) -> UUID | None:
    value = request.GET.get("fore", "")
    try:
        return UUID(value) if value else None
    except ValueError as error:
        raise NotFound from error


def render_conversation(
    request: HttpRequest,
    case: Case,
    *,
    text: str = "",
    errors: Mapping[str, str] | None = None,
    key: str = "",
) -> str:
    """Return the conversation with its form as HTML, and note that the actor has seen it.

    ``text`` is kept as typed where ``errors`` (by field) send the form back.
    """
    actor, errors = _actor(request), errors or {}
    conversation = queries.conversation(case=case, actor=actor, before=_before(request))
    if actor.is_staff or actor.is_resident:
        actions.mark_read(case_id=case.id, by=actor)
    name = "staff-messages" if actor.is_staff else "messages"
    context = {
        "case": case,
        "conversation": conversation,
        "unnotified": queries.unnotified(case) if actor.is_staff else [],
        "principal": current_principal(),
        "may_write": actor.is_staff or case.is_open,
        "url": reverse(name, args=[case.id]),
        "key": key or uuid7().hex,
        "errors": [(f"id_{field}", sentence) for field, sentence in errors.items()],
        "text_field": FieldView(
            name="text",
            label="Skriv ett meddelande",
            kind="long_text",
            value=text,
            errors=[errors["text"]] if "text" in errors else [],
        ),
        "file_field": FieldView(
            name="files",
            label="Filer",
            kind="file",
            help="PDF, bild eller text, högst 10 filer.",
            required=False,
            errors=[errors["files"]] if "files" in errors else [],
            accept=ACCEPT,
            multiple=True,
        ),
    }
    return render_to_string("messaging/conversation.html", context, request)


def _send(request: HttpRequest, case_id: UUID) -> Mapping[str, str]:
    """Send what the form holds; returns the errors by field, empty if it was sent."""
    files = [(each.name or "fil", each) for each in request.FILES.getlist("files")]
    try:
        actions.send_message(
            case_id=case_id,
            text=request.POST.get("text", ""),
            by=_actor(request),
            files=files,
            key=request.POST.get("key", ""),
        )
    except Invalid as error:
        return error.field_errors or {"text": error.message_sv}
    return {}


def _answer(request: HttpRequest, case: Case, errors: Mapping[str, str]) -> str:
    return render_conversation(
        request,
        case,
        text=request.POST.get("text", "") if errors else "",
        errors=errors,
        key=request.POST.get("key", "") if errors else "",
    )


def _page(request: HttpRequest, case: Case, address: str, template: str) -> HttpResponse:
    """Show the conversation, or write in it by POST: the partial for htmx, else the page."""
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        errors = _send(request, case.id)
        if not errors and not request.headers.get("HX-Request"):
            return HttpResponseRedirect(f"{reverse(address, args=[case.id])}#senaste")
    body = _answer(request, case, errors)
    status = 422 if errors else 200
    if request.headers.get("HX-Request"):
        return HttpResponse(body, status=status)
    return render(request, template, {"case": case, "conversation": body}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The resident's page of Mina sidor. Staff have their own, where the reading is logged."""
    if _actor(request).is_staff:
        raise NotFound
    case = access.require_case(case_id, _actor(request))
    return _page(request, case, "messages", "messaging/resident.html")


@require_http_methods(["GET", "HEAD", "POST"])
def staff_messages(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The staff's: the tab's body for htmx, a page of its own without. Each opening is logged as a read."""
    actor = _actor(request)
    if not actor.is_staff:
        raise NotFound
    case = access.require_case(case_id, actor)
    # What mark_read writes says which messages were new; that the conversation was read again is this row.
    audit.record_read(by=actor, obj=case, event="message.read", case_id=case.pk)
    return _page(request, case, "staff-messages", "messaging/staff.html")
