"""What Django's test client was answered."""

from __future__ import annotations

from typing import Any


def text(response: Any) -> str:
    """A page as it was answered, tags and all."""
    found: str = response.content.decode()
    return found
