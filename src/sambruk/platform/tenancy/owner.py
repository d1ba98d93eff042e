"""A connection under the owner's role, for what the application must not do: migrate, add a principal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from sambruk.common.errors import Unavailable

ALIAS = "owner"


@contextmanager
def owner_connection(url: str = "", *, options: str = "") -> Iterator[BaseDatabaseWrapper]:
    """Give the alias ``owner`` a connection while the block runs, and close it after.

    ``url`` is the owner's address, else ``settings.OWNER_DATABASE_URL``; ``options`` are server settings
    ("-c lock_timeout=3000"). Raises Unavailable (permanent) where no address is known.
    """
    address = url or settings.OWNER_DATABASE_URL
    if not address:
        raise Unavailable("Sätt SAMBRUK_OWNER_DATABASE_URL till ägarrollens adress.", permanent=True)
    parts = urlsplit(address)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    entry = {
        **settings.DATABASES["default"],
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**query, **({"options": options} if options else {})},
    }
    if ALIAS in connections.settings:
        raise RuntimeError("an owner's connection is already open")
    connections.settings[ALIAS] = connections.configure_settings({"default": entry})["default"]
    try:
        yield connections[ALIAS]
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]
