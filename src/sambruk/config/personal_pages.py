"""Pages that show what a person wrote are kept by no cache, also where nobody has logged in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

#: A draft, its receipt, a case by its code: the next at the computer must not find them by the back button.
PERSONAL = ("/ansokan/", "/att-signera/", "/kvitto/", "/folj/")


class PersonalPagesMiddleware:
    """Says so on every answer under those addresses. Pages of somebody logged in say it by themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        response = self._get_response(request)
        if request.path_info.startswith(PERSONAL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
