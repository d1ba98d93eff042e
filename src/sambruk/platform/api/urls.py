"""`/api/v1`: the platform's routers and each system's own, under its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from sambruk.common.system import load_attribute
from sambruk.platform.api.base import Api
from sambruk.platform.api.parser import is_json
from sambruk.platform.api.problems import not_found, problem
from sambruk.platform.api.version import ROOT, VERSION, VERSION_HEADER
from sambruk.platform.api.webhooks.urls import urlpatterns as webhook_pages

#: Named, not imported: the nouns stand above this floor.
ROUTERS = (
    "sambruk.platform.api.info:router",
    "sambruk.platform.definitions.api:router",
    "sambruk.platform.cases.api:router",
    "sambruk.platform.forms.api:router",
    "sambruk.platform.api.webhooks.api:router",
)


def build() -> Api:
    """Return the API with every router. A system's stands at `/api/v1/<its name, with hyphens>/`."""
    made = Api()
    for name in ROUTERS:
        router: Any = load_attribute(name)
        made.add_router("", router)
    for system in settings.SYSTEMS.systems:
        if system.api:
            own: Any = load_attribute(system.api)
            made.add_router(f"/{(system.slug or system.name).replace('_', '-')}", own)
    return made


def _finished(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse what is no JSON, turn the framework's own 405 into a problem, and put the version on.

    A form's body may have been read as one by then, and cannot be read again: the view would fail on it.
    """

    @wraps(view)
    def finished(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        if not is_json(request):
            detail = "Skicka JSON, med Content-Type: application/json."
            return problem(415, detail, "unsupported_media_type")
        response = view(request, *args, **values)
        if response.status_code == 405 and not response.has_header(VERSION_HEADER):
            allowed = response.get("Allow", "")
            detail = f"Den här adressen tar bara emot {allowed}."
            return problem(405, detail, "method_not_allowed", headers={"Allow": allowed})
        response.setdefault(VERSION_HEADER, VERSION)
        return response

    return finished


api = build()
_patterns, _app, _namespace = api.urls
for _pattern in _patterns:
    # The framework's start page leads to a documentation page that we do not have.
    if isinstance(_pattern, URLPattern):
        _pattern.callback = _finished(_pattern.callback)

urlpatterns = [
    *webhook_pages,
    path(
        ROOT.lstrip("/"),
        include(([one for one in _patterns if getattr(one, "name", "") != "api-root"], _app), _namespace),
    ),
    re_path(r"^api/", csrf_exempt(not_found), name="api_not_found"),
]
