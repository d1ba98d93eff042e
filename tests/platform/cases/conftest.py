"""A service that is offered, and people to work with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from tests.support import people

from sambruk.common.actor import Actor, system_actor
from sambruk.platform.definitions import actions, effective
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.identity.models import Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import current_tenant_id

SERVICES = Path(__file__).parents[3] / "services"


def administrator() -> Actor:
    """Somebody who may publish and adopt."""
    return system_actor(current_tenant_id(), "test", frozenset(map(str, Permission)))


@pytest.fixture
def offer(tenant: object) -> Callable[[str, dict[str, Unit]], Effective]:
    """Publish and adopt a service of ours with units by role: `offer("felanmalan", {"default": unit})`."""

    def make(service: str, units: dict[str, Unit]) -> Effective:
        actions.publish_loaded(loaded=load_folder(SERVICES / service), by=administrator())
        ids: dict[str, UUID] = {role: unit.pk for role, unit in units.items()}
        actions.adopt(service=service, units=ids, by=administrator())
        return effective.for_service(service)

    return make


@pytest.fixture
def street(tenant: object) -> Unit:
    """The unit that mends streets, of the technical authority."""
    return people.unit("gata", "technical")
