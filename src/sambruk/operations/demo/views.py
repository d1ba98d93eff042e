"""The demo's pages: where to begin, and the mail that has been sent."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sambruk.operations.demo import mailbox as post
from sambruk.operations.demo import people, report
from sambruk.platform.ui.context import Chrome


class _Chrome(Chrome):
    """The frame on a host that is nobody's: the design system's own colours, which need no principal."""

    theme_url = ""


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The start page: one-click logins, a walk of five minutes, the systems of the report."""
    port = int(os.environ.get("SAMBRUK_DEMO_PORT") or request.get_port())
    installed = {system.name for system in settings.SYSTEMS.systems}
    towns = [_town(town, port) for town in people.MUNICIPALITIES]
    systems = [
        {
            "name": system.name,
            "what": system.what,
            "built": report.built(system, installed),
            "url": _system_url(system, port),
        }
        for system in report.SYSTEMS
    ]
    context = {"chrome": _Chrome(request), "towns": towns, "walk": towns[0], "systems": systems}
    return render(request, "demo/start.html", context)


@never_cache
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """What the platform has sent by e-mail: it says only that there is news."""
    folder = Path(os.environ.get("SAMBRUK_DEMO_MAIL") or settings.DATA_DIR / "mail")
    return render(request, "demo/mailbox.html", {"chrome": _Chrome(request), "mails": post.latest(folder)})


def _login(town: people.DemoMunicipality, port: int, sub: str, *, staff: bool, to: str = "") -> str:
    """Return the address that logs the person in, and leads on to ``to``."""
    path = "/personal/logga-in/" if staff else "/logga-in/"
    return f"{town.origin(port)}{path}?{urlencode({'som': sub, **({'next': to} if to else {})})}"


def _town(town: people.DemoMunicipality, port: int) -> dict[str, object]:
    residents = [one for one in people.RESIDENTS if one.municipality == town.code]
    staff = [one for one in people.STAFF if one.municipality == town.code]
    return {
        "name": town.name,
        "short_name": town.short_name,
        "url": f"{town.origin(port)}/",
        "residents": [
            {"name": one.name, "shows": one.shows, "url": _login(town, port, one.sub, staff=False)}
            for one in residents
        ],
        "staff": [
            {
                "name": one.name,
                "title": one.title,
                "shows": one.shows,
                "url": _login(town, port, one.sub, staff=True),
            }
            for one in staff
        ],
    }


def _system_url(system: report.ReportSystem, port: int) -> str:
    """Return where to see the system: open to all at the first municipality, or as its first caseworker."""
    town = people.MUNICIPALITIES[0]
    if not system.staff:
        return f"{town.origin(port)}{system.address}"
    sub = next(one.sub for one in people.STAFF if one.municipality == town.code)
    return _login(town, port, sub, staff=True, to=system.address)
