"""The mark on the staff's list: somebody has written, and no member of staff has read it yet."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from sambruk.platform.cases.list_marks import ListMark, register
from sambruk.platform.messaging.models import Message, Side


def unread() -> Exists:
    """Return the expression: a message from a resident that no member of staff has seen."""
    return Exists(
        Message.objects.filter(case_id=OuterRef("pk"), side=Side.RESIDENT.value, read_at__isnull=True)
    )


register(ListMark(id="message", label="Nytt meddelande", holds=unread))
