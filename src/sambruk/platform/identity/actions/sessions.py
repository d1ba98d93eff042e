"""For whom a session acts: by mandate, or staff who fill in for somebody."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.models import Person, Session
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.queries import mandates_for

#: How somebody who cannot use the service reached us; stands on the case.
CHANNELS = ("telephone", "visit", "paper")


@transaction.atomic
def act_for(*, by: Actor, session: Session, mandate_id: UUID | None) -> None:
    """Choose whom a resident acts for, by a mandate that holds today; None for herself.

    Raises NotAllowed for a mandate that is not hers or does not hold.
    """
    if not by.is_resident or session.person_id is None:
        raise NotAllowed("Logga in för att företräda någon.")
    mandate = None
    if mandate_id is not None:
        mandate = mandates_for(session.person_id).filter(pk=mandate_id).first()
        if mandate is None:
            raise NotAllowed(
                "Uppdraget gäller inte längre. Kontakta oss om det är fel.", code="mandate_ended"
            )
    session.mandate = mandate
    session.save(update_fields=["mandate"])
    represented = mandate.represented_id if mandate else session.person_id
    record(event="session.acts_for", by=by, obj=session, person_id=represented)


@transaction.atomic
def fill_in_for(*, by: Actor, session: Session, person: Person, channel: str) -> None:
    """Let a member of staff fill in for a person who cannot. Permission: person.fill_in_for.

    ``channel`` is telephone, visit or paper. The person's protection stays as it is: nothing is opened.
    """
    by.require(Permission.FILL_IN_FOR)
    if session.staff_id is None or session.staff_id != by.id:
        raise NotAllowed("Bara en medarbetare kan fylla i åt någon annan.")
    if channel not in CHANNELS:
        raise Invalid({"channel": "Välj hur personen har hört av sig."})
    session.filling_in_for = person
    session.channel = channel
    session.save(update_fields=["filling_in_for", "channel"])
    record(event="session.fills_in", by=by, obj=session, person_id=person.pk, fields={"channel": channel})


@transaction.atomic
def stop_filling_in(*, by: Actor, session: Session) -> None:
    """End filling in for somebody."""
    if session.staff_id is None or session.staff_id != by.id:
        raise NotAllowed("Bara en medarbetare kan fylla i åt någon annan.")
    person_id = session.filling_in_for_id
    session.filling_in_for = None
    session.channel = "web"
    session.save(update_fields=["filling_in_for", "channel"])
    record(event="session.filled_in", by=by, obj=session, person_id=person_id)
