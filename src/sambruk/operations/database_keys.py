"""The embedded database's passwords and port, kept beside it in files that only their owner can read."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
from pathlib import Path

import psycopg
from psycopg import sql

from sambruk.operations.errors import DatabaseError, DataFolderError

#: Our names of the roles, and PostgreSQL's.
ROLES = {"application": "sambruk_app", "owner": "sambruk_owner", "backup": "sambruk_backup"}
DATABASE = "sambruk"


class DatabaseKeys:
    """``database.json`` (passwords by role, ``admin`` among them) and ``database.port`` in one folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "database.json"
        self._port = folder / "database.port"

    def make(self) -> dict[str, str]:
        """Make new passwords and store them."""
        passwords = {role: secrets.token_urlsafe(32) for role in (*ROLES, "admin")}
        write_secret(self.file, json.dumps(passwords))
        return passwords

    def passwords(self) -> dict[str, str]:
        """Return the stored passwords. Raises DataFolderError where the file is gone or not whole."""
        try:
            read: dict[str, str] = json.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            raise DataFolderError(
                f"Lösenorden till databasen saknas i {self.file}. "
                "Lägg tillbaka filen, eller börja om med --fresh.",
                "damaged",
            ) from None
        return read

    def remove(self) -> None:
        """Delete the passwords: the database that they opened is gone."""
        self.file.unlink(missing_ok=True)
        self._port.unlink(missing_ok=True)

    def choose_port(self) -> int:
        """Return the port used last if it is free (who was connected finds us again), else a free one."""
        try:
            wanted = [int(self._port.read_text(encoding="ascii"))]
        except (FileNotFoundError, ValueError):
            wanted = []
        for port in (*wanted, 0):
            with socket.socket() as probe, contextlib.suppress(OSError, OverflowError):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                chosen: int = probe.getsockname()[1]
                write_secret(self._port, str(chosen))
                return chosen
        raise DatabaseError("Det finns ingen ledig port på 127.0.0.1 för databasen.")


def ensure_contents(admin_url: str, passwords: dict[str, str]) -> None:
    """Make roles, their passwords and the database where they are missing; done again it changes nothing."""
    from sambruk.platform.tenancy.roles import ensure_roles

    with psycopg.connect(admin_url, autocommit=True) as connection:
        ensure_roles(connection)
        for role, name in ROLES.items():
            statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(name), passwords[role]))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if found is None:
            made = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(made.format(sql.Identifier(DATABASE), sql.Identifier(ROLES["owner"])))


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read (0600, in a folder of 0700), whole or not at all."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
