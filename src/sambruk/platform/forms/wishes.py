"""How the one who applies wants to hear that there is news: as answered in the application.

By convention a field of kind ``choices`` with the id ``notify`` and the options ``sms`` and ``email`` asks
it, in the step that says who the applicant is; the e-mail address and telephone are the first fields of those
kinds in the same step (docs/services.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sambruk.common.actor import Actor, system_actor
from sambruk.platform.definitions.language import Service, Step
from sambruk.platform.forms.signers import owner_party
from sambruk.platform.identity import actions as identity
from sambruk.platform.identity.models import Person
from sambruk.platform.identity.permissions import Permission

FIELD = "notify"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was answered: the ways that were ticked, and the addresses that were given (empty: none)."""

    email: str
    phone: str
    by_email: bool
    by_sms: bool


def wishes(service: Service, answers: Mapping[str, Any]) -> Wishes | None:
    """Return how the one who applies wants to be told; None where the service does not ask."""
    step = _step(service)
    if step is None:
        return None
    ticked = answers.get(FIELD) or ()
    given: dict[str, str] = {}
    for field in step.fields:
        typed = answers.get(field.id)
        if field.type in ("email", "phone") and isinstance(typed, str) and typed:
            given.setdefault(field.type, typed)
    return Wishes(given.get("email", ""), given.get("phone", ""), "email" in ticked, "sms" in ticked)


def _step(service: Service) -> Step | None:
    declared = service.parties.get(owner_party(service))
    for step in service.steps:
        fields = {field.id: field for field in step.fields}
        asks = FIELD in fields and fields[FIELD].type == "choices"
        if asks and declared is not None and declared.person in fields:
            return step
    return None


def follow(person: Person | None, service: Service, answers: Mapping[str, Any], *, by: Actor) -> None:
    """Let the person be told from now on as the application says; in the transaction that sends it.

    A way without its address cannot be chosen, and an address that was not given again is kept. A protected
    person is told by no notice, so nothing more is kept of where the person is reached.
    """
    found = wishes(service, answers)
    if found is None or person is None or person.is_protected:
        return
    email, phone = found.email or person.email, found.phone or person.phone
    by_email, by_sms = found.by_email and bool(email), found.by_sms and bool(phone)
    now = (person.email, person.phone, person.notify_email, person.notify_sms)
    if now == (email, phone, by_email, by_sms):
        return
    if not (by.is_resident and person.pk in (by.id, by.on_behalf_of)):
        # The last signature sends the application, whosesoever it is: the answers are the applicant's still.
        by = system_actor(person.tenant_id, "Ansökan", frozenset({str(Permission.PERSON_REGISTER)}))
    identity.update_contact(
        by=by, person=person, email=email, phone=phone, notify_email=by_email, notify_sms=by_sms
    )
