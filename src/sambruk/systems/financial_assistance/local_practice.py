"""From a municipality's parameters of the service to the settings of the calculation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sambruk.systems.financial_assistance.calculation.household import Settings


def settings_of(parameters: Mapping[str, Any]) -> Settings:
    """Return the settings; what a parameter does not say has the calculation's own default."""
    chosen: dict[str, Any] = {}
    if parameters.get("divisor") is not None:
        chosen["divisor"] = parameters["divisor"]
    if parameters.get("visiting_children") is not None:
        chosen["visiting_child_in_common"] = parameters["visiting_children"]
    return Settings.model_validate(chosen)
