"""The demo's own address without a municipality leads to its start page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseRedirect
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.urls import reverse

#: Names of this computer that are no municipality's.
_OURS = ("localhost", "127.0.0.1", "[::1]")


class FrontDoorMiddleware:
    """Sends ``/`` on a name that is no municipality's on to the start page. Stands before the tenant's."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with a redirect, or what the others answer."""
        if request.path == "/" and request.method in ("GET", "HEAD"):
            name, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
            if name in _OURS:
                return HttpResponseRedirect(reverse("demo:start"))
        return self._get_response(request)
