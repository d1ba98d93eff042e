"""Headers that tell the browser what a page may do: nothing from elsewhere, nothing inline."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from sambruk.platform.ui import notices

#: data: pictures are the icons inside Designsystemet's own CSS.
_POLICY = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def allow_forms_to(request: HttpRequest, *origins: str) -> None:
    """Let this page's forms end at other origins.

    A browser stops a form whose answer redirects to an origin outside ``form-action``: a page whose
    POST leads to the identity provider names the provider's origin here (``https://idp.example``).
    """
    request.csp_form_targets = (*_targets(request), *origins)  # type: ignore[attr-defined]


def allow_images_from(request: HttpRequest, *origins: str) -> None:
    """Let this page show pictures from other origins (a configured tile server)."""
    already: tuple[str, ...] = getattr(request, "csp_image_sources", ())
    request.csp_image_sources = (*already, *origins)  # type: ignore[attr-defined]


def _targets(request: HttpRequest) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(request, "csp_form_targets", ())
    return found


def policy_for(request: HttpRequest) -> str:
    """Return the Content-Security-Policy of an answer to this request."""
    images: tuple[str, ...] = getattr(request, "csp_image_sources", ())
    parts = [" ".join((part, *images)) if images and part.startswith("img-src") else part for part in _POLICY]
    parts.append(
        " ".join(("form-action 'self'", *getattr(settings, "CSP_FORM_TARGETS", ()), *_targets(request)))
    )
    return "; ".join(parts)


class SecurityHeadersMiddleware:
    """Adds the headers to every answer that has not set them itself, and carries notices along."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request))
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        notices.store(request, response)
        return response
