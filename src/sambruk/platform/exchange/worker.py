"""The worker: runs deliveries and periodic work as the application's role, with a pool of its own."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any
from uuid import UUID

import psycopg
import psycopg_pool
import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate import App, JobContext, RetryStrategy
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from sambruk.platform.exchange import jobs, outbox, runner
from sambruk.platform.exchange.registry import Periodic, periodic_work

log = structlog.get_logger(__name__)

#: A day: what fell due while no worker ran is made up for when one starts.
MISSED_SECONDS = 24 * 3600
#: When the database fails in the middle, nothing is recorded and the job comes back.
_AFTER_FAULT = RetryStrategy(wait=30)


def deliver(context: JobContext, tenant_id: str, delivery_id: str) -> None:
    """The one task of all deliveries."""
    runner.run(tenant_id=UUID(tenant_id), delivery_id=UUID(delivery_id), job_id=context.job.id)


def _run_periodic(work: Periodic, timestamp: int) -> None:
    jobs.run_periodic(work, timestamp)


def make_app(*, concurrency: int = 4) -> App:
    """Return procrastinate's app with every registered task, over a pool to the settings' database."""
    connector = PsycopgConnector(
        kwargs=connector_params("default"),
        min_size=1,
        max_size=concurrency + 3,
    )
    app = DjangoApp(connector=connector, periodic_defaults={"max_delay": MISSED_SECONDS})
    app.task(name=outbox.TASK, queue=outbox.QUEUE, pass_context=True, retry=_AFTER_FAULT)(deliver)
    for work in periodic_work().values():
        name = f"sambruk.periodic.{work.name}"
        function = partial(_run_periodic, work)
        task = app.task(name=name, queue=outbox.QUEUE, queueing_lock=name, lock=name, retry=_AFTER_FAULT)(
            function
        )
        app.periodic(cron=work.cron, periodic_id=work.name)(task)
    return app


async def _work(
    options: dict[str, Any], concurrency: int, stalled_seconds: float, stop: threading.Event
) -> None:
    def return_stalled() -> None:
        close_old_connections()
        jobs.return_stalled(stalled_seconds)

    async def watch() -> None:
        while True:
            await sync_to_async(return_stalled)()
            await asyncio.sleep(max(1.0, stalled_seconds / 2))

    app = make_app(concurrency=concurrency)
    async with app.open_async():
        watcher = asyncio.create_task(watch())
        worker = asyncio.create_task(app.run_worker_async(**options))
        try:
            with _ending(worker, stop):
                done, _ = await asyncio.wait({watcher, worker}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if not task.cancelled():
                    task.result()
        finally:
            watcher.cancel()
            if not worker.done():
                worker.cancel()
            await asyncio.gather(watcher, worker, return_exceptions=True)


@contextmanager
def _ending(worker: asyncio.Task[None], stop: threading.Event) -> Iterator[None]:
    """While the worker runs, SIGTERM and SIGINT note the wish to stop and let it finish what it has begun.

    Not procrastinate's own handlers: it also stops, and returns as if asked to, when one of its side tasks
    meets a lost database. Only our own note tells the two apart. A second signal ends the process.
    """
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}

    def uninstall() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])

    def end() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)
        # Cancelled, it takes no more jobs and finishes those it has (at most the time of grace).
        worker.cancel()

    for number in numbers:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        uninstall()


@contextmanager
def _stop_signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT end the waiting between two runs; ``_ending`` handles them during one."""

    def handle(signum: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def run_worker(
    *,
    concurrency: int = 4,
    heartbeat_seconds: float = 10.0,
    stalled_seconds: float = runner.STALLED_SECONDS,
    shutdown_seconds: float = 30.0,
    wait: bool = True,
) -> None:
    """Run jobs until SIGTERM or SIGINT; what runs is finished (at most ``shutdown_seconds``) first.

    A lost database is waited for, and met again. With ``wait=False`` it returns when nothing is due.
    ``stalled_seconds`` without a heartbeat count as a dead worker, whose jobs are given back.
    """
    options: dict[str, Any] = {
        "concurrency": concurrency,
        "wait": wait,
        "delete_jobs": "successful",
        "update_heartbeat_interval": heartbeat_seconds,
        "stalled_worker_timeout": stalled_seconds,
        "shutdown_graceful_timeout": shutdown_seconds,
        "install_signal_handlers": False,
    }
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    stop = threading.Event()
    pause = 1.0
    with _stop_signals(stop):
        while not stop.is_set():
            try:
                asyncio.run(_work(options, concurrency, stalled_seconds, stop))
                fault = "stopped by itself"
            except (ConnectorException, psycopg.Error, psycopg_pool.PoolTimeout) as error:
                fault = type(error).__name__
            else:
                if stop.is_set() or not wait:
                    return
            log.error("worker.database", error=fault, pause=pause)
            stop.wait(pause)
            pause = min(pause * 2, 15.0)
