"""Gives each request an id, and writes one line when it is answered."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from sambruk.common.ids import uuid7

_SAFE = re.compile(r"[A-Za-z0-9-]{8,64}")
#: Answered many times a minute by machines; a line for each would hide the rest.
_QUIET = ("/halsa/", "/redo/", "/static/")


class RequestLogMiddleware:
    """First of all middleware: ``request_id`` stands in every log line of the request and in its response.

    A proxy's ``X-Request-Id`` is kept where it is plainly an id. Neither people's network addresses nor query
    strings are logged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._log = structlog.get_logger("sambruk.request")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _SAFE.fullmatch(given) else str(uuid7())
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self._get_response(request)
            if not request.path.startswith(_QUIET):
                self._log.info(
                    "request",
                    method=request.method,
                    host=request.headers.get("Host", ""),
                    path=request.path,
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
        response["X-Request-Id"] = request_id
        return response
