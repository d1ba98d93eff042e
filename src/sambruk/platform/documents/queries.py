"""Reading documents."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from sambruk.common.errors import NotFound
from sambruk.platform.documents.models import Document
from sambruk.platform.documents.stores import store_for
from sambruk.platform.tenancy.context import current_tenant_id


def get(document_id: UUID) -> Document:
    """Return a document's record; who may read it is ``access.require``'s to say. Raises NotFound."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        raise NotFound("Vi hittar inte dokumentet. Det kan höra till någon annan.")
    return document


def open_document(document: Document) -> IO[bytes]:
    """Open the stored bytes for reading; the caller closes. Raises NotFound or Unavailable."""
    return store_for(current_tenant_id()).open(document.sha256)
