"""Health and readiness, for load balancers and the operator. They say nothing of any tenant."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sambruk.platform.tenancy.migrate import pending

_migrated = False


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers. Asks nothing else, so that a database's fault restarts no web."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readiness(request: HttpRequest) -> JsonResponse:
    """200 when the process can serve: the database answers and is migrated; else 503, saying which is not."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _is_migrated():
            checks["migrations"] = "pending"
    except DatabaseError:
        connection.close()
        checks = {"database": "away", "migrations": "unknown"}
    if set(checks.values()) == {"ok"}:
        return JsonResponse({"status": "ok", "checks": checks})
    return JsonResponse({"status": "unavailable", "checks": checks}, status=503)


def _is_migrated() -> bool:
    """Migrations are not undone under a running process, so once is enough."""
    global _migrated
    _migrated = _migrated or not pending(connection)
    return _migrated
