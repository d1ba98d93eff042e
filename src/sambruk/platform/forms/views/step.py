"""The form's steps: shown, saved, drawn anew when an answer changes what is asked; files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.clock import now
from sambruk.common.errors import Conflict
from sambruk.platform.definitions.language import Step, say
from sambruk.platform.forms import actions, maps, periods, working
from sambruk.platform.forms.access import require_draft
from sambruk.platform.forms.actions.saving import FormData, Outdated, is_outdated, merge
from sambruk.platform.forms.fields import Page
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.views.files import files_sent
from sambruk.platform.forms.visitor import Visitor, back_after_login, visitor
from sambruk.platform.forms.working import Working
from sambruk.platform.ui import components, csp, formats, notices


def _draft(request: HttpRequest, draft_id: UUID) -> tuple[Draft, Visitor]:
    who = visitor(request)
    return require_draft(draft_id, who.actor, who.browser), who


def place_of(draft: Draft) -> str:
    """Return where a draft goes on: its receipt, its signatures, its next step or the review."""
    if draft.state == Draft.State.SUBMITTED and draft.case_id is not None:
        return reverse("forms:receipt", args=[draft.case_id])
    if draft.state == Draft.State.SIGNING:
        return reverse("forms:sign", args=[draft.pk])
    work = working.load(draft)
    target = work.next_step
    return (
        reverse("forms:step", args=[draft.pk, target]) if target else reverse("forms:review", args=[draft.pk])
    )


@require_GET
@back_after_login
def current(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Go on where one was."""
    draft, _who = _draft(request, draft_id)
    return HttpResponseRedirect(place_of(draft))


@require_http_methods(["GET", "POST"])
@back_after_login
def step(request: HttpRequest, draft_id: UUID, step_id: str) -> HttpResponseBase:
    """One step: read, filled in, saved."""
    draft, who = _draft(request, draft_id)
    if draft.state == Draft.State.SUBMITTED or (
        draft.state == Draft.State.SIGNING and request.method == "GET"
    ):
        return HttpResponseRedirect(place_of(draft))
    if request.method == "GET":
        work = working.load(draft)
        one = work.step(step_id)
        errors = {key: _("Det du skrev går inte att läsa. Skriv det igen.") for key in draft.typed}
        errors = {
            key: text for key, text in errors.items() if key.split(".")[0] in {f.id for f in one.fields}
        }
        return _page(request, work, one, errors=errors)
    return _save(request, draft, step_id, who)


def _save(request: HttpRequest, draft: Draft, step_id: str, who: Visitor) -> HttpResponseBase:
    data = dict(request.POST.lists())
    seen = _revision(request)
    if is_outdated(draft, step_id, seen):
        return _show_again(request, draft, step_id, data, Outdated())
    refused = files_sent(request, draft, who)
    adds, removes = request.POST.get("add", ""), request.POST.get("remove", "")
    saves = "save" in data
    goes_on = not (adds or removes or saves or refused)
    try:
        saved = actions.save_step(
            draft_id=draft.pk,
            step_id=step_id,
            data=data,
            by=who.actor,
            browser=who.browser,
            revision=seen,
            leave=goes_on,
        )
    except Outdated as error:
        return _show_again(request, draft, step_id, data, error)
    if saved.unsigned:
        notices.add(
            request, _("Du ändrade i ansökan. De underskrifter som fanns gäller inte längre."), "warning"
        )
    if adds or removes:
        return _rows(draft, step_id, who, adds, removes)
    if saves:
        notices.add(request, _("Det du har skrivit är sparat. Du kan fortsätta när du vill."))
        home = "cases:my_pages" if draft.person_id and who.actor.is_resident else "forms:start"
        return HttpResponseRedirect(reverse(home))
    saved.errors |= refused
    if saved.errors:
        one = saved.work.step(step_id)
        case_url = periods.existing_case_url(saved.work)
        return _page(request, saved.work, one, errors=saved.errors, status=422, case_url=case_url)
    target = saved.work.after(step_id)
    where = (
        reverse("forms:step", args=[draft.pk, target]) if target else reverse("forms:review", args=[draft.pk])
    )
    return HttpResponseRedirect(where)


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _rows(draft: Draft, step_id: str, who: Visitor, adds: str, removes: str) -> HttpResponseBase:
    anchor = ""
    if adds:
        changed = actions.add_row(draft_id=draft.pk, group_id=adds, by=who.actor, browser=who.browser)
        anchor = f"#id_{adds}.{len(changed.answers[adds]) - 1}"
    else:
        group_id, _dot, place = removes.partition(".")
        if not (place.isascii() and place.isdigit() and len(place) < 5):
            raise Http404
        actions.remove_row(
            draft_id=draft.pk, group_id=group_id, place=int(place), by=who.actor, browser=who.browser
        )
        anchor = f"#id_{group_id}"
    return HttpResponseRedirect(reverse("forms:step", args=[draft.pk, step_id]) + anchor)


def _show_again(
    request: HttpRequest, draft: Draft, step_id: str, data: FormData, error: Outdated
) -> HttpResponse:
    """Show what was typed, over the draft as it is now; nothing is saved."""
    draft.refresh_from_db()
    work = working.load(draft)
    one = work.step(step_id)
    merge(work, one, data)
    return _page(request, working.load(draft), one, errors={}, status=409, warning=error.message_sv)


@require_POST
@back_after_login
def autosave(request: HttpRequest, draft_id: UUID, step_id: str) -> HttpResponse:
    """Save what stands in the browser, asked by the page itself while somebody writes.

    Answers the time and the revision as JSON; 409 with a sentence where another window has changed the step.
    """
    who = visitor(request)
    try:
        draft = actions.autosave(
            draft_id=draft_id,
            step_id=step_id,
            data=dict(request.POST.lists()),
            by=who.actor,
            browser=who.browser,
            revision=_revision(request),
        )
    except Conflict as error:
        return JsonResponse({"detail": error.message_sv}, status=409)
    return JsonResponse({"saved_at": formats.tid(now()), "revision": draft.revision})


@require_POST
@back_after_login
def preview(request: HttpRequest, draft_id: UUID, step_id: str) -> HttpResponse:
    """Draw the questions of a step for the answers as they stand in the browser. Nothing is saved."""
    draft, _who = _draft(request, draft_id)
    work = working.load(draft)
    one = work.step(step_id)
    # In the instance only: without save() the database keeps what it has.
    merge(work, one, dict(request.POST.lists()))
    work = working.load(draft)
    return render(request, "forms/_blocks.html", _context(work, one, errors={}))


def _page(
    request: HttpRequest,
    work: Working,
    one: Step,
    *,
    errors: Mapping[str, str],
    status: int = 200,
    warning: str = "",
    case_url: str = "",
) -> HttpResponse:
    if (server := maps.server_for(one)) is not None:
        csp.allow_images_from(request, server.origin)
    context = _context(work, one, errors=errors)
    context |= {"warning": warning, "existing_case_url": case_url}
    return render(request, "forms/step.html", context, status=status)


def _context(work: Working, one: Step, *, errors: Mapping[str, str]) -> dict[str, Any]:
    draft = work.draft
    page = Page(work, one, work.answers, work.evaluation, draft.typed, errors)
    before = work.before(one.id)
    return {
        "draft": draft,
        "service_title": say(work.service.title),
        "step": one,
        "title": say(one.title),
        "help": say(one.help),
        "steps": progress(work, one.id),
        "blocks": page.blocks(),
        "errors": page.error_links(),
        "autosave_url": reverse("forms:autosave", args=[draft.pk, one.id]),
        "preview_url": reverse("forms:preview", args=[draft.pk, one.id]),
        "back_url": reverse("forms:step", args=[draft.pk, before]) if before else "",
    }


def progress(work: Working, here: str) -> list[components.Step]:
    """Return the steps with the review last; links lead to those that are done."""
    draft = work.draft
    found = [
        components.Step(
            title=say(one.title),
            url=reverse("forms:step", args=[draft.pk, one.id]) if one.id in draft.steps_done else "",
            state="current" if one.id == here else "done" if one.id in draft.steps_done else "todo",
        )
        for one in work.steps
    ]
    last = components.Step(title=_("Granska och skicka"), state="current" if here == "" else "todo")
    return [*found, last]
