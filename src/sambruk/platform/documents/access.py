"""Who may read a document: those say it who refer to it. What nobody answers for, nobody may read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, NotFound
from sambruk.platform.documents.models import Document, Fixity, Scan


@dataclass(frozen=True, slots=True)
class Grant:
    """Yes, and what the log of reads shall say it belongs to."""

    case_id: UUID | None = None
    person_id: UUID | None = None


Reader: TypeAlias = Callable[[Document, Actor], "bool | Grant | None"]

_readers: list[tuple[frozenset[str], Reader]] = []


def reader(*kinds: str) -> Callable[[Reader], Reader]:
    """Register ``def may_read(document, actor)`` for document kinds (none named: for all).

    It says True or a Grant (with the case and person that the read is logged under) for a document that it
    knows and the actor may read; False or None otherwise. One yes is enough.
    """

    def register(function: Reader) -> Reader:
        entry = (frozenset(kinds), function)
        if entry not in _readers:
            _readers.append(entry)
        return function

    return register


def forget(function: Reader) -> None:
    """Take a reader back, for tests."""
    _readers[:] = [entry for entry in _readers if entry[1] is not function]


def grant_for(document: Document, actor: Actor) -> Grant | None:
    """Return the grant by which the actor may read the document, or None."""
    for kinds, may_read in _readers:
        if kinds and document.kind not in kinds:
            continue
        answer = may_read(document, actor)
        if answer:
            return answer if isinstance(answer, Grant) else Grant()
    return None


def require(document: Document, actor: Actor) -> Grant:
    """Return the grant, or raise NotFound: a document that one may not read does not exist.

    Raises Conflict, with a sentence, for one that may be read but must not be opened: not yet searched for
    viruses (who uploaded it may), infected, or damaged in the store.
    """
    grant = grant_for(document, actor)
    if grant is None:
        raise NotFound("Vi hittar inte dokumentet. Det kan höra till någon annan.")
    if document.scan == Scan.INFECTED:
        raise Conflict(
            "Filen innehåller virus och går inte att öppna. Be avsändaren om en ny fil.", "infected"
        )
    own = actor.id is not None and document.created_by_id == actor.id
    if document.scan == Scan.PENDING and not own:
        raise Conflict("Filen väntar på virussökning. Försök igen om en stund.", "scan_pending")
    if document.fixity != Fixity.SOUND:
        raise Conflict(
            "Filen är skadad i lagret och går inte att öppna. Driften har fått besked.", "document_damaged"
        )
    return grant
