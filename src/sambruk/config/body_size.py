"""How much may be sent: refused by what the request says of itself, before a byte of it is read or stored."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sambruk.config import refusals


def most_for(path: str) -> int:
    """Return how many bytes a request to the path may have."""
    if path.startswith(refusals.API):
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or settings.REQUEST_MAX_BYTES
    return int(settings.REQUEST_MAX_BYTES)


class BodySizeMiddleware:
    """413 for a request larger than ``REQUEST_MAX_BYTES`` (2 MB for the API), 411 for one that does not say.

    A file's own bound is its field's, checked when it is saved; by then the framework has written all of the
    request to the disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse, or go on."""
        text = str(request.META.get("CONTENT_LENGTH") or "")
        if not text:
            if request.META.get("HTTP_TRANSFER_ENCODING"):
                return refusals.length_needed(request)
            return self._get_response(request)
        most = most_for(request.path_info)
        if not (text.isascii() and text.isdigit()) or len(text) > 15 or int(text) > most:
            return refusals.too_large(request, most)
        return self._get_response(request)
