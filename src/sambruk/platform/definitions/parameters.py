"""A municipality's own values: checked against their declarations, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sambruk.common.errors import Invalid
from sambruk.platform.definitions.conditions.values import Malformed, to_value
from sambruk.platform.definitions.language import Parameter, Service, say

_TYPES: dict[str, type] = {
    "text": str,
    "number": int,
    "amount": str,
    "date": str,
    "yes_no": bool,
    "choice": str,
}


def default_of(parameter: Parameter) -> Any:
    """Return a parameter's default in wire format (JSON), None where it has none."""
    value = parameter.default
    return value.isoformat() if isinstance(value, date) else value


def complete(service: Service, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every parameter's value in wire format, defaults filled in.

    Raises Invalid with a Swedish sentence by parameter: unknown, missing, of wrong type or out of bounds.
    """
    errors = {
        key: "Den här inställningen finns inte i tjänsten." for key in given if key not in service.parameters
    }
    values: dict[str, Any] = {}
    for key, parameter in service.parameters.items():
        value = given.get(key, default_of(parameter))
        if fault := fault_of(parameter, value):
            errors[key] = f"{say(parameter.label)}: {fault}"
        values[key] = value
    if errors:
        raise Invalid(errors)
    return values


def fault_of(parameter: Parameter, value: Any) -> str:
    """Return what is wrong with a value as a Swedish sentence; empty for nothing."""
    if value is None or value == "":
        return "Ange ett värde."
    if type(value) is not _TYPES[parameter.type]:
        return "Värdet har fel typ."
    try:
        number = to_value(parameter, value)
    except Malformed:
        return "Värdet har fel form."
    if parameter.type == "amount":
        number = number / 100 if isinstance(number, int) else number
    if parameter.type in ("number", "amount"):
        if parameter.min is not None and number < parameter.min:
            return f"Värdet får vara lägst {parameter.min}."
        if parameter.max is not None and number > parameter.max:
            return f"Värdet får vara högst {parameter.max}."
    if parameter.options and value not in {option.id for option in parameter.options}:
        return "Välj ett av alternativen."
    return ""
