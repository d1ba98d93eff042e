"""A draft is begun, or the one that was begun before is taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.platform.audit import actions as audit
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.forms import facts
from sambruk.platform.forms.access import owned, staff_key
from sambruk.platform.forms.gate import decide, words_of
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.prefill import first_answers
from sambruk.platform.forms.prepared import take
from sambruk.platform.identity import queries as identity
from sambruk.platform.identity.models import Person
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import current_principal

#: How long an untouched draft is kept, unless the principal's settings say otherwise ("draft_days").
DRAFT_DAYS = 30


class LoginNeeded(NotAllowed):
    """The service asks for a login of at least `assurance`."""

    code = "login_needed"

    def __init__(self, assurance: int) -> None:
        super().__init__("Logga in med e-legitimation för att göra den här ansökan.")
        self.assurance = assurance


class GateStops(Invalid):
    """The answers before the form lead elsewhere; `rules` are the ids of the rules that stop."""

    code = "gate_stops"

    def __init__(self, sentence: str, rules: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.rules = rules


def draft_life() -> timedelta:
    """Return how long an untouched draft is kept."""
    days = current_principal().settings.get("draft_days", DRAFT_DAYS)
    return timedelta(days=days if isinstance(days, int) and 1 <= days <= 365 else DRAFT_DAYS)


def require_may_begin(effective: Effective, by: Actor) -> None:
    """Raise LoginNeeded or NotAllowed unless the actor may apply in this service, for whom it is."""
    login = effective.service.login
    if by.is_staff:
        if facts.channel_of(by) not in effective.service.channels:
            raise NotAllowed("Den här e-tjänsten tas inte emot på det sättet.")
        if by.on_behalf_of is not None:
            by.require(Permission.FILL_IN_FOR)
        elif login.assurance == 0:
            by.require(Permission.REPORT_REGISTER)
        else:
            raise NotAllowed("Välj först vem du fyller i åt.", "nobody_chosen")
        return
    if "web" not in effective.service.channels:
        raise NotAllowed("Den här ansökan går inte att göra på webben. Kontakta kommunen så hjälper vi dig.")
    if login.assurance and (not by.is_resident or by.assurance < login.assurance):
        raise LoginNeeded(login.assurance)
    if by.mandate_id is not None:
        if not login.acting_for:
            raise NotAllowed("Den här ansökan kan man bara göra för egen del.", "acting_for")
        identity.require_scope(by, effective.service.service)


@transaction.atomic
def begin(
    *,
    service_id: str,
    by: Actor,
    browser: str = "",
    gate: Mapping[str, Any] | None = None,
    fresh: bool = False,
) -> Draft:
    """Begin a draft, or return the one that the actor has begun in the service.

    ``gate`` are the answers to the questions before the form, in wire format; ``browser`` the digest of the
    browser's key where nobody is logged in. ``fresh`` (and staff who register for somebody unknown) always
    begins anew. Raises NotFound (not offered), LoginNeeded, NotAllowed, GateStops, Invalid by question.
    """
    effective = definitions.for_service(service_id)
    require_may_begin(effective, by)
    if not fresh and not (by.is_staff and by.on_behalf_of is None):
        open_ones = Draft.objects.filter(
            owned(by, browser), service_id=service_id, state__in=[Draft.State.OPEN, Draft.State.SIGNING]
        )
        if existing := open_ones.order_by("-updated_at").first():
            return existing
    result = decide(effective, gate or {}, facts.for_actor(effective, by, gate or {}))
    if result.stop:
        rules = {rule.id: rule for rule in effective.service.eligibility.rules} if (
            effective.service.eligibility
        ) else {}  # fmt: skip
        raise GateStops(words_of(rules[result.stop[0]], by)["title"], result.stop)
    draft = _new(effective, by, browser, dict(gate or {}))
    draft.save(force_insert=True)
    audit.record(
        event="draft.begun",
        by=by,
        obj=draft,
        person_id=draft.person_id,
        fields={"service": service_id, "channel": draft.channel},
    )
    return draft


def _new(effective: Effective, by: Actor, browser: str, gate: dict[str, Any]) -> Draft:
    person_id = facts.applicant_of(by)
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    answers, known = first_answers(effective.service, person, by=by)
    prepared_by = ""
    if person is not None and by.is_resident and by.mandate_id is None:
        prepared, prepared_by = take(effective.service, person)
        answers, known = {**answers, **prepared}, {**known, **dict.fromkeys(prepared, prepared_by)}
    moment = now()
    if person_id is None and not by.is_staff and not browser:
        raise ValueError("an anonymous draft needs the browser's key")
    return Draft(
        person_id=person_id,
        owner_key="" if person_id else staff_key(by.id) if by.is_staff and by.id else browser,
        mandate_id=by.mandate_id,
        filled_in_by_id=by.id if by.is_staff else None,
        prepared_by=prepared_by,
        channel=facts.channel_of(by),
        service_id=effective.service.service,
        definition_hash=effective.hash,
        answers=answers,
        known_from=known,
        gate=gate,
        created_at=moment,
        updated_at=moment,
        expires_at=moment + draft_life(),
    )
