"""Who may read a file that was sent with a message: whoever may see its case."""

from __future__ import annotations

from sambruk.common.actor import Actor
from sambruk.platform.cases import access as cases
from sambruk.platform.documents.access import Grant, reader
from sambruk.platform.documents.models import Document
from sambruk.platform.messaging.models import MessageDocument

KIND = "message"


@reader(KIND)
def may_read(document: Document, actor: Actor) -> Grant | None:
    """Answer for the files of messages."""
    sent = MessageDocument.objects.filter(document=document).select_related("message__case").first()
    if sent is None or not cases.may_see(sent.message.case, actor):
        return None
    return Grant(case_id=sent.message.case_id)
