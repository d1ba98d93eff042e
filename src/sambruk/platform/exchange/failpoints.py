"""Named places where a test kills the process, to show that nothing is lost and nothing is done twice.

A module declares its points when it is imported; the kill test walks ``all_points()`` and starts one process
for each with ``SAMBRUK_FAILPOINT`` set to its name. Outside test mode a point does nothing.
"""

from __future__ import annotations

import os
import signal

from django.conf import settings

ENVIRONMENT = "SAMBRUK_FAILPOINT"

_points: dict[str, str] = {}


def declare(name: str, description: str) -> str:
    """Register a point and return its name. ``description`` says what is half done there.

    Raises ValueError if another description already has the name.
    """
    if _points.setdefault(name, description) != description:
        raise ValueError(f"fail point {name!r} is declared twice")
    return name


def all_points() -> dict[str, str]:
    """Return every declared point with its description (call when the apps are ready)."""
    return dict(sorted(_points.items()))


def failpoint(name: str) -> None:
    """Kill this process, as power loss would, if the environment names this point and test mode is on.

    Raises KeyError for a point that nobody declared: a misspelt one would never fire.
    """
    if name not in _points:
        raise KeyError(f"fail point {name!r} is not declared")
    if settings.TEST_MODE and os.environ.get(ENVIRONMENT) == name:
        os.kill(os.getpid(), signal.SIGKILL)
