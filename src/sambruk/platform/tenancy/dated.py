"""The principal's own choices that hold from a day: whole numbers, each with the decision that it rests on.

A noun declares what may be chosen (``declare``), the administrator writes from when, how much and by which
decision (``set_from``), and whoever needs it asks what holds on the day that it concerns (``value_on``).
They lie in ``Principal.settings["dated"]``; what has begun to hold is never changed, only followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import Invalid
from sambruk.common.text import single_line
from sambruk.platform.tenancy import hosts
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.platform.tenancy.events import PrincipalChanged
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.tenancy.permissions import TenancyPermission

_PLACE = "dated"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedSetting:
    """What may be chosen: ``label`` and ``help`` are read by the administrator, ``unset`` says what holds
    where nothing is chosen. ``minimum`` and ``maximum`` bound the number, in ``unit``."""

    name: str
    label: str | Promise
    help: str | Promise
    unit: str | Promise
    unset: str | Promise
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value from a day, the decision that it rests on, and who wrote it."""

    valid_from: date
    value: int
    source: str
    by: str


_settings: dict[str, DatedSetting] = {}


def declare(setting: DatedSetting) -> None:
    """Say that a setting exists. Raises ValueError for a name that is another's."""
    if _settings.setdefault(setting.name, setting) != setting:
        raise ValueError(f"the setting {setting.name!r} is declared twice")


def declared() -> list[DatedSetting]:
    """Return every setting, by label."""
    return sorted(_settings.values(), key=lambda setting: str(setting.label))


def history(principal: Principal, name: str) -> tuple[DatedValue, ...]:
    """Return what was chosen, the latest day first."""
    rows = principal.settings.get(_PLACE, {}).get(name, [])
    found = [
        DatedValue(date.fromisoformat(row["from"]), int(row["value"]), str(row["source"]), str(row["by"]))
        for row in rows
    ]
    return tuple(sorted(found, key=lambda value: value.valid_from, reverse=True))


def value_on(principal: Principal, name: str, day: date) -> int | None:
    """Return the value that holds on a day; None where nothing is chosen for it."""
    return next((value.value for value in history(principal, name) if value.valid_from <= day), None)


@transaction.atomic
def set_from(*, by: Actor, name: str, valid_from: date, value: int, source: str) -> DatedValue:
    """Choose a value from a day, today at the earliest. Permission: admin.principal.

    A choice from the same day that has not begun to hold before today is replaced. Raises Invalid by field.
    """
    by.require(TenancyPermission.CHANGE_PRINCIPAL)
    setting = _settings.get(name)
    if setting is None:
        raise Invalid({"name": _("Inställningen finns inte.")})
    grounds = single_line(source, 300)
    faults: dict[str, str] = {}
    if not setting.minimum <= value <= setting.maximum:
        faults["value"] = _("Skriv ett tal från %(low)d till %(high)d.") % {
            "low": setting.minimum,
            "high": setting.maximum,
        }
    if valid_from < today():
        faults["valid_from"] = _("Välj i dag eller en senare dag. Det som redan har gällt kan inte ändras.")
    if not grounds:
        faults["source"] = _("Skriv vilket beslut det bygger på, till exempel nämnd, datum och paragraf.")
    if faults:
        raise Invalid(faults)
    principal = Principal.objects.select_for_update().get(pk=current_tenant_id())
    chosen = DatedValue(valid_from, value, grounds, by.name)
    kept = [one for one in history(principal, name) if one.valid_from != valid_from]
    rows: dict[str, Any] = {**principal.settings.get(_PLACE, {})}
    rows[name] = [
        {"from": one.valid_from.isoformat(), "value": one.value, "source": one.source, "by": one.by}
        for one in [*kept, chosen]
    ]
    principal.settings = {**principal.settings, _PLACE: rows}
    principal.save(update_fields=["settings"])
    told = {"name": name, "from": valid_from, "value": value, "source": grounds}
    events.publish(PrincipalChanged(principal.pk, by, "principal.setting_dated", told))
    transaction.on_commit(hosts.forget)
    return chosen
