"""pgbench's own rate on the same server, for scale: its built-in script that is like TPC-B."""

from __future__ import annotations

import os
import re
import subprocess
from urllib.parse import unquote, urlsplit

from sambruk.operations.bench.report import Row
from sambruk.operations.bench.site import Site
from sambruk.operations.system_user import binaries, database_user


def measure(site: Site, clients: int, seconds: float) -> Row:
    """Run pgbench in a database of its own, which goes with the server. Raises CalledProcessError."""
    import psycopg

    with psycopg.connect(site.urls.admin, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'pgbench'").fetchone()
        if known is None:
            connection.execute("CREATE DATABASE pgbench")
    where = urlsplit(site.urls.admin)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": where.hostname or "", "PGPORT": str(where.port), "PGDATABASE": "pgbench",
        "PGUSER": unquote(where.username or ""), "PGPASSWORD": unquote(where.password or ""),
    }  # fmt: skip
    program = str(binaries(database_user()) / "pgbench")
    if known is None:
        # Enough branches that the clients do not stand in line for one row.
        _run([program, "--initialize", "--quiet", "--scale=16"], environment)
    said = _run(
        [program, f"--client={clients}", f"--time={max(1, round(seconds))}", "--jobs=2", "--no-vacuum"],
        environment,
    )
    rate = float(_figure(r"tps = ([0-9.]+)", said))
    mean = float(_figure(r"latency average = ([0-9.]+)", said))
    return Row(
        name="pgbench (dess medeltid, inga percentiler)", clients=clients, per_second=round(rate, 1),
        p50_ms=mean, p95_ms=None, p99_ms=None, errors=int(_figure(r"failed transactions: ([0-9]+)", said)),
    )  # fmt: skip


def _run(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout  # noqa: S603


def _figure(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    if found is None:
        raise RuntimeError(f"pgbench did not say {pattern}: {said[-500:]}")
    return found[1]
