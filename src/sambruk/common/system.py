"""What a system says of itself: the one thing that the platform reads of a folder under `systems/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class System:
    """A system's declaration, `SYSTEM` in its `system.py`.

    `name` is the folder's name, `label` the Swedish name that people read. `django_apps` are dotted
    paths of its Django apps; `urls` a dotted path of a URL module mounted at `/<slug>/`; `setup` is called
    once when the apps are ready and registers process handlers, panels, commands and navigation; `commands`
    are command-line commands by name, as dotted paths (`module:function`), imported when called.
    `demo` loads the system's demo data for the current principal.
    """

    name: str
    label: str
    description: str = ""
    services: Sequence[str] = ()
    django_apps: Sequence[str] = ()
    slug: str = ""
    urls: str | None = None
    api: str | None = None
    setup: str | None = None
    commands: Mapping[str, str] = field(default_factory=dict)
    demo: str | None = None


def load_attribute(path: str) -> Callable[..., Any]:
    """Return the object named by `package.module:attribute`. Raises ImportError or AttributeError."""
    from importlib import import_module

    module, _, attribute = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found
