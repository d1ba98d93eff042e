"""One request, one transaction, one tenant: opened before the login is read, closed after the page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack

from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import Http404, HttpRequest, JsonResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from sambruk.platform.tenancy import hosts
from sambruk.platform.tenancy.context import has_tenant, restart_transaction, tenant_transaction
from sambruk.platform.tenancy.models import Principal

logger = logging.getLogger(__name__)

#: Served on any host, with no tenant and no transaction: health, readiness, the demo's start page, files.
PUBLIC = ("/halsa/", "/redo/", "/demo/", "/static/")
RETRY_AFTER_SECONDS = 10


class TenantMiddleware:
    """Finds the principal by host name and keeps its transaction open until the response is rendered.

    Sets ``request.principal`` (None on the public addresses). Rolls back where the view raised or the
    response is a 5xx. A database that went away is looked for once more before the view has run; after
    that, or where it stays away, the answer is 503.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.principal = None  # type: ignore[attr-defined]
        if request.path.startswith(PUBLIC):
            return self._get_response(request)
        try:
            with ExitStack() as stack:
                request.principal = self._enter(request, stack)  # type: ignore[attr-defined]
                response = self._get_response(request)
                render = getattr(response, "render", None)
                if render is not None and not getattr(response, "is_rendered", True):
                    response = render()
                if response.status_code >= 500:
                    transaction.set_rollback(True)
            return response
        except (OperationalError, InterfaceError) as error:
            return unavailable(request, error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Undo what the view did before its error's page is made, so that the page can read the database."""
        if isinstance(exception, OperationalError | InterfaceError):
            return unavailable(request, exception)
        if has_tenant():
            restart_transaction()
        return None

    def _enter(self, request: HttpRequest, stack: ExitStack) -> Principal:
        """Open the transaction. Tried twice: the first may find that the server was started anew."""
        name, _port = split_domain_port(request._get_raw_host())  # type: ignore[attr-defined]
        for last in (False, True):
            try:
                principal = hosts.principal_of(name) if name else None
                if principal is None:
                    raise Http404
                stack.enter_context(tenant_transaction(principal.pk, principal=principal))
                return principal
            except (OperationalError, InterfaceError):
                if last or connection.in_atomic_block:
                    raise
                connection.close()
        raise AssertionError("unreachable")


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the 503 page (problem+json under /api/). Reads neither the database nor the principal."""
    logger.error("the database is away: %s", type(error.__cause__ or error).__name__)
    title = _("Tjänsten har ett tillfälligt fel")
    text = _("Det du redan har sparat finns kvar. Vänta en liten stund och försök igen.")
    response: HttpResponse
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": title,
            "status": 503,
            "detail": text,
            "code": "unavailable",
        }
        response = JsonResponse(problem, status=503, content_type="application/problem+json")
    else:
        html = render_to_string("tenancy/unavailable.html", {"title": title, "text": text})
        response = HttpResponse(html, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
