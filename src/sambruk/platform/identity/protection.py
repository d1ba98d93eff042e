"""Protected identity, end to end: the only place that decides whether a name, number or address is shown.

Offentlighets- och sekretesslagen 22 kap. 1 § (sekretessmarkering), folkbokföringslagen (1991:481) 16-17 d §§
(skyddad folkbokföring), lag (1991:483) om fingerade personuppgifter. Lists, search, autocomplete, exports,
statistics, PDF and notices all ask here. Staff open a protected identity with a reason, which is logged, for
the rest of their session (``actions.persons.open_protected``).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from sambruk.common.actor import Actor
from sambruk.platform.identity.models import Person
from sambruk.platform.identity.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Of a person, what is needed to show the name or hide it: what a list reads instead of whole persons."""

    pk: UUID
    given_name: str
    family_name: str
    protection: str

    @property
    def full_name(self) -> str:
        """Given name and family name, whoever asks."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_protected(self) -> bool:
        """True if the name must be hidden."""
        return bool(self.protection)


def masked_name() -> str:
    """What stands instead of a protected person's name."""
    return _("Skyddad identitet")


def opened(person_id: UUID) -> str:
    """Return how an actor's permissions say that this person's protected data was opened."""
    return f"protected.opened@{person_id}"


def may_see(person: Person | Named, actor: Actor) -> bool:
    """Say whether the actor may see who the person is.

    Always for somebody not protected. For a protected person: the person, whoever represents the person by
    mandate, the system (which writes the letter), and staff who have opened it with a reason.
    """
    if not person.is_protected or actor.is_system:
        return True
    if actor.is_resident:
        return person.pk in (actor.id, actor.on_behalf_of)
    return actor.is_staff and actor.may(opened(person.pk))


def visible_name(person: Person | Named, actor: Actor) -> str:
    """Return the name, or "Skyddad identitet"."""
    return person.full_name if may_see(person, actor) else masked_name()


def visible_number(person: Person, actor: Actor, *, full: bool = False) -> str:
    """Return the personal number masked (``19900602-****``), or in ``full``; nothing of a protected one."""
    number = person.number
    if number is None or not may_see(person, actor):
        return ""
    return number.display if full else number.masked


def visible_address(person: Person, actor: Actor) -> list[str]:
    """Return the lines of the address: care of, street, postal code and city. Empty where protected."""
    if not may_see(person, actor):
        return []
    place = f"{person.postal_code} {person.city}".strip()
    care_of = f"c/o {person.care_of}" if person.care_of else ""
    return [line for line in (care_of, person.street, place) if line]


def visible_contact(person: Person, actor: Actor) -> tuple[str, str]:
    """Return e-mail address and telephone number; empty where protected."""
    return (person.email, person.phone) if may_see(person, actor) else ("", "")


def listable(actor: Actor, prefix: str = "") -> Q:
    """Return the SQL predicate for persons whose name may stand in a list or be found by it.

    ``prefix`` is the way to the person ("person__"). Even who may open protected identities finds them by
    personal number only: finding by name would show that the person lives here.
    """
    if actor.is_system:
        return Q()
    open_to = Q(**{f"{prefix}protection": ""})
    if actor.is_resident:
        own = [person_id for person_id in (actor.id, actor.on_behalf_of) if person_id]
        return open_to | Q(**{f"{prefix}pk__in": own})
    return open_to


def may_open(actor: Actor) -> bool:
    """Say whether the actor may open a protected identity, with a reason."""
    return actor.is_staff and actor.may(Permission.PROTECTED_OPEN)
