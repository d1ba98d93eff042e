"""Errors that no view answered for: a page for people, problem+json for programs."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from sambruk.config import refusals
from sambruk.platform.api import problems
from sambruk.platform.ui import errors as pages

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read."""
    if request.path.startswith(API):
        return problems.refused(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return refusals.too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return pages.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such address, or no such municipality."""
    if request.path.startswith(API):
        return problems.not_found(request, exception)
    return pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours."""
    if request.path.startswith(API):
        return problems.unexpected(request)
    return pages.server_error(request)
