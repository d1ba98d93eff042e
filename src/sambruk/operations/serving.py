"""Runs the web and the jobs in this process, until it is told to stop."""

from __future__ import annotations

import os

from sambruk.config.threads import WEB_THREADS
from sambruk.operations.errors import OperationError

#: Without these nothing can be served; `sambruk doctor` looks at the rest.
_NEEDED = ("SAMBRUK_SECRET_KEY", "SAMBRUK_FIELD_KEYS")


#: How many bodies a process waits for at once, and how many connections it keeps open.
WAITING, CONNECTIONS = 512, 2048


def _require_environment() -> None:
    missing = [name for name in _NEEDED if not (os.environ.get(name) or os.environ.get(f"{name}_FILE"))]
    if missing and not os.environ.get("SAMBRUK_TEST_MODE"):
        raise OperationError(
            f"{' och '.join(missing)} saknas i miljön. Sätt dem, "
            "och kör sambruk doctor för att se vad mer som behövs."
        )


def _load_application() -> None:
    """Import the application before the workers are forked from this process.

    They then begin at once, share its memory, and a fault in a setting is told once, here. Nothing may be
    open yet that two processes cannot share: no connection and no thread. Where a system starts processes
    anew instead of forking (macOS, and Python from 3.14), each worker imports for itself as before.
    """
    import gc
    import multiprocessing
    import threading

    if multiprocessing.get_start_method() != "fork":
        return

    from django.db import connections
    from django.urls import get_resolver

    import sambruk.config.wsgi  # noqa: F401 - what the workers serve

    # The addresses' modules are imported at the first request otherwise.
    get_resolver().url_patterns  # noqa: B018
    opened = [one.alias for one in connections.all(initialized_only=True) if one.connection is not None]
    # The thread that looks whether the supervisor lives (operations.processes) sleeps and shares nothing.
    harmless = (threading.main_thread().name, "follow-parent")
    running = [one.name for one in threading.enumerate() if one.name not in harmless]
    if opened or running:
        raise OperationError(f"Webben kan inte delas på processer: {opened or running} är igång.")
    gc.collect()
    # What is here stays: a collection in a worker would otherwise write to, and so copy, every page.
    gc.freeze()


def serve_web(*, host: str, port: int, workers: int, threads: int) -> None:
    """Serve HTTP in ``workers`` processes of ``threads`` threads. Returns after SIGTERM or SIGINT.

    Each thread holds one database connection. Raises OperationError where a key is missing or the port taken.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from sambruk.operations.ports import LOOPBACK, is_free

    _require_environment()
    if host == LOOPBACK and not is_free(port):
        raise OperationError(f"Porten {port} används redan av ett annat program. Välj en annan med --port.")
    os.environ[WEB_THREADS] = str(threads)
    _load_application()
    Server(
        "sambruk.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # These wait for bodies; the threads that answer are config.wsgi's own.
        blocking_threads=WAITING,
        # Counts connections, idle ones too (a browser keeps several): four a thread stopped all others.
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


def serve_jobs(*, concurrency: int) -> None:
    """Run jobs until SIGTERM or SIGINT; what has begun is finished first."""
    import django

    _require_environment()
    django.setup()
    from sambruk.platform.exchange.worker import run_worker

    run_worker(concurrency=concurrency)
