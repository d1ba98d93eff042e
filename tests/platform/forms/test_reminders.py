"""Who has not signed hears of it: as they chose, else as the application says; else the applicant knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.platform.forms import household
from tests.platform.forms.conftest import BO, actor, person
from tests.platform.forms.test_application import earlier_case, evidence
from tests.platform.messaging.conftest import Mailbox, SmsServer, mailbox, sms  # noqa: F401 - fixtures

from sambruk.common.clock import now
from sambruk.platform.exchange.models import Delivery
from sambruk.platform.exchange.registry import Attempt, find_kind
from sambruk.platform.forms import actions, reminders
from sambruk.platform.forms.actions.signing import remind_by_itself
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.forms.signer_jobs import remind_signers
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging.models import Notice

pytestmark = pytest.mark.usefixtures("offered")
Browser = Callable[..., Client]


@pytest.fixture
def waiting(browser: Browser, anna: Person, settings: Any) -> tuple[Client, str, Draft]:
    """Anna has filled in for herself and Bo, who has never been here, and not signed yet."""
    settings.SMS_URL = ""
    earlier_case(anna)
    client = browser(anna)
    address = household.begin(client)
    household.fill(client, address)
    client.post(f"{address}granska/")
    return client, address, Draft.objects.get()


def sign_as(draft: Draft, signer: Person) -> None:
    actions.sign(draft_id=draft.pk, evidence=evidence(draft, signer), by=actor(signer))


def give(draft: Draft, **answers: str) -> None:
    draft.answers = {**draft.answers, **answers}
    draft.save()


def promised() -> list[Delivery]:
    return list(Delivery.objects.filter(kind__startswith="forms.signer_").order_by("created_at"))


def carry_out(delivery: Delivery) -> bool:
    """Run a delivery's phases as the worker does; False where there was nothing left to do."""
    kind = find_kind(delivery.kind)
    assert kind is not None and kind.handler is not None
    attempt = Attempt(
        delivery.tenant_id,
        delivery.pk,
        delivery.kind,
        delivery.object_id,
        delivery.key,
        delivery.attempts + 1,
    )
    prepared = kind.handler.prepare(attempt)
    if prepared is None:
        return False
    kind.handler.finish(attempt, prepared, kind.handler.call(attempt, prepared))
    return True


def co_applicant() -> DraftSigner:
    return DraftSigner.objects.get(party="co_applicant")


def test_somebody_who_has_never_been_here_gets_a_text_message_as_the_application_says(
    waiting: tuple[Client, str, Draft],
    anna: Person,
    sms: SmsServer,  # noqa: F811
) -> None:
    client, address, draft = waiting
    sign_as(draft, anna)
    (delivery,) = promised()
    assert carry_out(delivery)
    (sent,) = sms.sent
    assert sent["to"] == "+46701234568"
    # That there is something to read, never what, nor from whom.
    assert "Järfälla kommun" in sent["text"]
    assert not any(word in sent["text"] for word in ("Anna", "bistånd", "ansökan", "skriv under"))
    page = client.get(f"{address}signera/").content.decode()
    assert "Vi skickade ett meddelande till Bo Lund" in page
    # Once a day: the button comes back tomorrow.
    assert "Påminn nu" not in page
    assert actions.remind(draft_id=draft.pk, by=actor(anna)) == 0


def test_by_e_mail_where_that_is_given_with_how_one_logs_in(
    waiting: tuple[Client, str, Draft],
    anna: Person,
    mailbox: Mailbox,  # noqa: F811
) -> None:
    _client, _address, draft = waiting
    give(draft, co_applicant_email="bo@post.example")
    sign_as(draft, anna)
    (delivery,) = promised()
    assert carry_out(delivery)
    assert mailbox.recipients == ["bo@post.example"]
    text = str(mailbox.mails[0].get_content())  # type: ignore[attr-defined]
    assert "e-legitimation" in text
    assert "Anna" not in text
    assert "bistånd" not in text


def test_without_a_way_the_applicant_is_told_to_tell_them(
    waiting: tuple[Client, str, Draft], anna: Person
) -> None:
    client, address, draft = waiting
    sign_as(draft, anna)
    assert promised() == []
    page = client.get(f"{address}signera/").content.decode()
    assert "Vi når inte Bo Lund. Säg själv till" in page
    assert "Påminn nu" not in page
    assert actions.remind(draft_id=draft.pk, by=actor(anna)) == 0


def test_a_reminder_that_could_not_be_sent_is_told_to_the_applicant_too(
    waiting: tuple[Client, str, Draft],
    anna: Person,
    sms: SmsServer,  # noqa: F811
) -> None:
    from sambruk.platform.messaging.gateways import Refused

    client, address, draft = waiting
    sign_as(draft, anna)
    (delivery,) = promised()
    sms.statuses = [410]
    with pytest.raises(Refused) as refused:
        carry_out(delivery)
    kind = find_kind(delivery.kind)
    assert kind is not None and kind.handler is not None
    attempt = Attempt(delivery.tenant_id, delivery.pk, delivery.kind, delivery.object_id, delivery.key, 1)
    kind.handler.gave_up(attempt, refused.value)
    assert "Vi når inte Bo Lund" in client.get(f"{address}signera/").content.decode()


def test_ones_own_choice_comes_first_and_a_protected_person_gets_nothing(
    waiting: tuple[Client, str, Draft], anna: Person
) -> None:
    _client, _address, draft = waiting
    give(draft, co_applicant_email="bo@post.example")
    bo = person(BO, "Bo", "Lund", notify_email=True)
    place = co_applicant()
    place.person = bo
    place.save()
    assert reminders.send_reminder(draft, place)
    assert promised() == []
    assert Notice.objects.get().person_id == bo.pk
    bo.protection = "sekretess"
    bo.save()
    place.refresh_from_db()
    assert not reminders.send_reminder(draft, place)
    assert not reminders.can_reach(draft, place)


def test_nothing_is_sent_once_it_is_signed_or_open_again(
    waiting: tuple[Client, str, Draft],
    anna: Person,
    sms: SmsServer,  # noqa: F811
) -> None:
    client, address, draft = waiting
    sign_as(draft, anna)
    (delivery,) = promised()
    client.post(f"{address}oppna/")
    assert not carry_out(delivery)
    assert sms.sent == []


def test_they_are_reminded_again_without_anybodys_asking_a_few_times(
    waiting: tuple[Client, str, Draft],
    anna: Person,
    sms: SmsServer,  # noqa: F811
) -> None:
    _client, _address, draft = waiting
    by = actor(anna)

    def days_pass(days: int) -> None:
        Draft.objects.filter(pk=draft.pk).update(frozen_at=now() - timedelta(days=days))
        for one in DraftSigner.objects.exclude(reminded_at=None):
            DraftSigner.objects.filter(pk=one.pk).update(reminded_at=now() - timedelta(days=days))

    # Before anybody has signed nothing waits for Bo: it is Anna who is reminded, as she gave her number.
    days_pass(2)
    assert remind_by_itself(draft_id=draft.pk, by=by) == 1
    assert co_applicant().reminders == 0
    sign_as(draft, anna)
    assert co_applicant().reminders == 1
    days_pass(2)
    assert remind_by_itself(draft_id=draft.pk, by=by) == 0
    for expected in (2, 3, 4, 4):
        days_pass(4)
        remind_signers(draft.tenant_id)
        assert co_applicant().reminders == expected
    keys = [one.key for one in promised()]
    assert len(keys) == len(set(keys)) == 6  # Anna by telephone and e-mail once, Bo four times
