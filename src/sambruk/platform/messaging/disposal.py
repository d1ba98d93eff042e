"""What disposal does to messages: they go with their case; what was sent with them follows."""

from __future__ import annotations

from sambruk.common.events import subscribe
from sambruk.platform.cases.events import CaseDisposing
from sambruk.platform.messaging.models import Message, MessageDocument


@subscribe(CaseDisposing)
def on_disposal(event: CaseDisposing) -> None:
    """Remove the conversation, and give its files over."""
    sent = MessageDocument.objects.filter(message__case=event.case)
    event.documents.update(sent.values_list("document_id", flat=True))
    Message.objects.filter(case=event.case).delete()
