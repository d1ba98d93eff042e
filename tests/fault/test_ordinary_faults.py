"""Faults of an ordinary day: no e-ID, two at once, a condition that fails, the night when clocks change."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.platform.forms.conftest import ANNA, anna, bo, browser, offered, person
from tests.platform.forms.test_report import begin, fill
from tests.platform.identity.conftest import record_of
from tests.support import people
from tests.support.definitions import loaded
from tests.support.oidc import running
from tests.systems.financial_assistance.conftest import make_office

from sambruk.common import clock
from sambruk.common.actor import system_actor
from sambruk.common.calendar import is_bank_day
from sambruk.common.clock import at_stockholm
from sambruk.platform.cases.jobs import pass_deadlines
from sambruk.platform.cases.models import Case, Deadline, LogEntry, Note, Task
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.forms import actions as forms
from sambruk.platform.forms import periods, working
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.oidc import metadata
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.models import Principal

__all__ = ["anna", "bo", "browser", "offered"]

pytestmark = pytest.mark.fault
_REVISION = re.compile(r'name="revision" value="(\d+)"')


# -- the identity provider is down


def test_no_e_id_to_be_had_says_so_and_keeps_the_draft(
    tenant: Principal, offered: None, browser: Callable[..., Client]
) -> None:
    metadata.forget()
    with running() as gone:
        record_of(gone)
    client = browser()
    address = begin(client)
    fill(client, address)
    page = client.get("/logga-in/?next=/mina-sidor/")
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    text = page.content.decode()
    assert "Traceback" not in text
    assert "/logga-in/?next=" in text, "there is a way to try again, to the same place"
    assert Draft.objects.get().answers["description"] == "Ett stort hål mitt i gatan."
    assert client.get(f"{address}granska/").status_code == 200
    assert client.post(f"{address}granska/").status_code == 302
    metadata.forget()


# -- two at one case


@pytest.fixture
def two(tenant: Principal, offered: None, browser: Callable[..., Client]) -> tuple[Client, Client, Case]:
    client = browser()
    address = begin(client)
    fill(client, address)
    client.post(f"{address}granska/")
    case = Case.objects.get()
    first, second = (
        people.browser(tenant, people.staff(name, "contact_centre", "caseworker", at=case.unit))
        for name in ("ali", "eva")
    )
    return first, second, case


def revision_of(page: Any) -> str:
    found = _REVISION.search(page.content.decode())
    assert found is not None
    return found[1]


def test_two_at_one_case_the_second_keeps_what_was_written(two: tuple[Client, Client, Case]) -> None:
    first, second, case = two
    form = f"/handlaggning/arende/{case.pk}/gor/do:sort/"
    seen = revision_of(second.get(form))
    note = first.post(f"/handlaggning/arende/{case.pk}/gor/take/", {})
    assert note.status_code == 302
    sent = {"sorting": "answer", "message": "Vi kommer i morgon.", "revision": seen}
    late = second.post(form, sent)
    text = late.content.decode()
    assert late.status_code == 409
    assert "Någon annan har ändrat i ärendet" in text
    assert "Vi kommer i morgon." in text
    assert Task.objects.get(case=case, element="sort").state == Task.State.OPEN
    assert second.post(form, {**sent, "revision": revision_of(late)}).status_code == 302
    said = second.get(f"/handlaggning/arende/{case.pk}/?flik=log").content.decode()
    assert "Ali" in said
    assert "Vi kommer i morgon." in said
    assert LogEntry.objects.filter(case=case, text="Vi kommer i morgon.").count() == 1


def test_the_same_command_twice_is_done_once(two: tuple[Client, Client, Case]) -> None:
    first, second, case = two
    form = f"/handlaggning/arende/{case.pk}/gor/do:sort/"
    seen = revision_of(first.get(form))
    data = {"sorting": "answer", "message": "", "revision": seen}
    assert first.post(form, data).status_code == 302
    late = second.post(form, data)
    assert late.status_code == 409
    assert "gått vidare" in late.content.decode()
    assert Task.objects.filter(case=case, element="sort", state=Task.State.DONE).count() == 1


def test_notes_of_two_are_both_kept(two: tuple[Client, Client, Case]) -> None:
    first, second, case = two
    form = f"/handlaggning/arende/{case.pk}/gor/note/"
    seen = revision_of(first.get(form)), revision_of(second.get(form))
    assert first.post(form, {"text": "Ringde Nils.", "revision": seen[0]}).status_code == 302
    answer = second.post(form, {"text": "Nils ringde.", "revision": seen[1]})
    if answer.status_code == 409:
        again = {"text": "Nils ringde.", "revision": revision_of(answer)}
        assert second.post(form, again).status_code == 302
    assert set(Note.objects.values_list("text", flat=True)) == {"Ringde Nils.", "Nils ringde."}


# -- a condition that fails


def test_a_condition_that_fails_stops_the_step_and_changes_nothing(
    tenant: Principal, browser: Callable[..., Client]
) -> None:
    """Dividing by an answer that is nought passes the check of types and fails where it is used."""
    fields = [
        {"id": "parts", "type": "number", "min": 0, "max": 10, "required": True},
        {"id": "why", "type": "text", "when": "parts != null && 10 / parts > 1", "required": True},
    ]
    by = system_actor(tenant.pk, "Test", frozenset(map(str, Permission)))
    service = loaded(fields, login={"assurance": 0, "without_login": "anonymous"})
    definitions.publish_loaded(loaded=service, by=by)
    definitions.adopt(service="prov", units={"default": people.unit().pk}, by=by)
    client = browser()
    address = str(client.post("/tjanster/prov/borja/")["Location"])
    page = client.post(f"{address}first/", {"parts": "0", "continue": "1"})
    assert page.status_code in (302, 422)
    before = Draft.objects.get()
    sent = client.post(f"{address}granska/")
    assert sent.status_code in (409, 422)
    text = sent.content.decode()
    assert "Traceback" not in text
    assert "Vi kan inte avgöra den här frågan" in text
    draft = Draft.objects.get()
    assert draft.state == Draft.State.OPEN
    assert draft.answers == before.answers
    assert not Case.objects.exists()


# -- nights and ends of months


@pytest.mark.parametrize(
    ("instant", "today"),
    [
        # Stockholm: the night to summer time, the night back (02:30 twice), the new year, the leap day.
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2028, 2, 28, 23, 30, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_a_case_that_comes_in_at_night_belongs_to_the_swedish_day(
    tenant: Principal,
    offered: None,
    browser: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
    instant: datetime,
    today: date,
) -> None:
    at(monkeypatch, instant)
    client = browser()
    address = begin(client)
    fill(client, address)
    assert client.post(f"{address}granska/").status_code == 302
    case = Case.objects.get()
    assert case.year == today.year
    task = Task.objects.get(case=case, element="sort")
    # One working day: never the day itself, never a Sunday or a holiday, and at most over Christmas.
    assert task.due_on is not None
    assert today < task.due_on <= today + timedelta(days=6)
    assert is_bank_day(task.due_on)
    draft = Draft.objects.get()
    assert draft.expires_at > instant


@pytest.mark.parametrize(
    ("instant", "month", "open_"),
    [
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), date(2026, 11, 1), True),
        (datetime(2026, 11, 30, 23, 30, tzinfo=UTC), date(2026, 12, 1), True),
        (datetime(2026, 2, 28, 12, 0, tzinfo=UTC), date(2026, 12, 1), False),
        (datetime(2026, 12, 1, 12, 0, tzinfo=UTC), date(2025, 1, 1), False),
    ],
)
def test_the_month_that_can_be_applied_for_turns_at_swedish_midnight(
    tenant: Principal, monkeypatch: pytest.MonkeyPatch, instant: datetime, month: date, open_: bool
) -> None:
    at(monkeypatch, instant)
    office = make_office("ekonomi")
    applicant = person(ANNA, "Anna", "Ek")
    office.apply(applicant, month=date(2026, 6, 1))
    draft = forms.begin(
        service_id="ekonomiskt-bistand-ateransokan",
        by=people.actor(applicant),
        gate={"gate_same_household": True},
        fresh=True,
    )
    fault = periods.window_fault(working.load(draft), month)
    assert (fault == "") is open_, fault


def test_a_window_ends_with_the_last_minute_of_its_last_day(
    tenant: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office("ekonomi")
    applicant = person(ANNA, "Anna", "Ek")
    office.apply(applicant, month=date(2026, 6, 1))
    by = people.actor(applicant)
    draft = forms.begin(
        service_id="ekonomiskt-bistand-ateransokan", by=by, gate={"gate_same_household": True}, fresh=True
    )
    work = working.load(draft)
    period = work.service.period
    assert period is not None
    closes = date(2026, 10, 31) + timedelta(days=work.effective.count(period.closes_days_after_end))
    midnight = at_stockholm(closes + timedelta(days=1))
    at(monkeypatch, midnight - timedelta(seconds=1))
    assert periods.window_fault(work, date(2026, 10, 1)) == ""
    at(monkeypatch, midnight)
    assert "gick ut" in periods.window_fault(work, date(2026, 10, 1))


def test_a_deadline_of_today_has_not_passed_until_swedish_midnight(
    two: tuple[Client, Client, Case], tenant: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _first, _second, case = two
    # The day of 25 hours: 24 hours after its beginning it is still the same day.
    last = Deadline.objects.create(
        case=case, kind="answer", label="Svara", due_on=date(2026, 10, 25), sends=""
    )
    at(monkeypatch, datetime(2026, 10, 25, 22, 59, tzinfo=UTC))
    pass_deadlines(tenant.pk)
    last.refresh_from_db()
    assert last.done_at is None
    at(monkeypatch, datetime(2026, 10, 25, 23, 0, tzinfo=UTC))
    pass_deadlines(tenant.pk)
    pass_deadlines(tenant.pk)
    last.refresh_from_db()
    assert last.done_at is not None
    assert LogEntry.objects.filter(case=case, text="Tiden har gått ut: Svara.").count() == 1


_NOW, _TODAY = clock.now, clock.today


def at(monkeypatch: pytest.MonkeyPatch, instant: datetime) -> None:
    """Set the clock, for every module that reads it: each has taken the function by its name."""

    def now() -> datetime:
        return instant

    def today() -> date:
        return clock.local_date(instant)

    now.of_the_test = today.of_the_test = True  # type: ignore[attr-defined]
    for name, module in list(sys.modules.items()):
        if not name.startswith("sambruk.platform."):
            continue
        if getattr(module, "now", None) is _NOW or hasattr(getattr(module, "now", None), "of_the_test"):
            monkeypatch.setattr(module, "now", now)
        if getattr(module, "today", None) is _TODAY or hasattr(getattr(module, "today", None), "of_the_test"):
            monkeypatch.setattr(module, "today", today)
