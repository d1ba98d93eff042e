"""What stands between a folder and a published version: lint without errors, and its own examples."""

from __future__ import annotations

from sambruk.platform.definitions.conditions import BrokenConditions, Conditions
from sambruk.platform.definitions.findings import DefinitionError, Finding
from sambruk.platform.definitions.load import LoadedService
from sambruk.platform.definitions.process import Process


def require_publishable(loaded: LoadedService) -> None:
    """Raise DefinitionError with findings unless the service may be published."""
    try:
        Conditions(loaded.service)
    except BrokenConditions as error:
        raise DefinitionError(
            [
                Finding("service.yaml", 1, "condition", f"{one.owner}.{one.key}: {one.message}")
                for one in error.problems
            ]
        ) from error
    Process.of(loaded.service, loaded.files)
