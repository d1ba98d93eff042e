"""Notices when the other end is in trouble: nothing lost, nothing hidden, nothing sent as another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.platform.messaging.conftest import Mailbox, SmsServer
from tests.platform.messaging.test_notices import case, notices, person, run_all, tell

from sambruk.common.calendar import now
from sambruk.platform.exchange import runner
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.messaging.models import NoticeState
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.mark.parametrize("status", [500, 503, 429, 302])
def test_a_text_service_in_trouble_is_tried_again_with_the_same_key(
    jarfalla: Principal, sms: SmsServer, status: int
) -> None:
    tell(jarfalla, case(jarfalla, person(jarfalla, notify_email=False, notify_sms=True)))
    sms.statuses = [status]
    assert run_all(jarfalla) == [runner.Outcome.RETRY]
    assert run_all(jarfalla) == [runner.Outcome.DONE]
    assert len({each["reference"] for each in sms.sent}) == 1
    assert notices(jarfalla) == [("sms", "sent", "")]


@pytest.mark.parametrize(("status", "reason"), [(400, "refused"), (422, "refused"), (401, ""), (403, "")])
def test_a_text_service_that_refuses_is_seen_at_once(
    jarfalla: Principal, sms: SmsServer, status: int, reason: str
) -> None:
    tell(jarfalla, case(jarfalla, person(jarfalla, notify_email=False, notify_sms=True)))
    sms.statuses = [status]
    assert run_all(jarfalla) == [runner.Outcome.GAVE_UP]
    assert notices(jarfalla) == [("sms", "failed", reason)]


def test_an_address_that_does_not_exist_is_not_tried_again(jarfalla: Principal, mailbox: Mailbox) -> None:
    of = case(jarfalla, person(jarfalla))
    tell(jarfalla, of)
    mailbox.answers = ["550 No such user here"]
    assert run_all(jarfalla) == [runner.Outcome.GAVE_UP]
    assert notices(jarfalla) == [("email", "failed", "refused")]
    assert tell(jarfalla, of) == 1, "the next news is told again: the address may have been mended"


def test_a_server_that_asks_to_come_back_is_come_back_to(jarfalla: Principal, mailbox: Mailbox) -> None:
    tell(jarfalla, case(jarfalla, person(jarfalla)))
    mailbox.answers = ["451 Try again later"]
    assert run_all(jarfalla) == [runner.Outcome.RETRY]
    assert run_all(jarfalla) == [runner.Outcome.DONE]


def test_a_lost_answer_sends_again_with_the_same_message_id(jarfalla: Principal, mailbox: Mailbox) -> None:
    tell(jarfalla, case(jarfalla, person(jarfalla)))
    mailbox.lose_answer = True
    assert run_all(jarfalla) == [runner.Outcome.RETRY]
    mailbox.lose_answer = False
    assert run_all(jarfalla) == [runner.Outcome.DONE]
    assert len(mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_a_mail_server_dead_for_an_hour_loses_nothing(
    jarfalla: Principal, botkyrka: Principal, mailbox: Mailbox, settings: Any
) -> None:
    """Ten persons in two municipalities; the server is gone for an hour by the deliveries' own clock."""
    for principal in (jarfalla, botkyrka):
        for number in range(5):
            tell(
                principal,
                case(
                    principal,
                    person(principal, email=f"p{number}@{principal.code}.example"),
                    serial=number + 1,
                ),
            )
    alive, dead = settings.EMAIL_PORT, 1
    settings.EMAIL_PORT = dead
    begun = now()
    clock = begun
    for _ in range(1000):
        due = _next_due(jarfalla, botkyrka)
        if due is None:
            break
        principal, delivery = due
        clock = max(clock, delivery.next_at or clock)
        settings.EMAIL_PORT = dead if clock < begun + timedelta(hours=1) else alive
        runner.run(tenant_id=principal.pk, delivery_id=delivery.pk, clock=lambda at=clock: at)  # type: ignore[misc]
    assert sorted(mailbox.recipients) == sorted(
        f"p{number}@{principal.code}.example" for principal in (jarfalla, botkyrka) for number in range(5)
    )
    assert {state for _, state, _ in notices(jarfalla) + notices(botkyrka)} == {NoticeState.SENT}
    assert begun + timedelta(hours=1) <= clock < begun + timedelta(hours=3)


def _next_due(*principals: Principal) -> tuple[Principal, Delivery] | None:
    found: list[tuple[Principal, Delivery]] = []
    for principal in principals:
        with tenant_transaction(principal.pk):
            open_ones = Delivery.objects.exclude(state=DeliveryState.DONE)
            assert not open_ones.filter(state=DeliveryState.GIVEN_UP).exists()
            found += [(principal, each) for each in open_ones]
    return min(found, key=lambda pair: pair[1].next_at or now(), default=None)
