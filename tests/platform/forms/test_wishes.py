"""Who ticked e-mail or text message in the application hears from then on that there is news."""

from __future__ import annotations

import pytest
from tests.platform.forms import household
from tests.platform.forms.conftest import actor
from tests.platform.forms.test_application import Browser, earlier_case, evidence

from sambruk.common import events
from sambruk.common.actor import ActorKind
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.events import NewsForParties
from sambruk.platform.cases.models import Case
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.forms import actions, submission, wishes
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging.models import Notice

pytestmark = pytest.mark.usefixtures("offered")
SAID = {"applicant_email": "anna.ny@post.example", "applicant_phone": "070-123 45 67"}


def follow(person: Person, service: str = household.SERVICE, **answers: object) -> Person:
    declared = definitions.for_service(service).service
    wishes.follow(person, declared, answers, by=actor(person))
    person.refresh_from_db()
    return person


def test_what_was_ticked_when_the_last_one_signed_is_how_news_is_told(
    browser: Browser, anna: Person, bo: Person
) -> None:
    earlier_case(anna)
    client = browser(anna)
    address = household.begin(client)
    household.fill(client, address)
    step = dict(household.steps())["applicant_step"]
    more = {"applicant_email": "anna.ny@post.example", "notify": ["email"], "continue": "1"}
    assert client.post(f"{address}applicant_step/", {**step, **more}).status_code == 302
    assert client.post(f"{address}granska/")["Location"] == f"{address}signera/"
    draft = Draft.objects.get()
    for signer in (anna, bo):
        anna.refresh_from_db()
        assert not anna.notify_email, "nothing counts before it is sent"
        actions.sign(draft_id=draft.pk, evidence=evidence(draft, signer), by=actor(signer))
    submission.submit(draft.pk, by=actor(bo))
    anna.refresh_from_db()
    assert (anna.email, anna.notify_email, anna.notify_sms) == ("anna.ny@post.example", True, False)
    changed = AuditEvent.objects.get(event="person.contact_changed")
    assert changed.person_id == anna.pk and changed.actor_kind == ActorKind.SYSTEM

    events.publish(NewsForParties(Case.objects.get(serial=1), "decision"))
    assert set(Notice.objects.values_list("person_id", "channel")) == {(anna.pk, "email")}


@pytest.mark.parametrize(
    ("ticked", "told"), [(["sms"], (False, True)), (["sms", "email"], (True, True)), ([], (False, False))]
)
def test_each_way_is_told_by_its_own_tick(anna: Person, ticked: list[str], told: tuple[bool, bool]) -> None:
    found = follow(anna, notify=ticked, **SAID)
    assert (found.notify_email, found.notify_sms) == told
    assert (found.email, found.phone) == tuple(SAID.values())


def test_a_way_without_an_address_cannot_be_chosen_and_a_known_one_is_kept(anna: Person) -> None:
    assert follow(anna, notify=["email"]).notify_email
    assert anna.email == "anna@exempel.se"
    anna.email = ""
    anna.save()
    assert not follow(anna, notify=["email"]).notify_email


def test_a_service_that_does_not_ask_changes_nothing(anna: Person) -> None:
    follow(anna, notify=["email"])
    assert follow(anna, "felanmalan", notify=[]).notify_email


def test_of_a_protected_person_no_more_is_kept(anna: Person) -> None:
    Person.objects.filter(pk=anna.pk).update(protection="skyddad")
    anna.refresh_from_db()
    found = follow(anna, notify=["email"], **SAID)
    assert (found.email, found.notify_email) == ("anna@exempel.se", False)
