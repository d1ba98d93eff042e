"""What disposal does to forms: the draft that a case was made from goes with it."""

from __future__ import annotations

from sambruk.common.events import subscribe
from sambruk.platform.cases.events import CaseDisposing
from sambruk.platform.forms.models import Draft, DraftFile


@subscribe(CaseDisposing)
def on_disposal(event: CaseDisposing) -> None:
    """Remove the draft with what was typed in it, and give its files over."""
    drafts = Draft.objects.filter(case=event.case)
    event.documents.update(DraftFile.objects.filter(draft__in=drafts).values_list("document_id", flat=True))
    drafts.delete()
