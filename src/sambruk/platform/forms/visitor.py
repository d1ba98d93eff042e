"""Who stands before us: the actor, and the browser's key where nobody logs in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve, reverse

from sambruk.common.actor import Actor
from sambruk.common.errors import NotFound
from sambruk.platform.forms.access import digest, new_browser_key
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.decorators import actor_for, lead_to

COOKIE = "sambruk_forms"


@dataclass(frozen=True)
class Visitor:
    """The actor and the digest of the browser's key (empty without one)."""

    actor: Actor
    browser: str


def visitor(request: HttpRequest) -> Visitor:
    """Return who it is."""
    return Visitor(actor_for(request), digest(request.COOKIES.get(COOKIE)))


def with_key(request: HttpRequest) -> tuple[Visitor, str]:
    """Return the visitor with a key for the browser, and that key if it is new and must be set."""
    found = visitor(request)
    if found.browser:
        return found, ""
    key = new_browser_key()
    return Visitor(found.actor, digest(key)), key


def set_key(response: HttpResponseBase, key: str) -> None:
    """Give the browser its key. It goes when the browser closes: the next at the computer sees nothing."""
    if key:
        response.set_cookie(COOKIE, key, httponly=True, samesite="Lax", secure=settings.SECURE)


View = Callable[..., HttpResponseBase]
#: Addresses of a draft that can be shown again by GET; from the others a login leads to the draft itself.
_SHOWN = frozenset(("step", "draft", "review", "sign", "delete"))


def back_after_login(view: View) -> View:
    """Lead somebody whose login has ended to the login, and back to where the draft was.

    What the page asks by itself (a part drawn anew, a save while one writes) is answered 401: the page stays.
    To somebody logged out an unknown draft looks the same as another's; one without a person has no login.
    """

    @wraps(view)
    def guarded(request: HttpRequest, draft_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, draft_id, *args, **kwargs)
        except NotFound:
            if actor_for(request).id is not None or Draft.objects.filter(pk=draft_id, person=None).exists():
                raise
        by_itself = "application/json" in request.headers.get("Accept", "")
        if by_itself or request.headers.get("HX-Request") == "true":
            return HttpResponse(status=401)
        shown = resolve(request.path_info).url_name in _SHOWN
        back = request.path if shown else reverse("forms:draft", args=[draft_id])
        return lead_to(request, f"{reverse('login')}?{urlencode({'next': back})}")

    return guarded
