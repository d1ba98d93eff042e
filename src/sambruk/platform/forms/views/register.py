"""The contact centre takes a report, or fills in for somebody on the telephone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission

#: The ways by which staff take something in.
CHANNELS = {"telephone", "visit", "paper"}


@require_GET
@staff_required(Permission.REPORT_REGISTER, Permission.FILL_IN_FOR)
def register(request: HttpRequest) -> HttpResponse:
    """List what can be registered for somebody who calls."""
    actor = actor_for(request)
    found = []
    for effective in definitions.offered():
        service = effective.service
        if not CHANNELS & set(service.channels):
            continue
        begin = reverse("forms:begin", args=[service.service])
        named = service.login.assurance > 0
        if named and not actor.may(Permission.FILL_IN_FOR):
            continue
        if not named and not actor.may(Permission.REPORT_REGISTER):
            continue
        choose = named and actor.on_behalf_of is None
        found.append(
            {
                "title": say(service.title),
                "summary": say(service.summary),
                "url": f"{reverse('fill_in_for')}?next={begin}" if choose else begin,
                "choose": choose,
            }
        )
    return render(request, "forms/register.html", {"services": found})
