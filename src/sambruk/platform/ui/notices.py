"""A sentence for the next page ("Ansökan är borttagen."): carried by a signed cookie, said once.

It needs no session, so it works before login and after logout. The sentence must hold no personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

Kind = Literal["info", "success", "warning", "danger"]

COOKIE = "sambruk_notice"
_SALT = "sambruk.ui.notice"
_SECONDS = 120
_MOST = 5


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence and its kind."""

    text: str
    kind: Kind = "success"


def add(request: HttpRequest, text: str, kind: Kind = "success") -> None:
    """Leave a sentence for the next page that is shown; without personal data, it lies in a cookie."""
    waiting: list[Notice] = getattr(request, "ui_notices", [])
    request.ui_notices = [*waiting, Notice(text, kind)][-_MOST:]  # type: ignore[attr-defined]


def take(request: HttpRequest) -> list[Notice]:
    """Return what is to be said on this page, from the cookie and from this request, and forget it."""
    waiting: list[Notice] = getattr(request, "ui_notices", [])
    found = [*_read(request), *waiting]
    request.ui_notices = []  # type: ignore[attr-defined]
    request.ui_notices_taken = True  # type: ignore[attr-defined]
    return found


def _read(request: HttpRequest) -> list[Notice]:
    raw = request.COOKIES.get(COOKIE)
    if not raw:
        return []
    try:
        return [Notice(text, kind) for text, kind in signing.loads(raw, salt=_SALT, max_age=_SECONDS)]
    except (signing.BadSignature, ValueError, TypeError):
        return []


def store(request: HttpRequest, response: HttpResponseBase) -> None:
    """Put what is left in the cookie, or remove the cookie once it was said. Called by the middleware."""
    waiting: list[Notice] = getattr(request, "ui_notices", [])
    taken = getattr(request, "ui_notices_taken", False)
    if waiting:
        kept = waiting if taken else [*_read(request), *waiting]
        value = signing.dumps([(notice.text, notice.kind) for notice in kept[-_MOST:]], salt=_SALT)
        response.set_cookie(
            COOKIE,
            value,
            max_age=_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=bool(getattr(settings, "SECURE", False)),
        )
    elif taken and COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
