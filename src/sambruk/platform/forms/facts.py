"""What the platform itself knows when a form is filled in: the conditions' `context.…`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.clock import local_date, today
from sambruk.platform.cases.models import Case, Party, PeriodClaim
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity import protection
from sambruk.platform.identity import queries as identity
from sambruk.platform.identity.models import Person
from sambruk.platform.identity.permissions import Permission, may_in
from sambruk.platform.tenancy.compiled import Compiled

#: No population register is asked. Where a rule before the form needs to know, the person is asked, and the
#: answer stands among the others before the form under this name (which no question can have).
REGISTERED = "context.registered_here"
#: The facts that tell whether a person has, or has had, a case.
OF_CASES = frozenset({"has_earlier_case", "has_open_case", "days_since_closed", "already_applied"})


_EARLIER = Compiled(
    lambda person_id, service_id: (
        Case.objects.filter(
            pk__in=Party.objects.filter(person_id=person_id, case__service_id=service_id).values("case_id")
        )
        .order_by("-opened_at")
        .only("closed_at")[:100]
    ),
    UUID,
    str,
)
_CLAIM = Compiled(
    lambda service_id, person_id, since: PeriodClaim.objects.filter(
        service_id=service_id, person_id=person_id, period__gte=since
    ).only("id")[:1],
    str,
    UUID,
    date,
)


def context_for(
    service_id: str,
    *,
    person_id: UUID | None,
    channel: str,
    assurance: int,
    represented: bool,
    told: Mapping[str, Any],
    person: Person | None = None,
    effective: Effective | None = None,
) -> dict[str, Any]:
    """Return the facts by short name. What we cannot know is left out, and counts as unanswered.

    ``person`` is whom ``person_id`` names, where the caller has read it.
    ``told`` are the answers before the form: what the person says of a fact that we cannot look up.
    ``effective`` says which month is the last that can be applied for now: who has applied for an earlier one
    has not applied already. Without it the present month is.
    """
    facts: dict[str, Any] = {
        "today": today(),
        "channel": channel,
        "logged_in": person_id is not None,
        "assurance": assurance,
        "acting_for_other": represented,
    }
    if isinstance(told.get(REGISTERED), bool):
        facts["registered_here"] = told[REGISTERED]
    if person_id is None:
        return facts
    person = person or identity.person_by_id(person_id)
    facts["protected_identity"] = bool(person and person.is_protected)
    earlier = [one.closed_at for one in _EARLIER.all(person_id, service_id)]
    facts["has_earlier_case"] = bool(earlier)
    facts["has_open_case"] = any(closed is None for closed in earlier)
    if ended := [closed for closed in earlier if closed is not None]:
        facts["days_since_closed"] = (today() - local_date(max(ended))).days
    claim = _CLAIM.first(service_id, person_id, _last_open_month(effective))
    facts["already_applied"] = claim is not None
    return facts


def _last_open_month(effective: Effective | None) -> date:
    period = effective.service.period if effective is not None else None
    days = effective.count(period.opens_days_before) if effective is not None and period is not None else 0
    return (today() + timedelta(days=days)).replace(day=1)


def for_draft(draft: Draft, effective: Effective) -> dict[str, Any]:
    """Return the facts of a draft. Its owner's assurance was at least what the service asks for."""
    return context_for(
        draft.service_id,
        person_id=draft.person_id,
        channel=draft.channel,
        assurance=0 if draft.person_id is None else effective.service.login.assurance,
        represented=draft.mandate_id is not None,
        told=draft.gate,
        person=draft.person,
        effective=effective,
    )


def for_actor(effective: Effective, actor: Actor, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts before a draft is begun, for the gate, with the answers that are given there.

    Staff who may not read the service's cases are not told by the gate whether the person has one: it does
    not stop them, and who decides in the case reads the application.
    """
    found = context_for(
        effective.service.service,
        person_id=applicant_of(actor),
        channel=channel_of(actor),
        assurance=actor.assurance if actor.is_resident else 0,
        represented=actor.mandate_id is not None,
        told=told,
        effective=effective,
    )
    if hides_cases(effective, actor):
        return {name: value for name, value in found.items() if name not in OF_CASES}
    return found


def hides_cases(effective: Effective, actor: Actor) -> bool:
    """Say whether the actor fills in for somebody whose cases in the service the actor may not know of."""
    if not actor.is_staff or actor.on_behalf_of is None:
        return False
    if effective.unit_id is None or not may_in(actor, Permission.CASE_READ, effective.unit_id):
        return True
    return hides_person(actor)


def hides_person(actor: Actor) -> bool:
    """Say whether the actor fills in for somebody whose protected data the actor has not opened."""
    if not actor.is_staff or actor.on_behalf_of is None:
        return False
    person = identity.person_by_id(actor.on_behalf_of)
    return person is None or not protection.may_see(person, actor)


def applicant_of(actor: Actor) -> UUID | None:
    """Return whose application it is: the represented, the logged-in resident, or nobody known."""
    return actor.on_behalf_of or (actor.id if actor.is_resident else None)


def channel_of(actor: Actor) -> str:
    """Return how it comes in. Staff who have not said so register what they hear on the telephone."""
    if actor.is_staff and actor.channel == "web":
        return "telephone"
    return actor.channel
