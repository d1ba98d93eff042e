"""How many requests a web process answers at once: each of its threads holds one database connection."""

from __future__ import annotations

import os

WEB_THREADS = "SAMBRUK_WEB_THREADS"


def web_threads() -> int:
    """Return the number that `sambruk serve --threads` sets, else 4. At least one."""
    text = os.environ.get(WEB_THREADS, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() else 4
