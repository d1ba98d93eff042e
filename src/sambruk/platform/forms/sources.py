"""What Mina sidor shows of the forms: what waits for one's signature, and what one has begun."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from sambruk.common.actor import Actor
from sambruk.common.calendar import format_date
from sambruk.common.clock import local_date
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.forms.access import owned
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.forms.prepared import waiting_for
from sambruk.platform.forms.signers import place_predicate
from sambruk.platform.identity.models import Person
from sambruk.platform.ui.components import Todo


@dataclass(frozen=True)
class DraftCard:
    """A draft as Mina sidor shows it."""

    title: str
    url: str
    text: str


def to_sign(actor: Actor) -> list[Todo]:
    """Return what waits for the logged-in person's signature, known by id or by personal number alone."""
    person = Person.objects.filter(pk=actor.id).first() if actor.is_resident and actor.id else None
    if person is None or actor.mandate_id is not None:
        return []
    places = (
        DraftSigner.objects.filter(
            place_predicate(person), signed_at__isnull=True, draft__state=Draft.State.SIGNING
        )
        .select_related("draft")
        .order_by("draft__updated_at")
    )
    return [_todo(one, person) for one in places]


def _todo(place: DraftSigner, person: Person) -> Todo:
    draft = place.draft
    name = "forms:sign" if draft.person_id == person.pk and draft.mandate_id is None else "forms:cosign"
    return Todo(
        title="Skriv under ansökan",
        url=reverse(name, args=[draft.pk]),
        text=_title(draft),
        due=local_date(draft.expires_at),
        action="Läs och skriv under",
    )


def prepared_for(actor: Actor) -> list[Todo]:
    """Return what another system has prepared for the logged-in person and waits to be read."""
    person = Person.objects.filter(pk=actor.id).first() if actor.is_resident and actor.id else None
    if person is None or actor.mandate_id is not None:
        return []
    offered = {one.service.service: say(one.service.title) for one in definitions.offered()}
    return [
        Todo(
            title="Läs en ansökan som är förberedd åt dig",
            url=reverse("forms:service", args=[one.service_id]),
            text=f"{one.client.name} har fyllt i en del av {offered[one.service_id]}. "
            "Du läser, ändrar och skickar själv.",
            due=local_date(one.expires_at),
            action="Läs och fortsätt",
        )
        for one in waiting_for(person)[:20]
        if one.service_id in offered
    ]


def _title(draft: Draft) -> str:
    return say(definitions.by_hash(draft.definition_hash).service.title)


def drafts(actor: Actor) -> list[DraftCard]:
    """Return the actor's drafts, the one touched last first."""
    found = Draft.objects.filter(owned(actor), state__in=[Draft.State.OPEN, Draft.State.SIGNING])
    return [
        DraftCard(
            _title(one),
            reverse("forms:draft", args=[one.pk]),
            f"Väntar på underskrift. Tas bort {format_date(local_date(one.expires_at))}."
            if one.state == Draft.State.SIGNING
            else f"Sparad {format_date(local_date(one.updated_at))}. "
            f"Tas bort {format_date(local_date(one.expires_at))} om du inte fortsätter.",
        )
        for one in found.order_by("-updated_at")[:20]
    ]
