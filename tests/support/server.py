"""The run's PostgreSQL server and its template database: made by the first who needs them, shared by all."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

SERVER_VARIABLE = "SAMBRUK_TEST_DATABASE_URL"


@dataclass(frozen=True)
class Server:
    """A server: the superuser's address (its database part does not matter), and the roles' passwords."""

    admin: str
    passwords: dict[str, str]
    template: str
    #: What ``migrate`` found amiss (tests/attack/test_isolation.py wants none; others can run meanwhile).
    faults: list[str] = field(default_factory=list)

    def url(self, role: str, database: str) -> str:
        """Return an address: ``role`` is admin, owner, application or backup."""
        parts = urlsplit(self.admin)
        if role == "admin":
            return urlunsplit(parts._replace(path=f"/{database}"))
        from sambruk.platform.tenancy.roles import APP, BACKUP, OWNER

        name = {"application": APP, "owner": OWNER, "backup": BACKUP}[role]
        login = f"{name}:{quote(self.passwords[role], safe='')}"
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{login}@{host}", path=f"/{database}"))

    @contextmanager
    def clone(self, name: str = "") -> Iterator[str]:
        """Make a copy of the template (0.1 s), give its name, and drop it after."""
        database = name or f"clone_{secrets.token_hex(6)}"
        with psycopg.connect(self.url("admin", "postgres"), autocommit=True) as admin:
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY OWNER sambruk_owner")
            admin.execute(made.format(sql.Identifier(database), sql.Identifier(self.template)))
        try:
            yield database
        finally:
            with psycopg.connect(self.url("admin", "postgres"), autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


def obtain(run: Path) -> Server:
    """Return the run's server, started and with a migrated template; one process does the work, once."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = run / "server.json"
        if not note.exists():
            server = _start(run)
            server = replace(server, faults=_make_template(server))
            note.write_text(json.dumps(asdict(server)), encoding="utf-8")
        return Server(**json.loads(note.read_text(encoding="utf-8")))


def release(run: Path) -> None:
    """Stop and remove what ``obtain`` made. The run's first process does it, last."""
    note = run / "server.json"
    if os.environ.get(SERVER_VARIABLE) and note.exists():
        server = Server(**json.loads(note.read_text(encoding="utf-8")))
        with psycopg.connect(server.url("admin", "postgres"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(server.template))
            )
    elif (run / "server").exists():
        from sambruk.operations.postgres import EmbeddedPostgres

        EmbeddedPostgres(run / "server", durable=False).remove()
    shutil.rmtree(run, ignore_errors=True)


def _start(run: Path) -> Server:
    template = f"sambruk_template_{secrets.token_hex(4)}"
    passwords = {role: secrets.token_urlsafe(16) for role in ("application", "owner", "backup")}
    if named := os.environ.get(SERVER_VARIABLE):
        server = Server(named, passwords, template)
        from sambruk.platform.tenancy.roles import APP, BACKUP, OWNER, ensure_roles

        with psycopg.connect(server.url("admin", "postgres"), autocommit=True) as admin:
            ensure_roles(admin)
            for role, name in (("application", APP), ("owner", OWNER), ("backup", BACKUP)):
                statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
                admin.execute(statement.format(sql.Identifier(name), passwords[role]))
        return server
    from sambruk.operations.postgres import EmbeddedPostgres

    # Who runs the server as another user must be able to pass through to its folder; see, but not list.
    run.chmod(0o711)
    embedded = EmbeddedPostgres(run / "server", durable=False)
    embedded.start()
    known = {role: urlsplit(embedded.url(role)).password or "" for role in passwords}
    return Server(embedded.url("admin", "postgres"), known, template)


def _make_template(server: Server) -> list[str]:
    """Migrate one database as its owner, put the three principals into it; return what is amiss."""
    with psycopg.connect(server.url("admin", "postgres"), autocommit=True) as admin:
        made = sql.SQL(
            "CREATE DATABASE {} OWNER sambruk_owner TEMPLATE template0"
            " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        if not os.environ.get(SERVER_VARIABLE):
            made = sql.SQL("CREATE DATABASE {} OWNER sambruk_owner")  # the cluster's own collation is C
        admin.execute(made.format(sql.Identifier(server.template)))
    from tests.support.principals import create_all

    from sambruk.platform.tenancy.migrate import SchemaFault, migrate

    url = server.url("owner", server.template)
    faults: list[str] = []
    try:
        migrate(url)
    except SchemaFault as error:
        faults = error.faults
    create_all(url)
    return faults
