"""Reads the system's data files, once a process, and names their version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sambruk.common.errors import Invalid
from sambruk.systems.financial_assistance.calculation.errors import DataFault
from sambruk.systems.financial_assistance.calculation.yaml_text import load_yaml

_FOLDER = "sambruk.systems.financial_assistance.data"
NAMES = ("norms.yaml", "law.yaml", "rules.yaml", "types.yaml")


def _text(name: str) -> str:
    return files(_FOLDER).joinpath(name).read_text("utf-8")


@cache
def read_data(name: str) -> Mapping[str, Any]:
    """Return a data file's content. Raises DataFault if it is missing or cannot be read."""
    try:
        content = load_yaml(_text(name))
    except (OSError, Invalid) as error:
        raise DataFault(f"Datafilen {name} kan inte läsas: {error}") from error
    if not isinstance(content, dict):
        raise DataFault(f"Datafilen {name} har inte det innehåll som väntas.")
    return content


@cache
def data_version() -> str:
    """Return twelve hexadecimal digits that change whenever any data file does."""
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update(f"{name}\0{_text(name)}\0".encode())
    return digest.hexdigest()[:12]
