"""Where a system adds a tab to the case page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from sambruk.platform.cases.models import Case


@dataclass(frozen=True)
class Panel:
    """A tab. `render` returns the safe HTML of its body; `services` say whose cases have it (empty: all)."""

    id: str
    label: str
    order: int
    services: tuple[str, ...]
    render: Callable[[HttpRequest, Case], str]


_panels: dict[str, Panel] = {}


def panel(
    *,
    id: str,  # noqa: A002 - it is the part's id
    label: str,
    order: int,
    services: tuple[str, ...] = (),
) -> Callable[[Callable[[HttpRequest, Case], str]], Callable[[HttpRequest, Case], str]]:
    """Register a tab. Raises ValueError for an id that is taken."""

    def register(render: Callable[[HttpRequest, Case], str]) -> Callable[[HttpRequest, Case], str]:
        if id in _panels and _panels[id].render is not render:
            raise ValueError(f"panel {id!r} is registered twice")
        _panels[id] = Panel(id, label, order, services, render)
        return render

    return register


def panels_for(case: Case) -> list[Panel]:
    """Return the tabs of a case, in order."""
    fitting = (p for p in _panels.values() if not p.services or case.service_id in p.services)
    return sorted(fitting, key=lambda p: (p.order, p.id))


@dataclass(frozen=True)
class ResidentPanel:
    """A part of the resident's case page."""

    id: str
    label: str
    order: int
    services: tuple[str, ...]
    render: Callable[[HttpRequest, Case], str]


_resident_panels: dict[str, ResidentPanel] = {}


def resident_panel(
    *,
    id: str,  # noqa: A002 - it is the part's id
    label: str,
    order: int,
    services: tuple[str, ...] = (),
) -> Callable[[Callable[[HttpRequest, Case], str]], Callable[[HttpRequest, Case], str]]:
    """Register a part of the resident's case page. An empty text leaves it out."""

    def register(render: Callable[[HttpRequest, Case], str]) -> Callable[[HttpRequest, Case], str]:
        if id in _resident_panels and _resident_panels[id].render is not render:
            raise ValueError(f"resident panel {id!r} is registered twice")
        _resident_panels[id] = ResidentPanel(id, label, order, services, render)
        return render

    return register


def resident_panels_for(case: Case) -> list[ResidentPanel]:
    """Return the parts of the resident's page of a case, in order."""
    fitting = (p for p in _resident_panels.values() if not p.services or case.service_id in p.services)
    return sorted(fitting, key=lambda p: (p.order, p.id))
