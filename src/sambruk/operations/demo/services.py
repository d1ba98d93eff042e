"""The services that the demo's municipalities offer, each with its own parameters and units."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from sambruk.common.actor import Actor
from sambruk.platform.definitions import actions
from sambruk.platform.definitions.load import LoadedService, load_folder
from sambruk.platform.identity.models import Unit
from sambruk.platform.tenancy.context import current_principal

FINANCIAL_ASSISTANCE = "ekonomiskt-bistand-ateransokan"
FAULT_REPORT = "felanmalan"

#: Which unit works where: by service, then "default" or a role of the service.
UNITS: dict[str, dict[str, str]] = {
    FINANCIAL_ASSISTANCE: {"default": "forsorjningsstod"},
    FAULT_REPORT: {
        "default": "kontaktcenter",
        "contact_centre": "kontaktcenter",
        "field_worker": "gata-park",
    },
}

#: Where a municipality differs from the services' own defaults: local practice, made up for the demo.
PARAMETERS: dict[tuple[str, str], dict[str, Any]] = {
    ("0127", FINANCIAL_ASSISTANCE): {"pay_day": 25, "decision_working_days": 3},
    ("0680", FINANCIAL_ASSISTANCE): {"attachments": "keep", "divisor": "thirty"},
    ("0127", FAULT_REPORT): {"fix_days": 10},
}


@cache
def _read(folder: Path) -> LoadedService:
    """Read a service once for all municipalities: reading takes a second, the rest little."""
    return load_folder(folder)


def load(by: Actor) -> None:
    """Publish the shared services, and let the current principal offer them. Idempotent."""
    principal = current_principal()
    for service, units in UNITS.items():
        folder = settings.SERVICES_DIR / service
        if not folder.is_dir():
            raise FileNotFoundError(f"the service {service} is not in {settings.SERVICES_DIR}")
        actions.publish_loaded(loaded=_read(folder), by=by)
        ids: dict[str, UUID] = {key: Unit.objects.only("pk").get(slug=slug).pk for key, slug in units.items()}
        actions.adopt(
            service=service, parameters=PARAMETERS.get((principal.code, service), {}), units=ids, by=by
        )
