"""The whole demo as processes of its own, one a run: what the browser tests visit.

The first worker that needs it starts it; the others use the same; it is stopped when all are done, and
stops by itself if the one that started it is killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.tiles import tile_server

from sambruk.operations.cluster import scratch_folder
from sambruk.operations.demo import people
from sambruk.operations.ports import any_free
from sambruk.operations.postgres import EmbeddedPostgres
from sambruk.operations.system_user import database_user

#: Starting migrates, loads three municipalities and walks their earlier cases, on a machine that does more.
START_SECONDS = 300


@dataclass(frozen=True)
class Whole:
    """A running demo."""

    port: int

    def origin(self, code: str) -> str:
        """Where a municipality's pages are."""
        return people.municipality(code).origin(self.port)


@contextmanager
def whole(run: Path) -> Iterator[Whole]:
    """Give the run's demo, or while tests are written the one that runs at ``SAMBRUK_E2E_PORT`` already."""
    if running := os.environ.get("SAMBRUK_E2E_PORT"):
        yield Whole(int(running))
        return
    run.mkdir(parents=True, exist_ok=True)
    note = run / "whole.json"
    started: tuple[subprocess.Popen[str], Path] | None = None
    with (run / "whole-users.lock").open("w") as users, ExitStack() as beside:
        with (run / "whole-start.lock").open("w") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            if not note.exists():
                # A map as where a municipality has a tile server: ours, for as long as the whole runs.
                tiles = beside.enter_context(tile_server())
                port, process, data = _start(run, tiles.url)
                started = process, data
                note.write_text(json.dumps({"port": port}))
            port = int(json.loads(note.read_text())["port"])
        try:
            yield Whole(port)
        finally:
            if started:
                fcntl.flock(users, fcntl.LOCK_EX)  # when the last user has let go
                note.unlink()
                _stop(*started)


def _start(run: Path, tiles: str) -> tuple[int, subprocess.Popen[str], Path]:
    folder = scratch_folder(database_user())
    data, port, log = folder / "demo", any_free(), run / "whole.log"
    command = [sys.executable, "-m", "sambruk.cli", "demo", "--data", str(data), "--port", str(port)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAMBRUK_")}
    kept.pop("DATABASE_URL", None)
    with log.open("w") as said:
        process = subprocess.Popen(
            command,
            env={
                **kept,
                "SAMBRUK_FOLLOW_PARENT": str(os.getpid()),
                "SAMBRUK_TILE_URL": tiles,
                "SAMBRUK_TILE_ATTRIBUTION": "© Provkartan",
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            text=True,
            start_new_session=True,
        )
    end = time.monotonic() + START_SECONDS
    while "Öppna http" not in log.read_text():
        if process.poll() is not None or time.monotonic() > end:
            why = log.read_text()
            _stop(process, data)
            raise AssertionError(f"the demo did not start: {why}")
        time.sleep(0.2)
    return port, process, data


def _stop(process: subprocess.Popen[str], data: Path) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(90)
    EmbeddedPostgres(data).remove()
    shutil.rmtree(data.parent)
