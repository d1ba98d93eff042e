"""Files of a draft: added to a field at once, removed by hand or with the draft."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Invalid, NotFound
from sambruk.platform.audit import actions as audit
from sambruk.platform.definitions.language import RepeatingGroupField
from sambruk.platform.definitions.language.fields import FileField
from sambruk.platform.documents import actions as documents
from sambruk.platform.forms import working
from sambruk.platform.forms.actions.saving import keep, open_for_change
from sambruk.platform.forms.disposal import dispose_of
from sambruk.platform.forms.models import Draft, DraftFile
from sambruk.platform.forms.working import Working

#: What is sent with an application.
KIND = "attachment"
#: The definition's words for the sniffer's types.
TYPES = {
    "pdf": ("pdf",),
    "image": ("jpeg", "png", "heic"),
    "word": ("docx", "odt"),
    "text": ("txt",),
}
#: All files of one draft together: what one household sends in a month is far below.
MAX_DRAFT_BYTES = 300 * 1024 * 1024


def file_field(work: Working, address: str) -> FileField:
    """Return the file field of an address: `photo`, or in a row `children.<row id>.certificate`.

    Raises NotFound for one that is not asked.
    """
    parts = address.split(".")
    for step in work.steps:
        for field in step.fields:
            if field.id != parts[0] or field.id not in work.evaluation.visible:
                continue
            if isinstance(field, FileField) and len(parts) == 1:
                return field
            if isinstance(field, RepeatingGroupField) and len(parts) == 3:
                rows = [str(row.get("row")) for row in work.draft.answers.get(field.id) or []]
                for inner in field.fields:
                    if isinstance(inner, FileField) and inner.id == parts[2] and parts[1] in rows:
                        return inner
    raise NotFound("Den frågan finns inte i ansökan längre. Läs om sidan.")


@transaction.atomic
def add_file(
    *, draft_id: UUID, address: str, content: IO[bytes], name: str, by: Actor, browser: str = ""
) -> DraftFile:
    """Save a file under a field. Raises Invalid (type, size, number, virus), NotFound, Conflict."""
    draft, _ = open_for_change(draft_id, by, browser)
    work = working.load(draft)
    field = file_field(work, address)
    if len([one for one in work.files if one.field == address]) >= field.max_files:
        raise Invalid({address: f"Det får vara högst {field.max_files} filer. Ta bort någon först."})
    allowed = [kind for word in field.accept for kind in TYPES[word]]
    try:
        document = documents.save(
            content=content,
            name=name,
            kind=KIND,
            by=by,
            allowed=allowed,
            max_bytes=field.max_mb * 1024 * 1024,
        )
    except Invalid as error:
        raise Invalid({address: error.message_sv}, code=error.code) from error
    if sum(one.document.size for one in work.files) + document.size > MAX_DRAFT_BYTES:
        raise Invalid(
            {address: "Filerna är för stora tillsammans. Ta bort någon, eller skicka mindre bilder."}
        )
    found = DraftFile.objects.create(draft=draft, document=document, field=address, added_at=now())
    keep(draft)
    audit.record(
        event="draft.file_added",
        by=by,
        obj=draft,
        person_id=draft.person_id,
        fields={"field": address, "document": str(document.pk)},
    )
    return found


@transaction.atomic
def remove_file(*, draft_id: UUID, file_id: UUID, by: Actor, browser: str = "") -> Draft:
    """Take a file out of a draft; it is disposed of. One that is gone already is no error."""
    draft, _ = open_for_change(draft_id, by, browser)
    found = DraftFile.objects.filter(pk=file_id, draft=draft).select_related("document").first()
    if found is not None:
        address, document = found.field, found.document
        found.delete()
        dispose_of([document])
        keep(draft)
        audit.record(event="draft.file_removed", by=by, obj=draft, fields={"field": address})
    return draft
