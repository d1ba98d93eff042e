"""A site of the gallery alone, without a database: its addresses and who is logged in."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import include, path

from sambruk.common import errors
from sambruk.common.actor import Actor, ActorKind, anonymous_actor
from sambruk.platform.ui import csp, notices

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>'
ANNA = Actor(
    kind=ActorKind.RESIDENT, id=uuid.UUID(int=1), name="Anna Åström", permissions=frozenset({"case.read"})
)


class Someone:
    """Sets what tenancy and identity set: cookies say who, and how long the session lasts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        logged_out = request.COOKIES.get("who") == "nobody"
        request.principal = SimpleNamespace(  # type: ignore[attr-defined]
            name="Järfälla kommun", colour=request.COOKIES.get("colour", "#1f5f8b"), logo_svg=LOGO
        )
        request.actor = anonymous_actor(None) if logged_out else ANNA  # type: ignore[attr-defined]
        seconds = int(request.COOKIES.get("seconds", "1800"))
        request.session_expires_at = _after(seconds)  # type: ignore[attr-defined]
        return self._get_response(request)


def _after(seconds: int) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)


def _extend(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204, headers={"X-Session-Expires": _after(1800).isoformat()})


def _raise(request: HttpRequest, name: str) -> HttpResponse:
    raise getattr(errors, name)("Det här är en egen mening.")


def _crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


def _notice(request: HttpRequest) -> HttpResponse:
    notices.add(request, "Ansökan är borttagen.")
    return redirect("/galleri/")


def _login(request: HttpRequest) -> HttpResponse:
    csp.allow_forms_to(request, "https://idp.example")
    csp.allow_images_from(request, "https://tiles.example")
    return HttpResponse("ok")


def _autosave(request: HttpRequest) -> HttpResponse:
    return HttpResponse('{"saved_at": "09.07"}', content_type="application/json")


def _upload(request: HttpRequest) -> HttpResponse:
    count = sum(len(request.FILES.getlist(name)) for name in request.FILES)
    return HttpResponse(f"<p id='came'>{count} filer</p>")


urlpatterns = [
    path("", include("sambruk.platform.ui.urls")),
    path("", _login, name="home"),
    path("forlang/", _extend, name="session_extend"),
    path("fel/<str:name>/", _raise),
    path("krasch/", _crash),
    path("besked/", _notice),
    path("logga-in/", _login),
    path("spara/", _autosave),
    path("fil/", _upload),
]
handler404 = "sambruk.platform.ui.errors.not_found"
handler500 = "sambruk.platform.ui.errors.server_error"
