"""Answers that are given before a view is asked: too many, too large, of no known length."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.translation import gettext as _

from sambruk.platform.api.problems import problem
from sambruk.platform.tenancy import hosts
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.ui.errors import error_page

API = "/api/"


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """429: tried too often. ``seconds`` until it may be tried again."""
    minutes = max(1, round(seconds / 60))
    when = _("en minut") if minutes == 1 else _("%(minutes)s minuter") % {"minutes": minutes}
    if request.path_info.startswith(API):
        text = f"Det har kommit för många anrop. Vänta {seconds} sekunder och försök igen."
        return problem(429, text, "too_many_requests", headers={"Retry-After": str(seconds)})
    sentence = _(
        "Det har kommit väldigt många försök härifrån på kort tid. Vänta %(when)s och försök igen. "
        "Det du redan har sparat finns kvar."
    )
    return _page(request, 429, sentence % {"when": when}, {"Retry-After": str(seconds)})


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """413: larger than anything that is taken. ``most`` in bytes."""
    megabytes = max(1, most // (1024 * 1024))
    if request.path_info.startswith(API):
        return problem(413, "Det som skickades är för stort. Dela upp det.", "too_large")
    sentence = _(
        "Det du skickade är för stort. Skicka färre eller mindre filer, högst %(most)s MB åt gången."
    )
    return _page(request, 413, sentence % {"most": megabytes})


def length_needed(request: HttpRequest) -> HttpResponse:
    """411: a body without `Content-Length`. A browser and an ordinary client always send it."""
    if request.path_info.startswith(API):
        return problem(411, "Skicka huvudet Content-Length med anropet.", "length_required")
    return _page(request, 411, _("Webbläsaren sa inte hur mycket den skickade. Försök igen."))


def _page(
    request: HttpRequest, status: int, sentence: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    request.principal = _principal(request)  # type: ignore[attr-defined]
    response = error_page(request, status, sentence)
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _principal(request: HttpRequest) -> Principal | None:
    """Return whose page it is (known in the process): one in a stranger's colours looks like a trick."""
    name, _port = split_domain_port(request.headers.get("Host", ""))
    try:
        return hosts.principal_of(name) if name else None
    except (DatabaseError, InterfaceError):
        return None
