"""Files of a draft: sent at once, with the form where there are no scripts, and taken away."""

from __future__ import annotations

from typing import IO, Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from sambruk.common.errors import Invalid, Unavailable
from sambruk.platform.forms import actions, working
from sambruk.platform.forms.access import require_draft
from sambruk.platform.forms.fields import Page
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.visitor import Visitor, back_after_login, visitor
from sambruk.platform.forms.working import Working
from sambruk.platform.ui.errors import error_page


def _draft(request: HttpRequest, draft_id: UUID) -> tuple[Draft, Visitor]:
    who = visitor(request)
    return require_draft(draft_id, who.actor, who.browser), who


def files_sent(request: HttpRequest, draft: Draft, who: Visitor) -> dict[str, str]:
    """Take the files that come with the form itself, from a browser without scripts; errors by address."""
    errors: dict[str, str] = {}
    for name in request.FILES:
        errors |= _take(request, draft, who, name, _row_address(draft, name))
    return {name: text for name, text in errors.items() if text}


def _row_address(draft: Draft, name: str) -> str:
    """Return how a file field is named by its row's own id; the form names it by the row's place."""
    parts = name.split(".")
    rows = draft.answers.get(parts[0]) or []
    if len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 5 and int(parts[1]) < len(rows):
        return f"{parts[0]}.{rows[int(parts[1])].get('row')}.{parts[2]}"
    return name


def _take(request: HttpRequest, draft: Draft, who: Visitor, name: str, address: str) -> dict[str, str]:
    for file in request.FILES.getlist(name):
        try:
            actions.add_file(
                draft_id=draft.pk,
                address=address,
                content=cast(IO[bytes], file),
                name=file.name or "fil",
                by=who.actor,
                browser=who.browser,
            )
        except (Invalid, Unavailable) as error:
            # A full or absent store must not take with it what was typed beside the file.
            return {name: f"{file.name}: {error.message_sv}"}
    return {}


@require_POST
@back_after_login
def upload(request: HttpRequest, draft_id: UUID, address: str) -> HttpResponseBase:
    """Take files for one field. The answer is the field's part of the page (200, or 422 with errors)."""
    draft, who = _draft(request, draft_id)
    errors: dict[str, str] = {}
    for name in request.FILES:
        for text in _take(request, draft, who, name, address).values():
            errors[address] = text
    return _files_part(request, draft, address, errors)


def _files_part(request: HttpRequest, draft: Draft, address: str, errors: dict[str, str]) -> HttpResponse:
    draft.refresh_from_db()
    work = working.load(draft)
    place = _page_address(work, address)
    for one in work.steps:
        if any(field.id == address.split(".")[0] for field in one.fields):
            page = Page(
                work, one, work.answers, work.evaluation, errors={place: errors[address]} if errors else {}
            )
            block = next((found for found in _flat(page.blocks()) if found.id == place), None)
            if block is not None:
                context = {"block": block, "draft": draft}
                return render(request, "forms/_file_list.html", context, status=422 if errors else 200)
    return error_page(request, 404)


def _flat(blocks: Any) -> list[Any]:
    return [inner for block in blocks for inner in (block, *(b for row in block.rows for b in row.blocks))]


def _page_address(work: Working, address: str) -> str:
    """Return the address on the page of a file field that is named by its row's id."""
    parts = address.split(".")
    if len(parts) != 3:
        return address
    rows = [str(row.get("row")) for row in work.draft.answers.get(parts[0]) or []]
    return f"{parts[0]}.{rows.index(parts[1])}.{parts[2]}" if parts[1] in rows else address


@require_POST
@back_after_login
def remove_file(request: HttpRequest, draft_id: UUID, file_id: UUID) -> HttpResponseBase:
    """Take a file away. The rest of the form is saved as it stands, then the step is shown again."""
    draft, who = _draft(request, draft_id)
    step_id = request.POST.get("step", "")
    if step_id in {one.id for one in working.load(draft).service.steps}:
        actions.save_step(
            draft_id=draft.pk,
            step_id=step_id,
            data=dict(request.POST.lists()),
            by=who.actor,
            browser=who.browser,
            leave=False,
        )
    actions.remove_file(draft_id=draft.pk, file_id=file_id, by=who.actor, browser=who.browser)
    where = (
        reverse("forms:step", args=[draft.pk, step_id])
        if step_id
        else reverse("forms:draft", args=[draft.pk])
    )
    return HttpResponseRedirect(where)
