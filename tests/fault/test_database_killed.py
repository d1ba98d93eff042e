"""The database is killed during submissions over HTTP: as many cases as receipts, the same ones."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psycopg
import pytest
from tests import conftest
from tests.platform.forms.conftest import offer_all
from tests.support import server as test_server
from tests.support.principals import JARFALLA
from tests.support.server import Server
from tests.support.web import Reporter, Web, web

from sambruk.operations.postgres import EmbeddedPostgres
from sambruk.platform.tenancy.context import tenant_transaction

pytestmark = [pytest.mark.fault, pytest.mark.slow]

CLIENTS = 4
KILLS = 2


@pytest.fixture
def own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[tuple[Server, Path]]:
    """A server that this test alone uses, with the service on offer; and its folder."""
    monkeypatch.delenv(test_server.SERVER_VARIABLE, raising=False)
    run = tmp_path / "own"
    with django_db_blocker.unblock():
        server = test_server.obtain(run)
        conftest._connect_to(server, server.template)
        try:
            with tenant_transaction(JARFALLA):
                offer_all()
            yield server, run
        finally:
            conftest._forget()
            test_server.release(run)


class Submitters:
    """Browsers that each report one fault after another, and ask again until they have their receipt."""

    def __init__(self, server: Web) -> None:
        self.server = server
        self.stop = Event()
        self.failed = 0
        self.receipts: list[str] = []
        self.drafts: set[str] = set()

    def work(self, _number: int) -> None:
        while not self.stop.is_set():
            reporter = Reporter(self.server)
            self._until(reporter, self._filled)
            self.drafts.add(reporter.draft)
            self._until(reporter, self._sent)

    def _until(self, reporter: Reporter, step: Any) -> None:
        end = time.monotonic() + 60
        while True:
            assert time.monotonic() < end, "no receipt in a minute"
            try:
                if step(reporter):
                    return
            except (httpx.HTTPError, AssertionError):
                self.failed += 1
            time.sleep(0.1)

    def _filled(self, reporter: Reporter) -> bool:
        if not reporter.draft:
            reporter.begin()
        reporter.fill()
        return True

    def _sent(self, reporter: Reporter) -> bool:
        case = reporter.send()
        if case:
            self.receipts.append(case)
        return bool(case)


def test_receipts_given_are_cases_found(own: tuple[Server, Path], tmp_path: Path) -> None:
    server, run = own
    embedded = EmbeddedPostgres(run / "server", durable=False)
    with web(server.url("application", server.template), tmp_path / "data") as site:
        site.ready()
        people = Submitters(site)
        with ThreadPoolExecutor(CLIENTS) as pool:
            working = [pool.submit(people.work, number) for number in range(CLIENTS)]
            for number in range(KILLS):
                wanted = len(people.receipts) + CLIENTS
                end = time.monotonic() + 40
                while len(people.receipts) < wanted and time.monotonic() < end:
                    time.sleep(0.05)
                assert len(people.receipts) >= wanted, (
                    f"no progress before kill {number}: {site.said()[-3000:]}"
                )
                pid = embedded.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.5)
                embedded.start()
            wanted = len(people.receipts) + CLIENTS
            end = time.monotonic() + 40
            while len(people.receipts) < wanted and time.monotonic() < end:
                time.sleep(0.05)
            people.stop.set()
            for each in working:
                each.result(90)
    with psycopg.connect(server.url("backup", server.template)) as database:
        rows = database.execute("SELECT id::text, serial FROM cases_case ORDER BY serial").fetchall()
        sent = database.execute("SELECT '/ansokan/' || id || '/' FROM forms_draft WHERE state = 'submitted'")
        drafts = {row[0] for row in sent.fetchall()}
        jobs = database.execute("SELECT count(*) FROM exchange_delivery WHERE kind = 'forms.receipt'")
        assert jobs.fetchone() == (len(rows),)
    assert people.failed > 0, "the kills hit nobody"
    assert len(people.receipts) == len(set(people.receipts)) == len(people.drafts)
    assert {row[0] for row in rows} == set(people.receipts)
    assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
    assert drafts == people.drafts
