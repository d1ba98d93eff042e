"""Finds the installed systems: our own by scanning `sambruk.systems`, others' by entry point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import sambruk.systems
from sambruk.common.system import System

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
