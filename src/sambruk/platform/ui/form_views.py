"""From what was posted to the fields of a page, and from an action's refusal to the sentences at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from sambruk.common.errors import Conflict, Invalid, SambrukError
from sambruk.platform.ui.fields import FieldView

_SEVERAL = frozenset({"checkboxes"})


def fields(specs: Iterable[Mapping[str, Any]], data: QueryDict, faults: Mapping[str, str]) -> list[FieldView]:
    """Return fields with what was typed, else their own value, and the sentence of what is wrong.

    A spec is FieldView's arguments. After a POST an unticked box stays unticked.
    """
    return [_field(dict(spec), data, faults) for spec in specs]


def _field(spec: dict[str, Any], data: QueryDict, faults: Mapping[str, str]) -> FieldView:
    name, value = spec["name"], spec.pop("value", "")
    if data:
        value = data.getlist(name) if spec.get("kind") in _SEVERAL else data.get(name, "")
    return FieldView(value=value, errors=[faults[name]] if name in faults else [], **spec)


def faults_of(error: SambrukError, field: str) -> dict[str, str]:
    """Return the sentences by field; what concerns no field stands at ``field``."""
    found = dict(error.field_errors) if isinstance(error, Invalid) else {}
    return found or {field: error.message_sv}


#: What a form answers with its own page; everything else is an error page.
REFUSALS = (Invalid, Conflict)


def day(data: QueryDict, name: str, *, required: bool = True) -> date | None:
    """Return a date that was typed or picked; None for an empty one. Raises Invalid at the field."""
    text = str(data.get(name, "")).strip()
    if not text and not required:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid({name: _("Skriv ett datum, till exempel 2026-03-01.")}) from error


def required_day(data: QueryDict, name: str) -> date:
    """Return a date. Raises Invalid at the field."""
    found = day(data, name)
    assert found is not None  # noqa: S101 - required
    return found
