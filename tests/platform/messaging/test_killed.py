"""A worker that is killed while it sends loses no notice, and sends none that cannot be told as the same."""

from __future__ import annotations

import signal

import pytest
from tests.platform.messaging.conftest import Mailbox
from tests.support import people
from tests.support.server import Server
from tests.support.workers import until, workers

from sambruk.platform.exchange import runner
from sambruk.platform.messaging.jobs import notify
from sambruk.platform.messaging.models import Notice, NoticeState
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = [pytest.mark.fault, pytest.mark.slow]


@pytest.mark.parametrize(
    ("point", "mails"),
    [(runner.PREPARED, 1), (runner.CALLED, 2), (runner.FINISHING, 2), (runner.FINISHED, 1)],
)
def test_killed_while_sending(
    committed_db: str,
    jarfalla: Principal,
    database_server: Server,
    mailbox: Mailbox,
    settings: pytest.FixtureRequest,
    point: str,
    mails: int,
) -> None:
    with tenant_transaction(jarfalla.pk):
        anna = people.person(email="anna@post.example", notify_email=True)
        notify(case=people.case(anna), occasion="decision")

    def state() -> str:
        with tenant_transaction(jarfalla.pk):
            return Notice.objects.get().state

    port = str(settings.EMAIL_PORT)  # type: ignore[attr-defined]
    address = database_server.url("application", committed_db)
    with workers(address, SAMBRUK_SMTP_PORT=port, TEST_SERVER="http://127.0.0.1:1/") as start:
        assert start(failpoint=point).wait(30) == -signal.SIGKILL
        start()
        until(lambda: state() == NoticeState.SENT)
    assert len(mailbox.mails) == mails
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1
