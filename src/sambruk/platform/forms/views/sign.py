"""Who has signed and who has not; signing with one's own e-ID; the last signature sends it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sambruk.common.errors import Conflict
from sambruk.platform.definitions.language import say
from sambruk.platform.forms import actions, submission, working
from sambruk.platform.forms.access import require_draft, require_signer
from sambruk.platform.forms.actions.signing import PURPOSE, all_signed, may_be_reminded
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.forms.reminders import can_reach
from sambruk.platform.forms.signers import own_place
from sambruk.platform.forms.views.review import attestations, review_sections
from sambruk.platform.forms.views.step import place_of
from sambruk.platform.forms.visitor import back_after_login, visitor
from sambruk.platform.forms.working import Working
from sambruk.platform.identity import signing
from sambruk.platform.identity.decorators import actor_for, resident_required
from sambruk.platform.identity.errors import LoginFailed
from sambruk.platform.ui import components, notices


@require_http_methods(["GET", "POST"])
@back_after_login
def sign(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """The owner's page: sign, see who has not, remind. Also where the owner's signature comes back to."""
    who = visitor(request)
    draft = require_draft(draft_id, who.actor, who.browser)
    if draft.state != Draft.State.SIGNING:
        return HttpResponseRedirect(place_of(draft))
    place = own_place(draft, who.actor)
    return _signing(request, draft, reverse("forms:sign", args=[draft_id]), place, owner=True)


@require_http_methods(["GET", "POST"])
@resident_required()
def cosign(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """The other party's page: what both sign, and the signature."""
    back = signing.PARAMETER in request.GET
    draft, place = require_signer(draft_id, actor_for(request), lock=back)
    if draft.state == Draft.State.SUBMITTED:
        return HttpResponseRedirect(_after(draft))
    here = reverse("forms:cosign", args=[draft_id])
    return _signing(request, draft, here, place, owner=False, locked=back)


def _after(draft: Draft) -> str:
    return reverse("forms:receipt", args=[draft.case_id]) if draft.case_id else reverse("cases:my_pages")


def _signing(
    request: HttpRequest,
    draft: Draft,
    here: str,
    place: DraftSigner | None,
    *,
    owner: bool,
    locked: bool = False,
) -> HttpResponseBase:
    """``locked``: the draft's row was locked when it was read, so that nothing is read again."""
    actor = actor_for(request)
    fault = ""
    if signing.PARAMETER in request.GET and place is not None and place.signed_at is None:
        try:
            evidence = signing.complete(request, purpose=PURPOSE)
            draft = actions.sign(
                draft_id=draft.pk, evidence=evidence, by=actor, locked=(draft, place) if locked else None
            )
            locked = True
        except (LoginFailed, Conflict) as error:
            fault = error.message_sv
    elif request.method == "POST" and place is not None and place.signed_at is None:
        payload = draft.frozen["text"].encode("utf-8")
        return signing.begin(request, payload=payload, purpose=PURPOSE, return_to=here)
    if not fault and all_signed(draft):
        # Also where every signature was there and the sending failed: looking again sends it.
        browser = visitor(request).browser
        try:
            case = submission.submit(draft.pk, by=actor, browser=browser, locked=draft if locked else None)
        except Conflict as error:
            fault = error.message_sv
        else:
            return HttpResponseRedirect(reverse("forms:receipt", args=[case.pk]))
    if signing.PARAMETER in request.GET and not fault:
        return HttpResponseRedirect(here)
    return _page(request, draft, fault, owner=owner)


def _page(request: HttpRequest, draft: Draft, fault: str, *, owner: bool) -> HttpResponse:
    actor = actor_for(request)
    work = working.load(draft)
    place = own_place(draft, actor)
    places = list(DraftSigner.objects.filter(draft=draft).select_related("person").order_by("party"))
    signing.allow_form(request)
    waiting = [
        {
            "name": one.name,
            "told_at": None if one.not_reached else one.reminded_at,
            "again": may_be_reminded(one) and can_reach(draft, one),
        }
        for one in places
        if one.signed_at is None and one != place
    ]
    has_signed = place is None or place.signed_at is not None
    context = {
        "draft": draft,
        "service_title": say(work.service.title),
        "signers": [_signer(work, one, place) for one in places],
        "may_sign": place is not None and place.signed_at is None,
        "waiting": waiting,
        "may_remind": has_signed and any(one["again"] for one in waiting),
        "attestations": attestations(work, place.party if place else ""),
        "sections": review_sections(work, None),
        "fault": fault,
        "owner": owner,
        "is_staff": actor.is_staff,
        "hash": draft.frozen_hash,
        "sent_text": json.loads(draft.frozen["text"]) if draft.frozen else {},
    }
    return render(request, "forms/sign.html", context, status=409 if fault else 200)


def _signer(work: Working, one: DraftSigner, own: DraftSigner | None) -> components.Signer:
    declared: Any = work.service.parties.get(one.party)
    role = say(declared.label) if declared is not None else ""
    return components.Signer(
        name=one.name or role,
        role=role,
        signed_at=one.signed_at,
        is_self=own is not None and own.pk == one.pk,
    )


@require_POST
@back_after_login
def reopen(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Open the application for change; signatures that are there fall, and it is said."""
    who = visitor(request)
    dropped = actions.unfreeze(draft_id=draft_id, by=who.actor, browser=who.browser)
    if dropped:
        notices.add(
            request, _("Ansökan är öppen igen. De underskrifter som fanns gäller inte längre."), "warning"
        )
    return HttpResponseRedirect(reverse("forms:review", args=[draft_id]))


@require_POST
@back_after_login
def remind(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Remind the others."""
    who = visitor(request)
    count = actions.remind(draft_id=draft_id, by=who.actor, browser=who.browser)
    if count:
        notices.add(request, _("Vi har skickat en påminnelse."))
    else:
        notices.add(
            request,
            _(
                "Vi har ingen väg att nå den som ska skriva under. Säg själv till: "
                "logga in på Mina sidor och skriv under."
            ),
            "warning",
        )
    return HttpResponseRedirect(reverse("forms:sign", args=[draft_id]))
