"""Who stands before us: the actor, and the browser's key where nobody logs in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from sambruk.common.actor import Actor
from sambruk.platform.forms.access import digest, new_browser_key
from sambruk.platform.identity.decorators import actor_for

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
