"""What the platform itself knows when a form is filled in: the conditions' `context.…`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.clock import local_date, today
from sambruk.platform.cases.models import Case, Party, PeriodClaim
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity import queries as identity


def context_for(
    service_id: str, *, person_id: UUID | None, channel: str, assurance: int, represented: bool
) -> dict[str, Any]:
    """Return the facts by short name. What we cannot know is left out, and counts as unanswered.

    `registered_here` is such a fact: no register is asked yet.
    """
    facts: dict[str, Any] = {
        "today": today(),
        "channel": channel,
        "logged_in": person_id is not None,
        "assurance": assurance,
        "acting_for_other": represented,
    }
    if person_id is None:
        return facts
    person = identity.person_by_id(person_id)
    facts["protected_identity"] = bool(person and person.is_protected)
    own = Party.objects.filter(person_id=person_id, case__service_id=service_id).values("case_id")
    earlier = list(
        Case.objects.filter(pk__in=own).order_by("-opened_at").values_list("closed_at", flat=True)[:100]
    )
    facts["has_earlier_case"] = bool(earlier)
    facts["has_open_case"] = any(closed is None for closed in earlier)
    if ended := [closed for closed in earlier if closed is not None]:
        facts["days_since_closed"] = (today() - local_date(max(ended))).days
    facts["already_applied"] = PeriodClaim.objects.filter(
        service_id=service_id, person_id=person_id, period__gte=today().replace(day=1)
    ).exists()
    return facts


def for_draft(draft: Draft, assurance: int) -> dict[str, Any]:
    """Return the facts of a draft; `assurance` is what its service asks for, which its owner had at least."""
    return context_for(
        draft.service_id,
        person_id=draft.person_id,
        channel=draft.channel,
        assurance=0 if draft.person_id is None else assurance,
        represented=draft.mandate_id is not None,
    )


def for_actor(service_id: str, actor: Actor) -> dict[str, Any]:
    """Return the facts before a draft is begun, for the gate."""
    return context_for(
        service_id,
        person_id=applicant_of(actor),
        channel=channel_of(actor),
        assurance=actor.assurance if actor.is_resident else 0,
        represented=actor.mandate_id is not None,
    )


def applicant_of(actor: Actor) -> UUID | None:
    """Return whose application it is: the represented, the logged-in resident, or nobody known."""
    return actor.on_behalf_of or (actor.id if actor.is_resident else None)


def channel_of(actor: Actor) -> str:
    """Return how it comes in. Staff who have not said so register what they hear on the telephone."""
    if actor.is_staff and actor.channel == "web":
        return "telephone"
    return actor.channel
