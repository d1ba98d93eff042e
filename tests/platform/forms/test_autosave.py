"""Saving while somebody writes: what is typed is there, no other window is overwritten, and it is quiet."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.platform.forms import household
from tests.platform.forms.test_application import earlier_case

from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.models import Person, Session

pytestmark = pytest.mark.usefixtures("offered")
Browser = Callable[..., Client]
JSON = {"HTTP_ACCEPT": "application/json"}
SITUATION = {"livelihood": "Jag söker arb", "changed": "yes"}


@pytest.fixture
def begun(browser: Browser, anna: Person) -> tuple[Client, str]:
    """Anna's browser, and the address of what she has begun."""
    earlier_case(anna)
    client = browser(anna)
    return client, household.begin(client)


def save(client: Client, address: str, step: str, data: dict[str, Any], revision: int | None = None) -> Any:
    sent = data if revision is None else {**data, "revision": str(revision)}
    return client.post(f"{address}{step}/spara/", sent, **JSON)


def test_what_is_typed_is_there_on_another_device(
    begun: tuple[Client, str], browser: Browser, anna: Person
) -> None:
    client, address = begun
    answer = save(client, address, "situation", SITUATION, 1)
    assert re.fullmatch(r"[0-2]\d\.[0-5]\d", answer.json()["saved_at"])
    page = browser(anna).get(f"{address}situation/").content.decode()
    assert "Jag söker arb" in page
    # Also what follows from it, and nothing complains of what is not answered yet.
    assert "Vad har ändrats?" in page
    assert "data-error-summary" not in page


def test_what_cannot_be_read_is_kept_as_it_was_typed(begun: tuple[Client, str]) -> None:
    client, address = begun
    save(client, address, "applicant_step", {"applicant_phone": "0701"})
    assert 'value="0701"' in client.get(f"{address}applicant_step/").content.decode()


def test_the_page_goes_on_with_the_revision_that_it_is_told(begun: tuple[Client, str]) -> None:
    client, address = begun
    first = save(client, address, "situation", SITUATION, 1).json()["revision"]
    second = save(client, address, "situation", {**SITUATION, "livelihood": "Jag söker arbete."}, first)
    assert second.json()["revision"] == first + 1


def test_nothing_is_written_where_nothing_changed(begun: tuple[Client, str]) -> None:
    client, address = begun
    revision = save(client, address, "situation", SITUATION).json()["revision"]
    rows = AuditEvent.objects.count()
    assert save(client, address, "situation", SITUATION, revision).json()["revision"] == revision
    assert AuditEvent.objects.count() == rows


def test_another_window_is_not_overwritten(begun: tuple[Client, str]) -> None:
    client, address = begun
    save(client, address, "situation", SITUATION, 1)
    late = save(client, address, "situation", {"livelihood": "Äldre text."}, 1)
    assert late.status_code == 409
    assert "annat fönster" in late.json()["detail"]
    assert Draft.objects.get().answers["livelihood"] == "Jag söker arb"


def test_a_save_on_the_way_from_one_step_does_not_make_the_next_page_old(begun: tuple[Client, str]) -> None:
    client, address = begun
    seen = Draft.objects.get().revision
    save(client, address, "situation", SITUATION, seen)
    sent = save(client, address, "applicant_step", {"interpreter": "no"}, seen)
    assert sent.status_code == 200


def test_a_step_that_changed_must_be_passed_again(begun: tuple[Client, str]) -> None:
    client, address = begun
    step, data = household.steps()[0]
    client.post(f"{address}{step}/", {**data, "continue": "1"})
    assert Draft.objects.get().steps_done == ["situation"]
    save(client, address, step, {**data, "livelihood": ""})
    assert Draft.objects.get().steps_done == []


def test_a_page_left_open_costs_no_signature(begun: tuple[Client, str], anna: Person) -> None:
    client, address = begun
    household.fill(client, address)
    client.post(f"{address}granska/")
    assert Draft.objects.get().state == Draft.State.SIGNING
    assert save(client, address, "situation", SITUATION, 1).status_code == 409
    draft = Draft.objects.get()
    assert (draft.state, draft.answers["livelihood"]) == (Draft.State.SIGNING, "Jag har ingen inkomst.")
    # A submit of that page says so too, rather than taking the draft back.
    assert client.post(f"{address}situation/", {**SITUATION, "revision": "1"}).status_code == 409


def test_a_login_that_has_ended_is_told_to_the_page(begun: tuple[Client, str]) -> None:
    client, address = begun
    Session.objects.all().delete()
    answer = save(client, address, "situation", SITUATION, 1)
    assert answer.status_code == 401
    part = client.post(f"{address}situation/visa/", SITUATION, HTTP_HX_REQUEST="true")
    assert part.status_code == 401
    # What the person sends leads to the login and back to the step: by a page, since a browser holds a form's
    # redirects to our own address and the identity provider has another.
    sent = client.post(f"{address}situation/", {**SITUATION, "continue": "1"})
    assert sent.status_code == 401
    assert sent["Refresh"].startswith("0; url=/logga-in/?next=%2Fansokan%2F")
    assert sent["Refresh"].endswith("situation%2F")
    assert "Logga in igen" in sent.content.decode()
    # One that cannot be shown by GET leads back to the draft itself.
    assert "paminn" not in client.post(f"{address}paminn/")["Refresh"]


def test_others_save_nothing(begun: tuple[Client, str], browser: Browser, bo: Person) -> None:
    _client, address = begun
    assert save(browser(bo), address, "situation", SITUATION).status_code == 404
    assert "livelihood" not in Draft.objects.get().answers


def test_a_report_without_login_is_saved_too_and_belongs_to_its_browser(browser: Browser) -> None:
    client = browser()
    address = str(client.post("/tjanster/felanmalan/borja/")["Location"])
    assert save(client, address, "what", {"description": "Ett hål i gatan."}).status_code == 200
    # There is no login to send another browser to.
    assert save(browser(), address, "what", {"description": "Annat."}).status_code == 404
    assert browser().get(address).status_code == 404
