"""Notices: that there is news, never what it is, to whoever wants to know and may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.platform.messaging.conftest import Mailbox, SmsServer
from tests.support import people

from sambruk.common import events
from sambruk.common.actor import system_actor
from sambruk.common.calendar import now, today
from sambruk.platform.cases.events import DecisionMade, NewsForParties, TaskOpened
from sambruk.platform.cases.models import Case, Decision, Party, Task
from sambruk.platform.exchange import runner
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.identity.models import Mandate, Person
from sambruk.platform.messaging.jobs import notify
from sambruk.platform.messaging.models import Notice, NoticeState
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.usefixtures("committed_db")

SECRETS = ("Anna", "Andersson", "Ekonomiskt bistånd", "2026-000001", "beslut", "avslag")


def person(principal: Principal, **values: Any) -> Person:
    wishes = {"email": "anna@post.example", "phone": "070-174 06 35", "notify_email": True}
    with tenant_transaction(principal.pk):
        return people.person(**{**wishes, **values})


def case(principal: Principal, *parties: Person, **values: Any) -> Case:
    with tenant_transaction(principal.pk):
        return people.case(*parties, **values)


def tell(principal: Principal, of: Case, occasion: str = "decision", **how: Any) -> int:
    with tenant_transaction(principal.pk):
        return notify(case=of, occasion=occasion, **how)


def run_all(principal: Principal) -> list[runner.Outcome]:
    """Run every waiting delivery of the tenant once, whatever its time."""
    with tenant_transaction(principal.pk):
        Delivery.objects.filter(state__in=["waiting", "failed"]).update(next_at=now())
        ids = list(Delivery.objects.filter(state__in=["waiting", "failed"]).values_list("id", flat=True))
    return [runner.run(tenant_id=principal.pk, delivery_id=each) for each in ids]


def notices(principal: Principal) -> list[tuple[str, str, str]]:
    with tenant_transaction(principal.pk):
        return list(Notice.objects.order_by("id").values_list("channel", "state", "reason"))


def text_of(mail: Any) -> str:
    return str(mail.get_content())


def test_a_mail_says_that_there_is_news_and_nothing_of_it(jarfalla: Principal, mailbox: Mailbox) -> None:
    anna = person(jarfalla)
    assert tell(jarfalla, case(jarfalla, anna)) == 1
    assert mailbox.mails == [], "it is sent after the news is committed"
    assert run_all(jarfalla) == [runner.Outcome.DONE]
    [mail] = mailbox.mails
    assert str(mail["Subject"]).strip() == "Du har något nytt att läsa hos Järfälla kommun"
    assert mail["To"] == "anna@post.example"
    assert mail["From"] == "Järfälla kommun <noreply@jarfalla.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Logga in på https://jarfalla.localhost/mina-sidor/" in text_of(mail).replace(
        "http://", "https://"
    )
    assert not [word for word in SECRETS if word.lower() in (str(mail["Subject"]) + text_of(mail)).lower()]
    assert notices(jarfalla) == [("email", "sent", "")]


def test_a_text_message_says_the_same_to_the_number_in_international_form(
    jarfalla: Principal, sms: SmsServer
) -> None:
    anna = person(jarfalla, notify_email=False, notify_sms=True)
    tell(jarfalla, case(jarfalla, anna))
    run_all(jarfalla)
    [sent], [headers] = sms.sent, sms.headers
    assert sent["to"] == "+46701740635"
    assert sent["from"] == "Jrflla"
    assert sent["text"].startswith("Du har något nytt att läsa hos Järfälla kommun. Logga in på http")
    assert headers["Authorization"] == "Bearer hemlig"
    assert headers["Idempotency-Key"] == sent["reference"]
    assert not [word for word in SECRETS if word.lower() in sent["text"].lower()]


def test_the_address_is_where_the_login_returns_to(jarfalla: Principal, mailbox: Mailbox) -> None:
    anna = person(jarfalla)
    with tenant_transaction(jarfalla.pk):
        people.provider("resident")
    tell(jarfalla, case(jarfalla, anna))
    run_all(jarfalla)
    assert "https://e.jarfalla.example/mina-sidor/" in text_of(mailbox.mails[0])


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"notify_email": False}, []),
        ({"notify_email": True, "email": ""}, [("email", "skipped", "no_address")]),
        ({"notify_email": True, "email": "anna@"}, [("email", "skipped", "bad_address")]),
        (
            {"notify_email": True, "email": "anna@post.example\nBcc: alla@post.example"},
            [("email", "skipped", "bad_address")],
        ),
        (
            {"notify_email": False, "notify_sms": True, "phone": "08-580 285 00"},
            [("sms", "skipped", "bad_address")],
        ),
        (
            {"notify_email": False, "notify_sms": True, "phone": "ring mig"},
            [("sms", "skipped", "bad_address")],
        ),
        ({"notify_email": False, "notify_sms": True, "phone": ""}, [("sms", "skipped", "no_address")]),
        ({"protection": "sekretess"}, [("email", "skipped", "protected")]),
        ({"protection": "skyddad"}, [("email", "skipped", "protected")]),
        ({"protection": "fingerade"}, [("email", "skipped", "protected")]),
    ],
)
def test_who_does_not_want_or_must_not_get_one_gets_none(
    jarfalla: Principal,
    mailbox: Mailbox,
    sms: SmsServer,
    wishes: dict[str, Any],
    expected: list[tuple[str, str, str]],
) -> None:
    anna = person(jarfalla, **wishes)
    tell(jarfalla, case(jarfalla, anna))
    run_all(jarfalla)
    assert notices(jarfalla) == expected
    assert (mailbox.mails, sms.sent) == ([], [])


@pytest.mark.parametrize(
    ("change", "reason"), [({"notify_email": False}, "off"), ({"protection": "sekretess"}, "protected")]
)
def test_a_change_of_mind_or_protection_counts_until_it_is_sent(
    jarfalla: Principal, mailbox: Mailbox, change: dict[str, Any], reason: str
) -> None:
    anna = person(jarfalla)
    tell(jarfalla, case(jarfalla, anna))
    with tenant_transaction(jarfalla.pk):
        Person.objects.filter(pk=anna.pk).update(**change)
    assert run_all(jarfalla) == [runner.Outcome.DONE]
    assert mailbox.mails == []
    assert notices(jarfalla) == [("email", "skipped", reason)]


def test_much_news_at_once_is_one_notice(jarfalla: Principal, mailbox: Mailbox) -> None:
    anna = person(jarfalla)
    first, second = case(jarfalla, anna), case(jarfalla, anna, serial=2)
    assert [tell(jarfalla, first), tell(jarfalla, first, "message"), tell(jarfalla, second)] == [1, 0, 0]
    run_all(jarfalla)
    assert tell(jarfalla, first, "message") == 1
    run_all(jarfalla)
    assert len(mailbox.mails) == 2


def test_every_party_and_who_acts_for_one_is_told_but_not_who_did_it(
    jarfalla: Principal, mailbox: Mailbox
) -> None:
    anna = person(jarfalla)
    bo = person(jarfalla, email="bo@post.example")
    guardian = person(jarfalla, email="god.man@post.example")
    former = person(jarfalla, email="forra@post.example")
    of = case(jarfalla, anna, bo)
    with tenant_transaction(jarfalla.pk):
        for holder, until in ((guardian, None), (former, today() - timedelta(days=1))):
            mandate = Mandate.objects.create(
                holder=holder, represented=bo, kind="god_man", scope=["all"], valid_from=date(2020, 1, 1),
                valid_to=until, source="Överförmyndaren 2020-01-01", registered_by="Rut",
            )  # fmt: skip
            Party.objects.create(case=of, person=bo, role=f"represented{until}", mandate=mandate)
    tell(jarfalla, of, except_for=anna.pk)
    run_all(jarfalla)
    assert sorted(mailbox.recipients) == ["bo@post.example", "god.man@post.example"]


def test_a_rolled_back_decision_tells_nobody(jarfalla: Principal, mailbox: Mailbox) -> None:
    of = case(jarfalla, person(jarfalla))
    with pytest.raises(RuntimeError), tenant_transaction(jarfalla.pk):
        notify(case=of, occasion="decision")
        raise RuntimeError
    assert run_all(jarfalla) == []
    assert notices(jarfalla) == []


def test_what_happens_in_a_case_is_told(jarfalla: Principal) -> None:
    anna, bo = person(jarfalla), person(jarfalla, email="bo@post.example")
    of = case(jarfalla, anna, bo)
    by = system_actor(jarfalla.pk, "test")

    def told(event: object) -> list[tuple[Any, str]]:
        with tenant_transaction(jarfalla.pk):
            Notice.objects.all().delete()
            events.publish(event)
            return sorted(Notice.objects.values_list("person_id", "occasion"))

    with tenant_transaction(jarfalla.pk):
        staff_task = Task(case=of, done_by_kind="staff", title="Räkna")
        for_both = Task(case=of, done_by_kind="resident", title="Komplettera")
        for_bo = Task(case=of, done_by_kind="resident", title="Komplettera", person=bo)
        decision = Decision(case=of)
    both = sorted([anna.pk, bo.pk])
    assert told(TaskOpened(case=of, task=staff_task)) == []
    assert told(TaskOpened(case=of, task=for_both)) == [(each, "task") for each in both]
    assert told(TaskOpened(case=of, task=for_bo)) == [(bo.pk, "task")]
    assert told(NewsForParties(case=of, kind="payment", person_ids=(anna.pk,))) == [(anna.pk, "payment")]
    assert told(DecisionMade(case=of, decision=decision, by=by)) == [(each, "decision") for each in both]


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
