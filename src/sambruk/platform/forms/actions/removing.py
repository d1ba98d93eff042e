"""A draft is removed: by its owner, or because nobody touched it for long."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict
from sambruk.platform.audit import actions as audit
from sambruk.platform.forms.access import require_draft
from sambruk.platform.forms.disposal import dispose_of
from sambruk.platform.forms.models import Draft, DraftFile


@transaction.atomic
def delete(*, draft_id: UUID, by: Actor, browser: str = "") -> None:
    """Remove a draft and its files for good. Raises NotFound, Conflict for one that is sent."""
    draft = require_draft(draft_id, by, browser, lock=True)
    if draft.state == Draft.State.SUBMITTED:
        raise Conflict("Ansökan är redan inskickad. Vill du ta tillbaka den, skriv ett meddelande i ärendet.")
    remove(draft, by, "draft.removed")


def remove(draft: Draft, by: Actor, event: str) -> None:
    """Remove a locked draft, and the files that only it holds."""
    files = list(DraftFile.objects.filter(draft=draft).select_related("document"))
    orphans = [] if draft.state == Draft.State.SUBMITTED else [one.document for one in files]
    audit.record(
        event=event, by=by, obj=draft, person_id=draft.person_id, fields={"service": draft.service_id}
    )
    DraftFile.objects.filter(draft=draft).delete()
    draft.delete()
    dispose_of(orphans)
