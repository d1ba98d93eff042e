"""The draft is whole and stands still: its text is fixed, to be signed. A change takes it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid
from sambruk.platform.audit import actions as audit
from sambruk.platform.definitions.answers import Validated
from sambruk.platform.forms import payload, periods, working
from sambruk.platform.forms.access import require_draft
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.forms.signers import (
    Part,
    find_by_number,
    index_of,
    owner_party,
    parts,
    signing_person,
)
from sambruk.platform.forms.working import Working


def whole_errors(work: Working) -> tuple[Validated, dict[str, str]]:
    """Check everything as it will be sent; returns what was checked and the sentences by address."""
    checked = work.validate()
    errors = dict(checked.errors)
    for address in work.draft.typed:
        if address.split(".")[0] in checked.evaluation.visible:
            errors[address] = "Det du skrev går inte att läsa. Skriv det igen."
    errors |= periods.errors(work)
    errors |= _party_errors(work, checked)
    return checked, errors


def _party_errors(work: Working, checked: Validated) -> dict[str, str]:
    """The owner is who is logged in; two parties are two people."""
    found: dict[str, str] = {}
    person = work.draft.person
    people = parts(work.service, checked.answers, checked.evaluation)
    own = person.personal_number if person is not None else ""
    for part in people:
        field = work.service.parties[part.party].person if part.party in work.service.parties else None
        if field is None or not part.number:
            continue
        if part.is_owner and own and part.number != own:
            found[f"{field}.personal_number"] = "Här ska det stå personnumret för den som ansöker."
        if not part.is_owner and part.number in {own, *(p.number for p in people if p is not part)}:
            found[f"{field}.personal_number"] = (
                f"{part.label} kan inte ha samma personnummer som någon annan i ansökan."
            )
    return found


@transaction.atomic
def freeze(*, draft_id: UUID, by: Actor, browser: str = "") -> Draft:
    """Check the whole form, fix its text and name those who sign. Frozen already: the draft as it stands.

    Raises Invalid with every error by address, NotFound, Conflict (sent already).
    """
    draft = require_draft(draft_id, by, browser, lock=True)
    if draft.state == Draft.State.SUBMITTED:
        raise Conflict("Ansökan är redan inskickad.", "already_submitted")
    if draft.state == Draft.State.SIGNING:
        return draft
    work = working.load(draft)
    checked, errors = whole_errors(work)
    if errors:
        raise Invalid("Några svar behöver rättas innan ansökan kan skickas.", errors)
    content = payload.build(work, checked)
    try:
        text = payload.text_of(content)
    except ValueError as error:
        raise Invalid(
            "Ett svar innehåller tecken som inte kan sparas. Kontrollera det du har klistrat in.",
            code="encoding",
        ) from error
    draft.frozen = {"text": text.decode("utf-8"), "flags": _flags(checked)}
    draft.frozen_hash = payload.hash_of(text)
    draft.frozen_at = now()
    draft.state = Draft.State.SIGNING
    draft.revision += 1
    # A page that still stands open in another window may not melt it unseen.
    draft.step_revisions = {step.id: draft.revision for step in work.service.steps}
    draft.save()
    DraftSigner.objects.filter(draft=draft).delete()
    DraftSigner.objects.bulk_create(_places(work, checked))
    draft.signers_read = None
    audit.record(
        event="draft.frozen",
        by=by,
        obj=draft,
        person_id=draft.person_id,
        fields={"content": draft.frozen_hash},
    )
    return draft


def _flags(checked: Validated) -> dict[str, Any]:
    """Only flags that are decided: what nobody has set is not told to the process."""
    return {key: value for key, value in checked.evaluation.flags.items() if value is not None}


def _places(work: Working, checked: Validated) -> list[DraftSigner]:
    draft, service = work.draft, work.service
    people = {part.party: part for part in parts(service, checked.answers, checked.evaluation)}
    wanted = [
        one.party for place, one in enumerate(service.signatures) if place in checked.evaluation.signatures
    ]
    return [_place(draft, people.get(party), party, service_owner=owner_party(service)) for party in
            dict.fromkeys(wanted)]  # fmt: skip


def _place(draft: Draft, part: Part | None, party: str, *, service_owner: str) -> DraftSigner:
    if party == service_owner:
        person_id = signing_person(draft)
        holder = draft.mandate.holder if draft.mandate is not None else draft.person
        return DraftSigner(
            draft=draft, party=party, person_id=person_id, name=holder.full_name if holder else ""
        )
    if part is None or not part.number:
        raise Invalid("Den som ska skriva under är inte namngiven med personnummer i ansökan.")
    known = find_by_number(part.number)
    return DraftSigner(
        draft=draft,
        party=party,
        person_id=known.pk if known else None,
        number_index=index_of(part.number),
        name=part.name,
    )


def melt(draft: Draft, by: Actor) -> bool:
    """Take a locked draft back to its form, its signatures with it; returns whether there were any."""
    signed = DraftSigner.objects.filter(draft=draft, signed_at__isnull=False).exists()
    DraftSigner.objects.filter(draft=draft).delete()
    draft.signers_read = None
    draft.state = Draft.State.OPEN
    draft.frozen, draft.frozen_hash, draft.frozen_at = {}, "", None
    draft.save()
    audit.record(
        event="draft.unfrozen", by=by, obj=draft, person_id=draft.person_id, fields={"signatures": signed}
    )
    return signed


@transaction.atomic
def unfreeze(*, draft_id: UUID, by: Actor, browser: str = "") -> bool:
    """Open a draft that waits for signatures for change again; returns whether signatures were dropped."""
    draft = require_draft(draft_id, by, browser, lock=True)
    if draft.state == Draft.State.SUBMITTED:
        raise Conflict("Ansökan är redan inskickad och går inte att ändra.", "already_submitted")
    return melt(draft, by) if draft.state == Draft.State.SIGNING else False
