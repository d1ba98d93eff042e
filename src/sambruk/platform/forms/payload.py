"""The exact text that the parties sign: canonical JSON, so that its bytes and hash can be made again."""

from __future__ import annotations

from typing import Any

from sambruk.common.content_hash import canonical_json, sha256_hex
from sambruk.platform.definitions.answers import Validated
from sambruk.platform.definitions.language import say
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.signers import Part, parts
from sambruk.platform.forms.working import Working

FORMAT = 1


def build(work: Working, checked: Validated) -> dict[str, Any]:
    """Return what is signed: definition, answers of visible fields, parties, the sentences attested."""
    service = work.service
    people = parts(service, checked.answers, checked.evaluation)
    return {
        "format": FORMAT,
        "service": service.service,
        "version": service.version,
        "title": say(service.title),
        "definition": work.draft.definition_hash,
        "draft": str(work.draft.pk),
        "period": work.draft.period.isoformat() if work.draft.period else None,
        "channel": work.draft.channel,
        "eligibility": work.draft.gate,
        # Who signs sees, and the text says, that somebody else had written first.
        **({"prepared_by": work.draft.prepared_by} if work.draft.prepared_by else {}),
        "answers": checked.answers,
        "parties": [_party(work.draft, one) for one in people],
        "attestations": [
            {"party": signature.party, "id": one, "text": say(service.attestations[one])}
            for place, signature in enumerate(service.signatures)
            if place in checked.evaluation.signatures
            for one in signature.attests
        ],
    }


def _party(draft: Draft, part: Part) -> dict[str, Any]:
    name = part.name
    if part.is_owner and draft.person is not None:
        name = draft.person.full_name
    found: dict[str, Any] = {"party": part.party, "name": name}
    if part.is_owner and draft.mandate is not None:
        found["represented_by"] = draft.mandate.holder.full_name
    return found


def text_of(payload: dict[str, Any]) -> bytes:
    """Return the bytes that are signed. Raises ValueError for what has no canonical form."""
    return canonical_json(payload)


def hash_of(text: bytes) -> str:
    """Return the hash by which the text is known."""
    return sha256_hex(text)
