"""Who takes part in an application, and who signs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.personal_number import PersonalNumber
from sambruk.platform.definitions.conditions import Evaluation
from sambruk.platform.definitions.language import Service, say
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.identity import queries as identity
from sambruk.platform.identity.encrypted import BlindIndexField
from sambruk.platform.identity.models import Person
from sambruk.platform.tenancy.compiled import Compiled
from sambruk.platform.tenancy.context import current_tenant_id


@dataclass(frozen=True)
class Part:
    """A party to be: its id in the definition, its label, the name that was given, its personal number."""

    party: str
    label: str
    name: str = ""
    number: str = ""
    is_owner: bool = False


def owner_party(service: Service) -> str:
    """Return the party that the owner of the draft is: the first that the service declares."""
    return next(iter(service.parties), "applicant")


def parts(service: Service, answers: Mapping[str, Any], evaluation: Evaluation) -> list[Part]:
    """Return the parties that take part by these answers, the owner first."""
    return parts_among(service, answers, evaluation.parties)


def parts_among(service: Service, answers: Mapping[str, Any], taking_part: Collection[str]) -> list[Part]:
    """Return the parties whose ids are among those that take part, the owner first."""
    owner = owner_party(service)
    found = [] if service.parties else [Part(owner, "Sökande", is_owner=True)]
    for key, declared in service.parties.items():
        if key != owner and key not in taking_part:
            continue
        given = answers.get(declared.person or "")
        person = given if isinstance(given, Mapping) else {}
        name = f"{person.get('given_name', '')} {person.get('family_name', '')}".strip()
        number = str(person.get("personal_number") or "")
        found.append(Part(key, say(declared.label), name, number, key == owner))
    return found


def _index_field() -> BlindIndexField:
    field = Person._meta.get_field("number_index")
    assert isinstance(field, BlindIndexField)  # noqa: S101 - narrows for mypy
    return field


def index_of(number: str) -> str:
    """Return the blind index under which a person with this number is, or will be, found."""
    return _index_field().candidates(number, current_tenant_id())[0]


def index_candidates(number: str) -> list[str]:
    """Return the blind indexes of a number under every key of the ring, the current one's first."""
    return list(_index_field().candidates(number, current_tenant_id()))


def place_predicate(person: Person) -> Q:
    """Return the predicate for places that are this person's: known by id, or by personal number alone."""
    known = Q(person_id=person.pk)
    if person.personal_number:
        candidates = _index_field().candidates(person.personal_number, current_tenant_id())
        known |= Q(person__isnull=True, number_index__in=candidates)
    return known


def own_place(draft: Draft, actor: Actor) -> DraftSigner | None:
    """Return the place at which the logged-in person signs, or None. One signs for oneself, or by mandate."""
    if not actor.is_resident or actor.id is None:
        return None
    places = places_of(draft)
    if known := next((one for one in places if one.person_id == actor.id), None):
        return known if _stands(draft, known) else None
    # Somebody who had never been here when the application was written is known by number alone.
    unknown = [one for one in places if one.person_id is None]
    person = identity.person_by_id(actor.id) if unknown else None
    if person is None or not person.personal_number:
        return None
    candidates = index_candidates(person.personal_number)
    return next((one for one in unknown if one.number_index in candidates), None)


def _stands(draft: Draft, place: DraftSigner) -> bool:
    """Say whether whoever signs by a mandate still holds one for the service; others sign for themselves."""
    mandate = draft.mandate
    if mandate is None or mandate.holder_id != place.person_id:
        return True
    return mandate.holds_on(today()) and mandate.covers(draft.service_id)


_PLACES = Compiled(
    lambda draft_id: DraftSigner.objects.filter(draft_id=draft_id).select_related("person").order_by("party"),
    UUID,
)


def places_of(draft: Draft) -> list[DraftSigner]:
    """Return those who sign the draft, each with the person where that is known, by party.

    Read once for a draft that was read: who writes places under the draft's lock reads the draft first, and
    who deletes them sets ``draft.signers_read`` to None.
    """
    if draft.signers_read is None:
        draft.signers_read = _PLACES.all(draft.pk)
    return draft.signers_read


def find_by_number(number: str) -> Person | None:
    """Return the person of a number in twelve digits, or None where the person has never been here."""
    return identity.find_person(PersonalNumber(number)) if number else None


def signing_person(draft: Draft) -> UUID | None:
    """Return who signs for the draft's owner: the holder of the mandate, else the owner."""
    return draft.mandate.holder_id if draft.mandate is not None else draft.person_id
