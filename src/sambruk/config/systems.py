"""Finds the installed systems: our own by scanning `sambruk.systems`, others' by entry point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import structlog

import sambruk.systems
from sambruk.common.system import System, load_attribute

ENTRY_POINT_GROUP = "sambruk.systems"


@dataclass(frozen=True)
class Fault:
    """A system that could not be loaded: its name and what went wrong (shown by `doctor`)."""

    name: str
    error: str


@dataclass(frozen=True)
class Found:
    """The systems that load, and those that do not."""

    systems: tuple[System, ...]
    faults: tuple[Fault, ...]


#: Systems that loaded but could not be set up; `all_faults` has them beside those that did not load.
_not_set_up: list[Fault] = []


@cache
def find_systems() -> Found:
    """Return every installed system, in order of name; a broken one becomes a fault, never a crash."""
    systems: list[System] = []
    faults: list[Fault] = []
    candidates = [
        (name, f"{sambruk.systems.__name__}.{name}.system")
        for _, name, is_package in iter_modules(sambruk.systems.__path__)
        if is_package
    ]
    candidates += [(point.name, point.value) for point in entry_points(group=ENTRY_POINT_GROUP)]
    for name, module in sorted(candidates):
        try:
            loaded = import_module(module).SYSTEM
            if not isinstance(loaded, System):
                raise TypeError(f"{module}.SYSTEM is not a System")
        except Exception as error:  # noqa: BLE001 - whatever a foreign package raises is a named fault
            faults.append(Fault(name, f"{type(error).__name__}: {error}"))
        else:
            systems.append(loaded)
    return Found(tuple(systems), tuple(faults))


@cache
def usable_systems() -> Found:
    """Return the systems whose Django apps can be imported: what the settings install.

    Django imports the apps when it starts, where a fault would stop everything, so it is met here. Not part
    of `find_systems`, since the command's help lists systems without Django.
    """
    found = find_systems()
    usable: list[System] = []
    faults = list(found.faults)
    for system in found.systems:
        try:
            for app in system.django_apps:
                _import_app(app)
        except Exception as error:  # noqa: BLE001 - whatever a foreign package raises is a named fault
            faults.append(Fault(system.name, f"{type(error).__name__}: {error}"))
        else:
            usable.append(system)
    return Found(tuple(usable), tuple(faults))


def _import_app(path: str) -> None:
    """Import an app of INSTALLED_APPS: a package, or the path of its AppConfig."""
    try:
        import_module(path)
    except ModuleNotFoundError as error:
        module, _, config = path.rpartition(".")
        if error.name != path or not hasattr(import_module(module), config):
            raise


def set_up(system: System) -> None:
    """Run a system's set-up. One that fails is a fault that `doctor` names; the rest goes on without it."""
    if not system.setup:
        return
    try:
        load_attribute(system.setup)()
    except Exception as error:  # noqa: BLE001 - whatever a system raises is a named fault
        structlog.get_logger(__name__).error(
            "system_not_set_up", system=system.name, error=type(error).__name__
        )
        _not_set_up.append(Fault(system.name, f"{type(error).__name__}: {error}"))


def all_faults() -> tuple[Fault, ...]:
    """Return every system's fault: those that do not load, and those that could not be set up."""
    from django.conf import settings

    return (*settings.SYSTEMS.faults, *_not_set_up)
