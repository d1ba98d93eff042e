"""Each party signs the same text with their own e-ID; the other is reminded."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, NotAllowed
from sambruk.platform.audit import actions as audit
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.forms.access import require_draft, require_signer
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.forms.reminders import REMIND_AFTER, due, send_reminder
from sambruk.platform.forms.signers import owner_party, places_of
from sambruk.platform.identity.signing import SignatureEvidence
from sambruk.platform.tenancy.batch import update_row

#: The word for what is signed, inside the signature itself.
PURPOSE = "forms.submission"


@transaction.atomic
def sign(
    *, draft_id: UUID, evidence: SignatureEvidence, by: Actor, locked: tuple[Draft, DraftSigner] | None = None
) -> Draft:
    """Record that the logged-in party has signed; signed already: nothing changes.

    ``locked`` is what the caller has read by ``require_signer(…, lock=True)`` in the same transaction.

    Raises NotFound (not a party), Conflict when the text has changed since, NotAllowed for evidence of
    another person, purpose or too low a level.
    """
    draft, place = locked or require_signer(draft_id, by, lock=True)
    if draft.state == Draft.State.SUBMITTED or place.signed_at is not None:
        return draft
    if draft.state != Draft.State.SIGNING or evidence.payload_sha256 != draft.frozen_hash:
        raise Conflict(
            "Ansökan har ändrats sedan du öppnade den. Läs igenom den och skriv under igen.", "draft_changed"
        )
    if evidence.person_id != by.id or evidence.purpose != PURPOSE:
        raise NotAllowed("Underskriften gäller någon annan eller något annat. Skriv under igen.")
    needed = definitions.by_hash(draft.definition_hash).service.login.assurance
    if evidence.assurance < needed:
        raise NotAllowed("Din e-legitimation räcker inte för att skriva under. Använd till exempel BankID.")
    place.person_id = evidence.person_id
    place.signed_at = evidence.at
    place.signed_hash = evidence.payload_sha256
    place.evidence = evidence.as_sealed_json()
    place.assurance = evidence.assurance
    update_row(place, "person", "signed_at", "signed_hash", "evidence", "assurance")
    audit.record(
        event="draft.signed",
        by=by,
        obj=draft,
        person_id=evidence.person_id,
        fields={"party": place.party, "content": place.signed_hash},
    )
    _tell_the_others(draft)
    return draft


def _tell_the_others(draft: Draft) -> None:
    for other in places_of(draft):
        if other.signed_at is None and other.reminded_at is None:
            send_reminder(draft, other)


def all_signed(draft: Draft, places: Sequence[DraftSigner] | None = None) -> bool:
    """Return whether everybody who is to sign has signed the text that stands."""
    if places is None:
        places = places_of(draft)
    return all(one.signed_at is not None and one.signed_hash == draft.frozen_hash for one in places)


def may_be_reminded(place: DraftSigner) -> bool:
    """Return whether a day has passed since the last reminder, or it could not be sent."""
    return place.reminded_at is None or place.not_reached or now() - place.reminded_at >= REMIND_AFTER


@transaction.atomic
def remind(*, draft_id: UUID, by: Actor, browser: str = "") -> int:
    """Remind those who have not signed and whom we can reach; returns how many. Once a day each."""
    draft = require_draft(draft_id, by, browser, lock=True)
    if draft.state != Draft.State.SIGNING:
        raise Conflict("Ansökan väntar inte på någon underskrift längre.")
    reminded = 0
    for place in DraftSigner.objects.filter(draft=draft, signed_at__isnull=True):
        if by.id is not None and place.person_id == by.id:
            continue
        if not may_be_reminded(place):
            continue
        reminded += send_reminder(draft, place)
    audit.record(event="draft.reminded", by=by, obj=draft, fields={"count": reminded})
    return reminded


@transaction.atomic
def remind_by_itself(*, draft_id: UUID, by: Actor) -> int:
    """Remind, by the platform itself, those whose time it is; returns how many.

    The owner, and once somebody has signed the others: before that there is nothing that waits for them.
    """
    draft = Draft.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if draft is None or draft.state != Draft.State.SIGNING:
        return 0
    owner = owner_party(definitions.by_hash(draft.definition_hash).service)
    begun = DraftSigner.objects.filter(draft=draft, signed_at__isnull=False).exists()
    reminded = 0
    for place in DraftSigner.objects.filter(due(), draft=draft).order_by("party"):
        if begun or place.party == owner:
            reminded += send_reminder(draft, place)
    if reminded:
        audit.record(event="draft.reminded", by=by, obj=draft, fields={"count": reminded})
    return reminded
