"""The worker as its own process: it does what is promised, stops cleanly, and may be killed anywhere."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from django.db import connection
from tests.support.server import Server
from tests.support.workers import Start, until, workers

from sambruk.common.ids import uuid7
from sambruk.platform.exchange import failpoints, outbox, runner
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal

pytestmark = [pytest.mark.fault, pytest.mark.slow]

POINTS = [name for name in failpoints.all_points() if name.startswith("exchange.")] or [
    runner.CLAIMED, runner.PREPARED, runner.CALLED, runner.FINISHING, runner.FINISHED, runner.FAILING,
]  # fmt: skip


class Counted(ThreadingHTTPServer):
    """A server that counts what it is sent, by idempotency key; the first ``refuse`` are answered 503."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.seen: Counter[str] = Counter()
        self.objects: set[str] = set()
        self.refuse = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Answer(BaseHTTPRequestHandler):
    server: Counted

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.refuse > 0:
            self.server.refuse -= 1
            self.send_response(503)
        else:
            self.server.seen[self.headers["Idempotency-Key"]] += 1
            self.server.objects.add(body["object"])
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def counted() -> Iterator[Counted]:
    server = Counted()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(committed_db: str, database_server: Server, counted: Counted) -> Iterator[Start]:
    with workers(database_server.url("application", committed_db), TEST_SERVER=counted.url) as begin:
        yield begin


def promise(principal: Principal, kind: str = "test.post") -> Delivery:
    with tenant_transaction(principal.pk):
        return outbox.enqueue(kind=kind, object_id=uuid7(), key=f"test:{uuid7()}")


def state(delivery: Delivery) -> str:
    with tenant_transaction(delivery.tenant_id):  # type: ignore[arg-type]
        return Delivery.objects.get(pk=delivery.pk).state


def made(principal: Principal, name: str) -> int:
    with tenant_transaction(principal.pk):
        return Authority.objects.filter(name=name).count()


def test_it_does_what_every_tenant_promised_and_stops_on_sigterm(
    start: Start, counted: Counted, jarfalla: Principal, botkyrka: Principal
) -> None:
    before = [promise(jarfalla), promise(botkyrka)]
    worker = start()
    until(lambda: all(state(each) == DeliveryState.DONE for each in before))
    # The worker listens: what is promised now is done without waiting for its next look.
    later = promise(jarfalla)
    begun = time.monotonic()
    until(lambda: state(later) == DeliveryState.DONE)
    assert time.monotonic() - begun < 3
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=15)
    assert (worker.returncode, out.strip()) == (0, "stopped"), err
    assert set(counted.seen.values()) == {1}
    assert made(botkyrka, f"posted {before[1].object_id}") == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        assert cursor.fetchone()[0] == 0


def test_sigterm_lets_what_runs_finish(start: Start, jarfalla: Principal) -> None:
    slow = promise(jarfalla, "test.slow")
    worker = start()
    until(lambda: state(slow) == DeliveryState.RUNNING)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=15)
    assert worker.returncode == 0
    assert state(slow) == DeliveryState.DONE


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_the_next_worker_finishes_what_it_began(
    start: Start, counted: Counted, jarfalla: Principal, point: str
) -> None:
    if point == runner.FAILING:
        counted.refuse = 1
    delivery, inside = promise(jarfalla), promise(jarfalla, "test.make")
    first = start(failpoint=point)
    first.wait(timeout=30)
    assert first.returncode == -signal.SIGKILL, first.communicate()
    if point != runner.FINISHED:
        assert {state(delivery), state(inside)} != {DeliveryState.DONE}
    start()
    until(lambda: state(delivery) == state(inside) == DeliveryState.DONE)
    # The effect inside stands once; the one outside reached the other end with one key, however often.
    assert made(jarfalla, f"posted {delivery.object_id}") == 1
    assert made(jarfalla, f"made {inside.object_id}") == 1
    assert set(counted.seen) == {delivery.pk.hex}
    assert counted.seen.total() == 2 if point == runner.CALLED else counted.seen.total() <= 2


def test_a_lost_database_connection_is_met_again(
    start: Start, jarfalla: Principal, database_server: Server, committed_db: str
) -> None:
    """Every connection of the worker is cut, as when the server restarts: it goes on by itself."""
    worker = start()
    until(lambda: state(promise(jarfalla)) != "" and _workers() == 1)
    with psycopg.connect(database_server.url("admin", "postgres"), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [committed_db]
        )
    connection.close()
    after = promise(jarfalla)
    until(lambda: state(after) == DeliveryState.DONE)
    assert worker.poll() is None


def _workers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])


def test_every_point_of_the_runner_is_tried() -> None:
    declared = {name for name in failpoints.all_points() if name.startswith("exchange.")}
    assert declared == set(POINTS)


def test_a_point_that_nobody_declared_is_a_fault_in_the_code() -> None:
    with pytest.raises(KeyError):
        failpoints.failpoint("exchange.misspelt")
    with pytest.raises(ValueError, match="twice"):
        failpoints.declare(runner.CLAIMED, "another meaning")
