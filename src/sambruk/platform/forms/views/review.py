"""Everything once more, before it is signed or sent; and the removal of a draft."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sambruk.common.errors import Conflict, Invalid
from sambruk.platform.definitions.display import sections
from sambruk.platform.definitions.language import say
from sambruk.platform.forms import actions, gate, periods, submission, working
from sambruk.platform.forms.access import require_draft
from sambruk.platform.forms.actions.freezing import whole_errors
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.views.step import place_of, progress
from sambruk.platform.forms.visitor import back_after_login, visitor
from sambruk.platform.forms.working import Working
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.ui import notices
from sambruk.platform.ui.components import Term


@require_http_methods(["GET", "POST"])
@back_after_login
def review(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Show all answers with *Ändra*; send them, or go on to the signatures."""
    who = visitor(request)
    draft = require_draft(draft_id, who.actor, who.browser)
    if draft.state != Draft.State.OPEN:
        return HttpResponseRedirect(place_of(draft))
    conflict = ""
    if request.method == "POST":
        try:
            if working.load(draft).evaluation.signatures:
                actions.freeze(draft_id=draft_id, by=who.actor, browser=who.browser)
                return HttpResponseRedirect(reverse("forms:sign", args=[draft_id]))
            case = submission.submit(draft_id, by=who.actor, browser=who.browser)
            return HttpResponseRedirect(reverse("forms:receipt", args=[case.pk]))
        except Invalid:
            draft.refresh_from_db()
        except Conflict as error:
            conflict = error.message_sv
            draft.refresh_from_db()
            if draft.state == Draft.State.SUBMITTED:
                return HttpResponseRedirect(place_of(draft))
    return _page(request, working.load(draft), conflict, sent=request.method == "POST")


def _page(request: HttpRequest, work: Working, conflict: str, *, sent: bool) -> HttpResponse:
    checked, errors = whole_errors(work)
    context = {
        "draft": work.draft,
        "service_title": say(work.service.title),
        "steps": progress(work, ""),
        "sections": review_sections(work, work.draft.pk),
        "errors": [(_step_url(work, address), text) for address, text in errors.items()],
        "conflict": conflict,
        "existing_case_url": periods.existing_case_url(work) if conflict or errors else "",
        "attestations": attestations(work),
        "signs": bool(checked.evaluation.signatures),
        "several": len(checked.evaluation.signatures) > 1,
        "back_url": reverse("forms:step", args=[work.draft.pk, work.steps[-1].id]) if work.steps else "",
    }
    return render(
        request, "forms/review.html", context, status=422 if sent and errors else 409 if conflict else 200
    )


def _step_url(work: Working, address: str) -> str:
    top = address.split(".")[0]
    for step in work.service.steps:
        if step.id == top or any(field.id == top for field in step.fields):
            return reverse("forms:step", args=[work.draft.pk, step.id]) + f"#id_{address}"
    return reverse("forms:draft", args=[work.draft.pk])


def review_sections(work: Working, draft_id: UUID | None) -> list[dict[str, Any]]:
    """Return the answers as sections of terms; with a draft's id each leads back to its step.

    What was answered before the form comes first: it is signed too, and only a new draft changes it.
    """
    before = gate.told(work.service, work.draft.gate, current_principal().name)
    first = [{"title": _("Innan du började"), "items": [Term(label=q, value=a) for q, a in before]}]
    return (first if before else []) + [
        {
            "title": section.title,
            "items": [Term(label=one.label, value=one.text) for one in section.answers],
            "change_url": reverse("forms:step", args=[draft_id, section.step]) if draft_id else "",
        }
        for section in sections(work.service, work.answers, work.evaluation)
    ]


def attestations(work: Working, party: str = "") -> list[str]:
    """Return the sentences that are attested, of one party or all, each once."""
    found: dict[str, None] = {}
    for place, one in enumerate(work.service.signatures):
        if place in work.evaluation.signatures and party in ("", one.party):
            found |= dict.fromkeys(say(work.service.attestations[key]) for key in one.attests)
    return list(found)


@require_http_methods(["GET", "POST"])
@back_after_login
def delete(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Ask, and remove the draft."""
    who = visitor(request)
    draft = require_draft(draft_id, who.actor, who.browser)
    if request.method == "POST":
        actions.delete(draft_id=draft_id, by=who.actor, browser=who.browser)
        notices.add(request, _("Utkastet är borttaget."))
        home = "cases:my_pages" if who.actor.is_resident else "forms:start"
        return HttpResponseRedirect(reverse(home))
    context = {"draft": draft, "service_title": say(working.load(draft).service.title)}
    return render(request, "forms/delete.html", context)
