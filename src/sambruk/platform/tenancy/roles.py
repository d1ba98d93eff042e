"""The database's three roles. Free of Django: a server is prepared before anything is configured."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import sql

OWNER = "sambruk_owner"
APP = "sambruk_app"
BACKUP = "sambruk_backup"

#: The owner migrates and is let past row security as every owner is (it is enabled, not forced: data
#: migrations must see all rows). The application owns nothing. The backup reads all tenants, writes nothing.
_ATTRIBUTES: dict[str, LiteralString] = {
    OWNER: "NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
    APP: "NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOINHERIT",
    BACKUP: "NOSUPERUSER NOCREATEROLE NOCREATEDB BYPASSRLS NOINHERIT",
}


def ensure_roles(connection: psycopg.Connection[Any]) -> list[str]:
    """Make the roles that are missing and put right those that differ; return the names that were made.

    ``connection`` is a superuser's (BYPASSRLS can be given by nobody else), on any database of the server.
    Roles are made with LOGIN and without a password: setting one is the operator's, or the embedded
    server's. Done again, it changes nothing.
    """
    made = []
    for name, attributes in _ATTRIBUTES.items():
        role = sql.Identifier(name)
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            made.append(name)
        connection.execute(sql.SQL("ALTER ROLE {} ").format(role) + sql.SQL(attributes))
    # A client that died mid-transaction would hold locks, and the seals of the log, back for ever.
    connection.execute(
        sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '5min'").format(sql.Identifier(APP))
    )
    return made
