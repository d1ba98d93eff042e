"""The floor of a submission: the same rows by plain SQL, one transaction each, as the application's role.

One submission is made in this process and watched: what it inserted is read back (every row of every table
whose ``xmin`` is newer), what it updated is taken from its statements. The floor then inserts copies of the
rows under new ids, updates as many rows of waiting applications, and takes a number, on each connection.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from sambruk.operations.bench.applications import Waiting
from sambruk.operations.bench.report import Row, row
from sambruk.operations.bench.site import Site

_UPDATE = re.compile(r'^\s*UPDATE "(\w+)"')
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Written by a trigger, and by the statement that takes the number, by both alike.
_NOT_OURS = {"procrastinate_events", "cases_counter"}
#: A year of its own, so that the floor's numbers are not the cases'.
YEAR = 1990
#: How the row that an application waits with is found, by table: each updates its own.
_OWN_ROW = {
    "forms_draft": "SELECT id FROM forms_draft WHERE id = %s",
    "forms_draftsigner": "SELECT id FROM forms_draftsigner WHERE draft_id = %s AND signed_at IS NULL",
    # How the applicant wants to be told is written on the person.
    "identity_person": "SELECT person_id FROM forms_draft WHERE id = %s",
    "identity_loginattempt": "SELECT a.id FROM identity_loginattempt a WHERE a.return_to LIKE %s",
}


@dataclass
class Sample:
    """What one submission wrote: rows by table as text (columns, types, rows), and updates by table."""

    rows: dict[str, tuple[list[str], list[str], list[list[str | None]]]] = field(default_factory=dict)
    updates: Counter[str] = field(default_factory=Counter)
    ids: frozenset[str] = frozenset()
    case: str = ""

    @property
    def size(self) -> int:
        """How many rows it inserted."""
        return sum(len(rows) for _, _, rows in self.rows.values())


def watch(site: Site, waiting: Waiting) -> Sample:
    """Make one submission in this process, and return what it wrote."""
    from django.db import connection
    from django.test import Client

    client = Client(HTTP_HOST=waiting.host)
    for pair in waiting.cookie.split("; "):
        name, _, value = pair.partition("=")
        client.cookies[name] = value
    sample = Sample()

    def note(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        if found := _UPDATE.match(statement):
            sample.updates[found[1]] += 1
        return execute(statement, params, many, context)

    with psycopg.connect(site.urls.owner, autocommit=True) as owner:
        before = owner.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        begun_at = time.time()
        with connection.execute_wrapper(note):
            path = waiting.path
            while (response := client.get(path)).status_code == 302:
                path = response["Location"]
            if response.status_code != 200:
                raise RuntimeError(f"the sample failed: {response.status_code}")
        sample.case = path.strip("/").rpartition("/")[2]
        _read_back(owner, sample, (before or (0,))[0], begun_at)
    sample.ids |= {str(waiting.draft)}
    return sample


def _read_back(owner: psycopg.Connection[Any], sample: Sample, before: int, begun_at: float) -> None:
    """Read every row that is new since the transaction ``before``."""
    tables = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    ids: set[str] = set()
    for (table,) in tables:
        if table in _NOT_OURS:
            continue
        columns = owner.execute(
            "SELECT attname, format_type(atttypid, atttypmod), attgenerated FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [table],
        ).fetchall()
        names = [
            name for name, kind, generated in columns
            if not generated and name != "xact_id" and not (name == "id" and kind == "bigint")
        ]  # fmt: skip
        kinds = {name: kind for name, kind, _ in columns}
        chosen = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
        found = owner.execute(
            sql.SQL("SELECT {} FROM {} WHERE xmin::text::bigint >= %s").format(chosen, sql.Identifier(table)),
            [before],
        ).fetchall()
        new = [list(one) for one in found if _is_new(dict(zip(names, one, strict=True)), begun_at)]
        if new:
            sample.rows[table] = names, [kinds[name] for name in names], new
            if "id" in names:
                ids |= {one[names.index("id")] for one in new}
    sample.ids = frozenset(ids)


def _is_new(one: dict[str, str | None], begun_at: float) -> bool:
    """Whether a row was inserted, by the time in its id; what was there before was updated."""
    key = one.get("id")
    return key is None or (UUID(key).int >> 80) / 1000 >= int(begun_at * 1000) / 1000


def measure(
    site: Site, sample: Sample, targets: Sequence[Sequence[Waiting]], clients: int, seconds: float
) -> Row:
    """Run the floor over ``clients`` connections, each going round its own targets. Raises what SQL does."""
    times: list[float] = []
    faults: list[Exception] = []
    serial = count(int(time.time() * 1000) % 1_000_000)
    # The span begins when all have their statements ready.
    ready = threading.Barrier(clients)

    def client(own: Sequence[Waiting]) -> None:
        try:
            with psycopg.connect(site.urls.application) as connection:
                works = [_work(connection, sample, one, serial) for one in own]
                ready.wait()
                end = time.perf_counter() + seconds
                number = 0
                while (begun := time.perf_counter()) < end:
                    works[number % len(works)]()
                    number += 1
                    times.append(time.perf_counter() - begun)
        except threading.BrokenBarrierError:
            return  # another client's fault, which is raised
        except Exception as error:  # noqa: BLE001 - raised by the caller, when all have stopped
            faults.append(error)
            ready.abort()

    threads = [threading.Thread(target=client, args=(targets[n],)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return row("golv", clients, times, 0, seconds)


def _work(
    connection: psycopg.Connection[Any], sample: Sample, waiting: Waiting, serial: count[int]
) -> Callable[[], None]:
    """Return one transaction of the floor, for the municipality of a waiting application."""
    from sambruk.platform.cases.numbers import TAKE

    tenant = str(waiting.tenant)
    with connection.transaction():
        connection.execute("SELECT set_config('sambruk.tenant', %s, true)", [tenant])
        updates = _updates(connection, sample, waiting)
        local = _of_tenant(connection, sample)
    inserts = [(_insert(table, *one[:2], len(one[2])), one) for table, one in sample.rows.items()]

    def run() -> None:
        new = {old: str(_uuid7()) for old in sample.ids}
        day = date(1000, 1, 1) + timedelta(days=next(serial) % 2_000_000)

        def renew(value: str | None) -> str | None:
            return value and _ID.sub(lambda found: new.get(found[0]) or local.get(found[0], found[0]), value)

        with connection.transaction():
            connection.execute("SELECT set_config('sambruk.tenant', %s, true)", [tenant])
            for statement, key in updates:
                connection.execute(statement, [new.get(key, key)] if key else [new[sample.case]])
            for statement, (names, _, rows) in inserts:
                fixed = {"tenant_id": tenant, "serial": None, "year": str(YEAR)}
                values = [
                    fixed[name] if name in fixed else str(day) if name == "period" and value else renew(value)
                    for one in rows
                    for name, value in zip(names, one, strict=True)
                ]
                connection.execute(statement, values)
            psycopg.RawCursor(connection).execute(TAKE, [tenant, _uuid7(), YEAR, new[sample.case]])

    return run


def _uuid7() -> UUID:
    from sambruk.common.ids import uuid7

    return uuid7()


def _insert(table: str, names: list[str], kinds: list[str], number: int) -> sql.Composed:
    one = sql.SQL("({})").format(sql.SQL(", ").join(sql.SQL("%s::" + kind) for kind in kinds))
    return sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join([one] * number),
    )


def _updates(
    connection: psycopg.Connection[Any], sample: Sample, waiting: Waiting
) -> list[tuple[sql.Composed, str]]:
    """Return the updates: of the waiting application's own rows, each column set to what it is."""
    found: list[tuple[sql.Composed, str]] = []
    for table, times in sample.updates.items():
        key = f"%{waiting.draft}%" if table == "identity_loginattempt" else waiting.draft
        own = connection.execute(_OWN_ROW[table], [key]).fetchone()
        if own is None:
            raise RuntimeError(f"no row of {table} to update")
        columns = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND NOT attisdropped AND attgenerated = '' AND attname NOT IN ('tenant_id', 'id')",
            [table],
        ).fetchall()
        pairs = sql.SQL(", ").join(sql.SQL("{0} = {0}").format(sql.Identifier(name)) for (name,) in columns)
        statement = sql.SQL("UPDATE {} SET {} WHERE id = %s").format(sql.Identifier(table), pairs)
        found += [(statement, str(own[0]))] * times
    return found


def _of_tenant(connection: psycopg.Connection[Any], sample: Sample) -> dict[str, str]:
    """Return, for each id of the sample that another row has to be there for, one of this municipality."""
    found: dict[str, str] = {}
    for table in ("identity_unit", "tenancy_authority", "identity_person", "documents_document"):
        own = connection.execute(
            sql.SQL("SELECT id::text FROM {} ORDER BY id LIMIT 2").format(sql.Identifier(table))
        ).fetchall()
        for column in _REFERENCES[table]:
            seen = sorted(
                {
                    str(one[names.index(column)])
                    for name, (names, _, rows) in sample.rows.items()
                    if column in names and not name.startswith("audit_")
                    for one in rows
                    if one[names.index(column)]
                }
            )
            found |= {old: own[place % len(own)][0] for place, old in enumerate(seen)}
    return found


_REFERENCES = {
    "identity_unit": ("unit_id",),
    "tenancy_authority": ("authority_id",),
    "identity_person": ("person_id",),
    "documents_document": ("document_id",),
}
