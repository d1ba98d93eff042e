"""The one way a file leaves the house."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from sambruk.common.actor import Actor
from sambruk.platform.audit import actions as audit
from sambruk.platform.documents import access, queries


@require_safe
def download(request: HttpRequest, document_id: UUID) -> FileResponse:
    """Send a document to whoever may read it, as something to save: never shown as a page of ours."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    document = queries.get(document_id)
    grant = access.require(document, actor)
    if actor.is_staff:
        audit.record_read(by=actor, obj=document, case_id=grant.case_id, person_id=grant.person_id)
    response = FileResponse(
        queries.open_document(document),
        as_attachment=True,
        filename=document.name,
        content_type=document.mime,
    )
    response["Content-Length"] = str(document.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
