"""The cookies of the session and of a login under way: host-only, so each principal has its own."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sambruk.platform.identity.attempts import LIFE
from sambruk.platform.identity.sessions import COOKIE

BROWSER_COOKIE = "sambruk_login"


def read_session_key(request: HttpRequest) -> str | None:
    """Return the key of the session's cookie, or None."""
    return request.COOKIES.get(COOKIE)


def set_session_key(response: HttpResponseBase, key: str) -> None:
    """Set the session's cookie; it goes when the browser closes."""
    response.set_cookie(COOKIE, key, httponly=True, samesite="Lax", secure=settings.SECURE)


def delete_session_key(response: HttpResponseBase) -> None:
    """Remove the session's cookie."""
    response.delete_cookie(COOKIE, samesite="Lax")


def read_browser_key(request: HttpRequest) -> str | None:
    """Return the key that binds answers to this browser, or None."""
    return request.COOKIES.get(BROWSER_COOKIE)


def set_browser_key(response: HttpResponseBase, key: str) -> None:
    """Bind answers to this browser. Lax, since the provider's answer is a navigation from another site."""
    response.set_cookie(
        BROWSER_COOKIE,
        key,
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
