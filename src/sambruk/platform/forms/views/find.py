"""Finding a service, and reading about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.forms import catalogue
from sambruk.platform.forms.access import owned
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.visitor import visitor


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The municipality's e-services: a search box and the categories."""
    return _list(request)


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """The same list, at its own address."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    entries = catalogue.find(words)
    context = {"words": words, "groups": catalogue.by_category(entries), "count": len(entries)}
    return render(request, "forms/home.html", context)


@require_GET
def read(request: HttpRequest, service_id: str) -> HttpResponse:
    """What a service is: for whom, what is needed, how long it takes, which law; and the way in."""
    effective = definitions.for_service(service_id)
    service = effective.service
    who = visitor(request)
    started = (
        Draft.objects.filter(owned(who.actor, who.browser), service_id=service_id)
        .filter(state__in=[Draft.State.OPEN, Draft.State.SIGNING])
        .order_by("-updated_at")
        .first()
    )
    context = {
        "service": service,
        "title": say(service.title),
        "summary": say(service.summary),
        "paragraphs": [one for one in say(service.description).split("\n\n") if one.strip()],
        "audience": say(service.audience),
        "steps": [say(step.title) for step in service.steps],
        "login": service.login.assurance > 0,
        "signers": len(service.signatures),
        "laws": catalogue.laws(effective),
        "retention": service.retention,
        "started": started,
        "on_web": "web" in service.channels,
    }
    return render(request, "forms/service.html", context)
