"""A cursor whose statements the database keeps planned: for the few statements of the hot ways.

Django writes the values into the statement's text, so that the database parses and plans each one anew; under
row-level security that is most of what a look-up by key costs. A prepared statement sends its values beside
(``$1``, ``$2``) and is planned once a connection. Django's own queries stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

    from sambruk.platform.tenancy.backend.base import DatabaseWrapper

#: A statement is prepared when a connection has seen it so often: what is asked once is not worth keeping.
THRESHOLD = 2
#: How many a connection keeps. Source: our hot ways hold some eighty; each costs the server some 20 KiB.
KEPT = 250

_PLACE = re.compile(r"%[s%]")


class PreparedCursor(psycopg.RawCursor[Any]):
    """Takes ``$1``-style statements, which psycopg needs not parse; prepared from the third time on."""


def numbered(statement: str) -> str:
    """Return the statement with ``$1, $2, …`` for each ``%s`` in turn, and ``%`` for ``%%``."""
    count = 0

    def place(found: re.Match[str]) -> str:
        nonlocal count
        if found.group() == "%%":
            return "%"
        count += 1
        return f"${count}"

    return _PLACE.sub(place, statement)


def database() -> DatabaseWrapper:
    """Return this thread's connection itself, not Django's proxy for it (whose every look-up costs)."""
    return cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])


def prepared_cursor() -> CursorWrapper:
    """Open a cursor for ``$1``-style statements on this thread's connection."""
    return database().prepared_cursor()
