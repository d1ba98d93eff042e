"""The web is killed at every named place of a submission: a receipt if and only if there is a case."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.urls import get_resolver
from tests.platform.forms.conftest import offer_all
from tests.platform.forms.test_report import PNG
from tests.support.server import Server
from tests.support.web import Reporter, Web, web
from tests.support.workers import until, workers

from sambruk.platform.cases.models import Application, Case, CaseDocument
from sambruk.platform.exchange import failpoints
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.forms.models import Draft, DraftFile
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = [pytest.mark.fault, pytest.mark.slow]

STORED = "documents.stored"


def upload(reporter: Reporter) -> httpx.Response:
    return reporter.post(
        f"{reporter.draft}fil/photo/", {}, f"{reporter.draft}what/", files={"photo": ("hål.png", PNG)}
    )


def die(server: Web, point: str) -> Reporter:
    """Report a fault up to where the web dies; return the browser, which has no receipt."""
    server.ready()
    reporter = Reporter(server)
    reporter.begin()
    reporter.fill()
    if point == STORED:
        with pytest.raises(httpx.TransportError):
            upload(reporter)
    else:
        with pytest.raises(httpx.TransportError):
            reporter.send()
    return reporter


def test_killed_at_every_point_there_is_a_receipt_where_there_is_a_case(
    committed_db: str, jarfalla: Principal, database_server: Server, tmp_path: Path
) -> None:
    get_resolver().url_patterns  # noqa: B018 - the views bring the modules that declare points
    # Jobs' points, and those of systems, are passed elsewhere: test_jobs_killed, and each system's own.
    others = ("exchange", *(system.name for system in settings.SYSTEMS.systems))
    points = [name for name in failpoints.all_points() if name.split(".")[0] not in others]
    assert {name.split(".")[0] for name in points} == {"submission", "documents"}, "a point without a test"
    with tenant_transaction(jarfalla.pk):
        offer_all()
    address, data = database_server.url("application", committed_db), tmp_path / "data"
    with ExitStack() as stack, ThreadPoolExecutor(len(points)) as pool:
        servers = [stack.enter_context(web(address, data, failpoint=point)) for point in points]
        reporters = dict(zip(points, pool.map(die, servers, points), strict=True))

    with tenant_transaction(jarfalla.pk):
        # What a killed transaction had written is gone, its number too; what was filled in is there.
        assert not Case.objects.exists()
        assert not Application.objects.exists()
        assert not Delivery.objects.exists()
        assert not DraftFile.objects.exists()
        assert Draft.objects.count() == len(points)
        assert all(draft.answers["description"] for draft in Draft.objects.all())

    with web(address, data) as server:
        server.ready()
        for reporter in reporters.values():
            reporter.at(server)
        assert upload(reporters[STORED]).status_code == 200
        receipts = [reporter.send() for reporter in reporters.values()]
        assert [reporter.send() for reporter in reporters.values()] == receipts, "sent twice, shown once"

    with tenant_transaction(jarfalla.pk):
        assert {str(case.pk) for case in Case.objects.all()} == set(receipts)
        assert sorted(case.serial or 0 for case in Case.objects.all()) == list(range(1, len(points) + 1))
        assert Application.objects.count() == len(points)
        assert CaseDocument.objects.get().case_id.hex == receipts[points.index(STORED)].replace("-", "")


def test_killed_after_the_receipt_the_promised_work_is_done_once(
    committed_db: str, jarfalla: Principal, database_server: Server, tmp_path: Path
) -> None:
    """Web and worker go down together; the jobs of what was sent in stand in the database."""
    with tenant_transaction(jarfalla.pk):
        offer_all()
    address, data = database_server.url("application", committed_db), tmp_path / "data"
    with web(address, data) as server:
        server.ready()
        reporter = Reporter(server)
        reporter.begin()
        reporter.fill()
        case_id = reporter.send()
        assert re.fullmatch(r"[0-9a-f-]{36}", case_id)
    points = ("exchange.claimed", "exchange.prepared", "exchange.finishing", "exchange.finished")

    def written() -> int:
        with tenant_transaction(jarfalla.pk):
            return CaseDocument.objects.filter(case_id=case_id, title="Kvitto").count()

    def state() -> tuple[str, int]:
        with tenant_transaction(jarfalla.pk):
            found = Delivery.objects.get(kind="forms.receipt")
            return found.state, found.attempts

    own = {"SAMBRUK_DATA": str(data), "TEST_SERVER": "http://127.0.0.1:1/"}
    with workers(address, **own) as start:
        for point in points:
            assert start(failpoint=point).wait(60) == -9
        # Killed after the commit, it is done; before, nothing of it stands.
        assert (written(), state()) == (1, (DeliveryState.DONE, len(points)))
        start()
        until(lambda: state()[0] == DeliveryState.DONE)
    assert written() == 1
