"""Who may read a file that was added to a draft: its owner, and those who sign what it belongs to."""

from __future__ import annotations

from sambruk.common.actor import Actor
from sambruk.platform.documents.access import Grant, reader
from sambruk.platform.documents.models import Document
from sambruk.platform.forms.access import owned
from sambruk.platform.forms.actions.files import KIND
from sambruk.platform.forms.models import Draft, DraftFile
from sambruk.platform.forms.signers import own_place


@reader(KIND)
def may_read(document: Document, actor: Actor) -> Grant | None:
    """Answer for the files of drafts."""
    for one in DraftFile.objects.filter(document=document).select_related("draft"):
        draft = one.draft
        if draft.state == Draft.State.SUBMITTED:
            continue  # the case answers for it now
        if (
            Draft.objects.filter(owned(actor), pk=draft.pk).exists()
            or (draft.state == Draft.State.SIGNING and own_place(draft, actor) is not None)
        ):  # fmt: skip
            return Grant(person_id=draft.person_id)
    return None
