"""Who may read a document of a case: whoever may see the case, its parties only what is meant for them."""

from __future__ import annotations

from sambruk.common.actor import Actor
from sambruk.platform.cases import access
from sambruk.platform.cases.models import CaseDocument
from sambruk.platform.documents.access import Grant, reader
from sambruk.platform.documents.models import Document


@reader()
def may_read(document: Document, actor: Actor) -> Grant | None:
    """Answer for every document that stands in a case."""
    for one in CaseDocument.objects.filter(document=document).select_related("case"):
        if actor.is_resident and not one.visible_to_resident:
            continue
        if access.may_see(one.case, actor):
            return Grant(case_id=one.case_id)
    return None
