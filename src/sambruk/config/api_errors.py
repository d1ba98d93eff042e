"""Each error under /api/ is problem+json with a `code`, whoever made the answer."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sambruk.platform.api.problems import CONTENT_TYPE, problem
from sambruk.platform.api.version import VERSION, VERSION_HEADER

API = "/api/"
#: The token endpoint answers as RFC 6749 section 5.2 says, with a problem's members beside.
_OWN_FORM = "/api/v1/token"
_KEPT = ("Retry-After", "Allow", "WWW-Authenticate", "Location")
_WORDS = {
    400: ("Anropet går inte att läsa.", "unreadable"),
    401: ("Anropet saknar en giltig token för kommunen.", "unauthenticated"),
    403: ("Systemet har inte behörighet till det här.", "not_allowed"),
    404: ("Adressen finns inte. Se /api/v1/openapi.json.", "no_such_address"),
    405: ("Den här adressen tar inte emot den metoden.", "method_not_allowed"),
    413: ("Det som skickades är för stort. Dela upp det.", "too_large"),
    503: ("Tjänsten har ett tillfälligt fel. Vänta en liten stund och försök igen.", "unavailable"),
}


class ApiErrorsMiddleware:
    """Stands outside what opens the transaction: it asks the database nothing, and sees every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; put the version on, and give an error its form."""
        response = self._get_response(request)
        if not request.path_info.startswith(API):
            return response
        response.headers.setdefault(VERSION_HEADER, VERSION)
        if response.status_code < 400 or _is_ours(request, response):
            return response
        status = response.status_code
        detail, code = _WORDS.get(status, _WORDS[503 if status >= 500 else 400])
        kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
        return problem(status, detail, code, headers=kept)


def _is_ours(request: HttpRequest, response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "")
    if response.streaming or b'"code"' not in getattr(response, "content", b""):
        return False
    return kind == CONTENT_TYPE or (request.path_info == _OWN_FORM and kind == "application/json")
