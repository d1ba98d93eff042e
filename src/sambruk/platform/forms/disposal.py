"""Files that were added to a draft and taken away again are kept by nobody."""

from __future__ import annotations

from collections.abc import Sequence

from sambruk.common.actor import system_actor
from sambruk.platform.documents import actions as documents
from sambruk.platform.documents.models import Document


def dispose_of(found: Sequence[Document]) -> None:
    """Dispose of documents that no draft holds any longer. Only for those that no case holds either."""
    if found:
        documents.dispose(
            document_ids=[one.pk for one in found],
            reason="borttagen ur ett utkast",
            by=system_actor(found[0].tenant_id, "Utkast"),
        )
