"""Workers as processes of their own, on the test's database, to be stopped or killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from sambruk.platform.exchange import failpoints

ROOT = Path(__file__).resolve().parents[2]
WORKER = "tests.platform.exchange.worker_process"

Start: TypeAlias = "Callable[..., subprocess.Popen[str]]"


@contextmanager
def workers(database_url: str, **environment: str) -> Iterator[Start]:
    """Give ``start(failpoint="")``: it starts a worker that is killed at the point, if one is named.

    What still runs at the end is killed; what it said stands in the report of a failed test.
    """
    running: list[subprocess.Popen[str]] = []

    def start(*, failpoint: str = "") -> subprocess.Popen[str]:
        own = {
            "DJANGO_SETTINGS_MODULE": "sambruk.config.settings",
            "DATABASE_URL": database_url,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            failpoints.ENVIRONMENT: failpoint,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", WORKER],
            env={**os.environ, **own, **environment},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    try:
        yield start
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            sys.stderr.write("".join(process.communicate()))


def until(condition: Callable[[], bool], seconds: float = 40) -> None:
    """Wait for a condition; AssertionError when it has not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
