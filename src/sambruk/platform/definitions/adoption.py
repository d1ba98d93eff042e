"""A municipality's adoption of a service: the rules for its units, apart from the actions that write."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sambruk.common.errors import Invalid
from sambruk.platform.definitions.language import Service
from sambruk.platform.definitions.models import Adoption
from sambruk.platform.identity.models import Unit


def check_units(service: Service, units: Mapping[str, UUID]) -> dict[str, UUID]:
    """Return the units if each is the tenant's own and stands for a task or role of the service.

    Raises Invalid by key. "default" is where new cases come, and must be there.
    """
    roles = {task.role for task in service.tasks.values() if task.role}
    if service.handover:
        roles.add(service.handover.role)
    known = {"default", *roles, *service.tasks}
    errors = {key: "Tjänsten har ingen sådan uppgift eller roll." for key in units if key not in known}
    if "default" not in units:
        errors["default"] = "Välj vilken enhet nya ärenden kommer till."
    own = set(Unit.objects.filter(pk__in=set(units.values())).values_list("pk", flat=True))
    errors |= {key: "Enheten finns inte." for key, unit in units.items() if unit not in own}
    if errors:
        raise Invalid(errors)
    return dict(units)


def of_service(service_id: str) -> Adoption | None:
    """Return the current principal's adoption of a service, or None."""
    return Adoption.objects.filter(service_id=service_id).select_related("version").first()


def adopted() -> list[Adoption]:
    """Return all adoptions of the current principal, in order of service id."""
    return list(Adoption.objects.select_related("version").order_by("service_id"))
