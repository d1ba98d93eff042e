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
from sambruk.platform.exchange.models import Delivery
from sambruk.platform.identity.models import Mandate, Person
from sambruk.platform.messaging.jobs import notify
from sambruk.platform.messaging.models import Notice
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
