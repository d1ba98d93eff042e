"""Pages by key: the address says after which row the next page begins."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from sambruk.common.errors import NotFound

PARAMETER = "efter"


def cursor(request: HttpRequest) -> UUID | None:
    """Return the id of the row that the page follows; None for the first page. Raises NotFound."""
    text = request.GET.get(PARAMETER, "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error
