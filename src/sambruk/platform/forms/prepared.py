"""Answers that another system has prepared for somebody: handed over when that person begins the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from sambruk.common.clock import now
from sambruk.platform.definitions.language import Service
from sambruk.platform.forms.models import Filing
from sambruk.platform.forms.prefill import fitting_answers
from sambruk.platform.forms.signers import index_candidates, owner_party
from sambruk.platform.identity.models import Person


def waiting_for(person: Person) -> QuerySet[Filing]:
    """Return what waits for a person, the latest first."""
    if not person.personal_number:
        return Filing.objects.none()
    return (
        Filing.objects.filter(
            number_index__in=index_candidates(person.personal_number),
            taken_at__isnull=True,
            expires_at__gt=now(),
        )
        .select_related("client")
        .order_by("-created_at")
    )


def take(service: Service, person: Person) -> tuple[dict[str, Any], str]:
    """Hand over what was prepared for the person in a service: answers that fit it today, and by whom.

    Nothing waits: no answers and an empty name. What was handed over is not kept beside the draft.
    """
    found = waiting_for(person).filter(service_id=service.service).select_for_update(of=("self",)).first()
    if found is None:
        return {}, ""
    answers = fitting_answers(service, _without_owner(service, found.answers))
    found.answers, found.taken_at = {}, now()
    found.save()
    return answers, found.client.name


def _without_owner(service: Service, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Who applies is who logs in."""
    owner = service.parties.get(owner_party(service))
    return {key: value for key, value in answers.items() if owner is None or key != owner.person}
