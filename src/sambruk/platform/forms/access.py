"""Whose draft it is: a person's, a representative's, a browser's where nobody logged in, or the staff's."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

from django.db.models import Q, QuerySet

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.errors import NotFound
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.tenancy.compiled import Compiled

GONE = "Vi hittar inte ansökan. Den kan vara borttagen, eller höra till någon annan."


def new_browser_key() -> str:
    """Return 256 random bits for the cookie of a browser that fills in without a login."""
    return secrets.token_urlsafe(32)


def digest(browser_key: str | None) -> str:
    """Return how a browser's key is stored; empty without one."""
    if not browser_key or not 20 <= len(browser_key) <= 100:
        return ""
    return hashlib.sha256(browser_key.encode()).hexdigest()


def staff_key(staff_id: UUID) -> str:
    """Return the owner of what a member of staff registers for somebody who has given no identity."""
    return f"staff:{staff_id}"


def client_key(client_id: UUID) -> str:
    """Return the owner of what another system sends in through the API."""
    return f"api:{client_id}"


def owned(actor: Actor, browser: str = "") -> Q:
    """Return the predicate for the drafts that an actor may work with; ``browser`` is the key's digest.

    A resident's own are those without a mandate; acting for another, those begun by the same mandate in the
    services that it covers. Staff see what they fill in themselves, for the person whom they fill in for just
    now. Another system's are those that it sends in for somebody unknown.
    """
    mine = Q(pk__in=[])
    if actor.is_resident and actor.id is not None:
        if actor.mandate_id is not None:
            mine = Q(mandate_id=actor.mandate_id, person_id=actor.on_behalf_of)
            if actor.services is not None:
                mine &= Q(service_id__in=sorted(actor.services))
        else:
            mine = Q(person_id=actor.id, mandate__isnull=True)
    elif actor.is_staff and actor.id is not None:
        whose = Q(person__isnull=True)
        if actor.on_behalf_of is not None:
            whose |= Q(person_id=actor.on_behalf_of)
        mine = Q(filled_in_by_id=actor.id) & whose
    elif actor.kind is ActorKind.API and actor.id is not None:
        mine = Q(owner_key=client_key(actor.id), person__isnull=True)
    if browser and not actor.is_staff:
        mine |= Q(owner_key=browser, person__isnull=True)
    return mine


def require_draft(draft_id: UUID, actor: Actor, browser: str = "", *, lock: bool = False) -> Draft:
    """Return a draft that the actor may work with. Raises NotFound: another's does not exist.

    With ``lock`` its row is locked until the transaction ends, as every change does first.
    """
    drafts = Draft.objects.filter(owned(actor, browser), pk=draft_id)
    if lock:
        drafts = drafts.select_for_update(of=("self",))
    draft = drafts.exclude(state=Draft.State.ABANDONED).first()
    if draft is None:
        raise NotFound(GONE)
    return draft


def _standing(draft_id: UUID) -> QuerySet[Draft]:
    return Draft.objects.filter(pk=draft_id).exclude(state=Draft.State.ABANDONED)


_BY_ID = Compiled(_standing, UUID)
_LOCKED = Compiled(
    lambda draft_id: _standing(draft_id).select_related("person").select_for_update(of=("self",)), UUID
)


def locked(draft_id: UUID) -> Draft | None:
    """Return a draft that has not been removed, its row locked until the transaction ends, whoever asks."""
    return _LOCKED.first(draft_id)


def require_signer(draft_id: UUID, actor: Actor, *, lock: bool = False) -> tuple[Draft, DraftSigner]:
    """Return the draft and the logged-in person's own place among its signers. Raises NotFound.

    The draft's row is locked before its signers are read, so that two who sign at once follow each other.
    """
    from sambruk.platform.forms.signers import own_place

    draft = locked(draft_id) if lock else _BY_ID.first(draft_id)
    place = own_place(draft, actor) if draft is not None else None
    if draft is None or place is None:
        raise NotFound(GONE)
    return draft, place
