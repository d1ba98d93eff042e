"""Pages and files that are generic: the theme, the logo, the accessibility statement, the gallery."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sambruk.platform.ui import gallery as samples
from sambruk.platform.ui.context import theme_of

_FOR_EVER = "public, max-age=31536000, immutable"


def logo_digest(svg: str) -> str:
    """Return the SHA-256 of a logo, which its address carries."""
    return hashlib.sha256(svg.encode()).hexdigest()


@require_safe
def theme_css(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve the tenant's theme; the address carries its hash, so browsers keep it for ever."""
    theme = theme_of(getattr(request, "principal", None))
    if theme.digest != digest:
        raise Http404
    response = HttpResponse(theme.css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = _FOR_EVER
    return response


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve the tenant's coat of arms as a picture: as such, and by its own policy, it can run nothing."""
    svg = str(getattr(getattr(request, "principal", None), "logo_svg", None) or "")
    if not svg or logo_digest(svg) != digest:
        raise Http404
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = _FOR_EVER
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement that lag (2018:1937) asks for."""
    return render(request, "ui/accessibility.html")


@require_safe
def gallery(request: HttpRequest, page: str = "boende") -> HttpResponse:
    """Show every component in every state; only in demo, test and development."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False) or getattr(settings, "TEST_MODE", False)):
        raise Http404
    if page.isdigit():
        return _sample_error(request, int(page))
    if page not in samples.PAGES:
        raise Http404
    data: dict[str, Any] = samples.PAGES[page]()
    return render(request, f"ui/gallery/{page}.html", data)


def _sample_error(request: HttpRequest, status: int) -> HttpResponse:
    from sambruk.platform.ui.errors import WORDS, error_page

    if status not in WORDS:
        raise Http404
    return error_page(request, status, retry_url=request.path if status in (409, 503) else "")
