"""Mina sidor: who has read and changed what stands about me."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sambruk.common.actor import Actor
from sambruk.common.errors import NotAllowed, NotFound
from sambruk.platform.audit import queries
from sambruk.platform.cases.access import acting_person
from sambruk.platform.cases.log import files, subjects
from sambruk.platform.identity import protection
from sambruk.platform.identity.decorators import actor_for, resident_required
from sambruk.platform.identity.models import Mandate, Person
from sambruk.platform.identity.models.mandate import ALL_SERVICES
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.ui.components import LogLine
from sambruk.platform.ui.downloads import attachment
from sambruk.platform.ui.paging import cursor


def _person_id(actor: Actor) -> UUID:
    """Return whose log it is. Whoever represents somebody needs a mandate that covers everything."""
    if actor.mandate_id is not None:
        mandate = Mandate.objects.filter(pk=actor.mandate_id).first()
        if mandate is None or ALL_SERVICES not in mandate.scope:
            raise NotAllowed(
                _("Ditt uppdrag gäller vissa tjänster. Den du företräder kan själv se vem som har läst.")
            )
    found = acting_person(actor)
    if found is None:
        raise NotFound
    return found


@require_GET
@never_cache
@resident_required(assurance=3)
def who_read(request: HttpRequest) -> HttpResponse:
    """What others have read and done, the newest first, a page at a time."""
    actor = actor_for(request)
    person_id = _person_id(actor)
    before = cursor(request)
    page = queries.own_page(person_id, by=actor, case_ids=subjects.cases_of(person_id), before=before)
    here = reverse("cases:my_log")
    context = {
        "entries": [
            LogLine(
                at=line.row.at,
                text=line.what,
                by=line.who,
                detail=_("Ärende %(number)s") % {"number": line.case} if line.case else "",
            )
            for line in subjects.lines(page.rows, actor)
        ],
        "older_url": f"{here}?efter={page.next_before}" if page.next_before else "",
        "newer_url": here if before else "",
    }
    return render(request, "cases/my_log.html", context)


@require_POST
@never_cache
@resident_required(assurance=3)
def own_extract(request: HttpRequest) -> HttpResponse:
    """All of it as a file, with what the person has done: PDF or JSON. That it was taken is logged."""
    actor = actor_for(request)
    person_id = _person_id(actor)
    rows = queries.own_extract(person_id, by=actor, case_ids=subjects.cases_of(person_id))
    person = Person.objects.get(pk=person_id)
    named = ", ".join(
        part
        for part in (protection.visible_name(person, actor), protection.visible_number(person, actor))
        if part
    )
    shown, principal = subjects.lines(rows, actor), current_principal()
    if request.POST.get("format") == "json":
        content, kind, name = files.as_json(shown, principal=principal, person=named), "json", "utdrag.json"
    else:
        content, kind, name = files.as_pdf(shown, principal=principal, person=named), "pdf", "utdrag.pdf"
    return attachment(content, f"application/{kind}", name)
