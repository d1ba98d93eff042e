"""Before the form and in its first answers: what is known already, and what only the person can say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from tests.platform.forms import household
from tests.platform.forms.conftest import actor
from tests.platform.forms.test_application import earlier_case, evidence, filled  # noqa: F401 - a fixture

from sambruk.common.clock import today
from sambruk.common.month import Month
from sambruk.platform.cases.models import PeriodClaim
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.forms import actions, submission
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.models import Person

pytestmark = pytest.mark.usefixtures("offered")
Browser = Callable[..., Client]


def test_the_gate_says_what_to_do_instead(browser: Browser, anna: Person) -> None:
    client = browser(anna)
    start = f"/tjanster/{household.SERVICE}/borja/"
    # What stops whatever is answered is said at once, and nothing asked.
    for response in (client.get(start), client.post(start, {"gate_same_household": "yes"})):
        page = response.content.decode()
        assert "Du behöver göra en första ansökan" in page
        assert "gate_same_household" not in page
    earlier_case(anna)
    assert "Välj ett svar" in client.post(start).content.decode()
    page = client.post(start, {"gate_same_household": "no"}).content.decode()
    assert "Kontakta din handläggare först" in page
    assert not Draft.objects.exists()


def sent_by_both(filled: tuple[Client, str, Draft], anna: Person, bo: Person) -> tuple[Client, Draft]:  # noqa: F811
    """Both sign last month's application, and it is sent."""
    client, _address, draft = filled
    for one in (anna, bo):
        actions.sign(draft_id=draft.pk, evidence=evidence(draft, one), by=actor(one))
    submission.submit(draft.pk, by=actor(anna))
    return client, draft


def test_the_last_application_fills_in_the_next(
    filled: tuple[Client, str, Draft],  # noqa: F811
    anna: Person,
    bo: Person,
) -> None:
    client, draft = sent_by_both(filled, anna, bo)
    address = household.begin(client)
    page = client.get(f"{address}expense_step/").content.decode()
    assert 'value="5400"' in page
    assert "Hämtat från: Din ansökan" in page
    assert UUID(address.strip("/").split("/")[-1]) != draft.pk


def test_what_the_login_does_not_tell_comes_from_the_last_application(
    filled: tuple[Client, str, Draft],  # noqa: F811
    anna: Person,
    bo: Person,
) -> None:
    client, _draft = sent_by_both(filled, anna, bo)
    # Known by the e-ID alone: a number and a name.
    anna.street = anna.postal_code = anna.city = anna.phone = ""
    anna.save()
    page = client.get(f"{household.begin(client)}applicant_step/").content.decode()
    assert 'value="Storgatan 1"' in page
    assert 'value="070-123 45 67"' in page
    assert "Hämtat från: Din inloggning" in page
    known = Draft.objects.get(state=Draft.State.OPEN).known_from
    assert known["applicant_address"] == known["applicant_phone"] != "Din inloggning"


def test_where_one_is_registered_is_asked_since_we_cannot_know(browser: Browser, anna: Person) -> None:
    earlier_case(anna)
    client = browser(anna)
    start = f"/tjanster/{household.SERVICE}/borja/"
    assert "Är du folkbokförd i Järfälla kommun?" in client.get(start).content.decode()
    sent = {"gate_same_household": "yes", "context.registered_here": "no"}
    # Advice that the answers lead to is read before one goes on.
    advised = client.post(start, sent)
    assert advised.status_code == 200
    page = advised.content.decode()
    assert "Du är folkbokförd i en annan kommun" in page
    assert "Fortsätt ändå" in page
    assert not Draft.objects.exists()
    assert client.post(start, {**sent, "advised": "1"}).status_code == 302
    draft = Draft.objects.get()
    assert draft.gate == {"gate_same_household": True, "context.registered_here": False}
    # It is the person's word: it is shown with the rest that is signed.
    review = client.get(f"/ansokan/{draft.pk}/granska/").content.decode()
    assert "Är du folkbokförd i Järfälla kommun?" in review


def test_who_does_not_say_where_is_neither_stopped_nor_taken_for_registered(
    browser: Browser, anna: Person
) -> None:
    earlier_case(anna)
    household.begin(browser(anna))
    assert Draft.objects.get().gate == {"gate_same_household": True}


def test_who_has_applied_for_this_month_has_not_applied_for_the_next(browser: Browser, anna: Person) -> None:
    case = earlier_case(anna)
    month = Month.of(today())
    opens = definitions.for_service(household.SERVICE).count(
        definitions.for_service(household.SERVICE).service.period.opens_days_before  # type: ignore[union-attr]
    )
    last = Month.of(today() + timedelta(days=opens))
    page = f"/tjanster/{household.SERVICE}/borja/"
    PeriodClaim.objects.create(case=case, service_id=household.SERVICE, person=anna, period=month.first)
    said = "Du har redan ansökt" in browser(anna).get(page).content.decode()
    assert said == (last == month)
    if last != month:
        PeriodClaim.objects.create(case=case, service_id=household.SERVICE, person=anna, period=last.first)
    assert "Du har redan ansökt" in browser(anna).get(page).content.decode()
