"""`bench submissions`: from the signer's return to the rendered receipt, beside the same rows by SQL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from sambruk.operations.bench import applications, floor, pgbench
from sambruk.operations.bench.applications import Waiting
from sambruk.operations.bench.provider import provider
from sambruk.operations.bench.report import Row, cpu_seconds, memory_mib, publish, row
from sambruk.operations.bench.site import Site, installation, web

#: Sent before the counting of a row begins: connections are opened; the first rows' imports are made.
WARM = 16


def measure(
    *,
    json_file: Path | None,
    seconds: float,
    submissions: int,
    municipalities: int,
    clients: Sequence[int],
) -> int:
    """Run the benchmark and print its table. Returns the exit status: 1 if any submission failed."""
    console = Console(stderr=True)
    with installation() as site, provider() as issuer:
        for number in range(municipalities):
            applications.add_municipality(number, issuer)
        with (
            ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_set_up) as pool,
            web(site),
        ):
            bench = _Bench(site, issuer, municipalities, pool, console)
            rows = bench.rows(submissions, seconds, clients)
            memory = memory_mib({"webb": site.web_pid, "databas": site.database_pid})
            notes = [
                *bench.notes,
                f"kallstart av webben {site.cold_start:.2f} s",
                f"ett inskick skriver {bench.sample.size} nya rader i {len(bench.sample.rows)} tabeller "
                f"och ändrar {bench.sample.updates.total()}, sitt nummer oräknat",
            ]
        publish("submissions", rows, memory, json_file, notes)
    return 1 if any(one.errors for one in rows) else 0


def _set_up() -> None:
    import logging

    import django

    django.setup()
    logging.disable(logging.INFO)


class _Bench:
    """The rows of the table, each with applications of its own."""

    def __init__(
        self, site: Site, issuer: str, municipalities: int, pool: ProcessPoolExecutor, console: Console
    ) -> None:
        self.site = site
        self._issuer = issuer
        self._municipalities = municipalities
        self._pool = pool
        self._console = console
        self._next = 0
        self.notes: list[str] = []
        _set_up()
        self.sample = floor.watch(site, self._prepare([0], 1)[0])

    def rows(self, submissions: int, seconds: float, wanted: Sequence[int]) -> list[Row]:
        """Measure all, for each number of clients, spread over the municipalities and in one."""
        every = list(range(self._municipalities))
        found = []
        for name, where in (("utspridda över kommuner", every), ("alla i en kommun", [0])):
            for clients in wanted:
                found.append(self._row(name, where, clients, submissions, seconds))
        found.append(pgbench.measure(self.site, max(wanted), seconds))
        return found

    def _row(self, name: str, where: list[int], clients: int, submissions: int, seconds: float) -> Row:
        spare = max(clients, len(where))
        ready = self._prepare(where, submissions + WARM + spare)
        targets = [ready[n:spare:clients] for n in range(clients)]
        ground = floor.measure(self.site, self.sample, targets, clients, min(seconds, 5.0))
        before = self._used()
        got = self.site.load_once([one.request() for one in ready[spare:]], clients=clients, warm_count=WARM)
        sent = len(ready) - spare
        web, database = ((now - then) / sent * 1000 for then, now in zip(before, self._used(), strict=True))
        self.notes.append(
            f"{name}, {clients} klienter: processortid för ett inskick {web:.1f} ms i webben, "
            f"{database:.1f} ms i databasen"
        )
        if got["first_error"]:
            self._console.print(f"{name}: {got['first_error']}", highlight=False, markup=False)
        made = row(name, clients, got["times"], got["errors"], got["seconds"], ground)
        self._console.print(
            f"  {name}, {clients} klienter: {made.per_second} i sekunden, golvet {ground.per_second}",
            highlight=False,
        )
        return made

    def _used(self) -> tuple[float, float]:
        return cpu_seconds(self.site.web_pid), cpu_seconds(self.site.database_pid)

    def _prepare(self, where: list[int], wanted: int) -> list[Waiting]:
        """Make applications, in turn one for each municipality."""
        each = -(-wanted // len(where))
        halves = [each] if len(where) > 1 or each < 2 else [each // 2, each - each // 2]
        jobs = []
        for number in where:
            for half in halves:
                jobs.append(self._pool.submit(applications.prepare, number, self._next, half, self._issuer))
                self._next += half
        piles = [job.result() for job in jobs]
        longest = max(map(len, piles))
        mixed = [pile[n] for n in range(longest) for pile in piles if n < len(pile)]
        return mixed[:wanted]
