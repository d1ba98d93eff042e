"""An application, its handling and its faults leave no personal number, name or answer in a log."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from tests.platform.forms import household
from tests.platform.forms.conftest import ANNA, BO, actor, anna, bo, browser, offered
from tests.platform.forms.test_application import earlier_case, evidence
from tests.support import people

from sambruk.common.errors import Invalid
from sambruk.config.logging import configure
from sambruk.platform.cases.models import Case
from sambruk.platform.exchange.models import Delivery
from sambruk.platform.forms import actions, jobs
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.models import Person
from sambruk.platform.messaging import actions as messaging
from sambruk.platform.tenancy.models import Principal

__all__ = ["anna", "bo", "browser", "offered"]
pytestmark = pytest.mark.usefixtures("offered")

#: Names, answers, and the numbers in every form: none of them is an id or a word of the program's own.
PRIVATE = (
    ANNA, ANNA[2:], f"{ANNA[2:8]}-{ANNA[8:]}", BO, BO[2:], f"{BO[2:8]}-{BO[8:]}", "Anna Ek", "Bo Lund",
    "Storgatan", "anna@exempel.se", "701234567", "0701234568", "Jag har ingen inkomst", "Vårdar en anhörig",
    "Kontant", "Arbetar.", "konto.pdf", "Hemlig fråga till handläggaren", "Hemlig anteckning",
)  # fmt: skip


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, at the finest level, as production writes it."""
    stream = io.StringIO()
    configure("DEBUG", stream)
    yield stream
    configure()


def links_of(html: str) -> list[str]:
    return re.findall(r'(?:href|src|action|formaction|hx-[a-z]+|data-[a-z-]*url)="([^"]*)"', html)


def test_a_whole_application_leaves_nothing_private_in_logs_and_addresses(
    log: io.StringIO, tenant: Principal, anna: Person, bo: Person, browser: Any
) -> None:
    earlier_case(anna)
    pages: list[Any] = []
    client = Watched(browser(anna), pages)
    address = household.begin(client)  # type: ignore[arg-type]
    household.fill(client, address)  # type: ignore[arg-type]
    # What is wrong and what is odd is logged no more than what is right.
    client.post(f"{address}applicant_step/", {"applicant.personal_number": f"{ANNA}9", "continue": "1"})
    client.post(f"{address}asset_step/", {"bank_assets": "Kontant", "continue": "1"})
    household.fill(client, address)  # type: ignore[arg-type]
    client.get(f"{address}granska/")
    client.post(f"{address}granska/")
    draft = Draft.objects.get()
    for one in (anna, bo):
        actions.sign(draft_id=draft.pk, evidence=evidence(draft, one), by=actor(one))
    receipt = client.get(f"{address}signera/")["Location"]
    client.get(receipt)
    jobs.write_receipt(draft.pk)
    case = Case.objects.exclude(serial=900).get()
    client.get(f"/mina-sidor/arenden/{case.pk}/")
    client.post(f"/mina-sidor/arenden/{case.pk}/meddelanden/", {"text": "Hemlig fråga till handläggaren"})
    _handled(tenant, case, pages)
    with pytest.raises(Invalid):
        messaging.send_message(case_id=case.pk, text="", by=actor(anna))

    text = log.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) > 30
    assert any(line.get("path") == receipt for line in lines), "the log was not listened to"
    for word in PRIVATE:
        hit = next((line for line in text.splitlines() if word in line), "")
        assert not hit, (word, hit[:500])
    for page in pages:
        for link in (*links_of(page.content.decode("utf-8", "replace")), page.headers.get("Location", "")):
            assert not [word for word in PRIVATE if word in link], link
    waiting = json.dumps(list(Delivery.objects.values("kind", "key", "last_error")), default=str)
    assert not [word for word in PRIVATE if word in waiting]


class Watched:
    """A browser whose pages are kept."""

    def __init__(self, client: Client, pages: list[Any]) -> None:
        self._client, self._pages = client, pages

    def get(self, *args: Any, **more: Any) -> Any:
        return self._keep(self._client.get(*args, **more))

    def post(self, *args: Any, **more: Any) -> Any:
        return self._keep(self._client.post(*args, **more))

    def _keep(self, response: Any) -> Any:
        if not response.streaming:
            self._pages.append(response)
        return response


def _handled(tenant: Principal, case: Case, pages: list[Any]) -> None:
    member = people.staff("karin", "caseworker", at=case.unit)
    staff = Watched(people.browser(tenant, member), pages)
    base = f"/handlaggning/arende/{case.pk}/"
    for path in (base, f"{base}?flik=log", f"{base}?flik=documents", f"{base}?flik=messages"):
        assert staff.get(path).status_code == 200, path
    assert staff.post(f"{base}gor/note/", {"text": "Hemlig anteckning"}).status_code == 302
    assert staff.get("/handlaggning/?vy=unit&q=Storgatan").status_code == 200


def test_a_fault_of_ours_tells_the_log_where_and_not_what(
    log: io.StringIO, tenant: Principal, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError(f"a fault that names {ANNA} and {ANNA[2:8]}-{ANNA[8:]}")

    client = browser()
    client.raise_request_exception = False
    monkeypatch.setattr("sambruk.platform.forms.views.follow.codes.find_case", broken)
    answer = client.post("/folj/", {"kod": "Hemlig fråga till handläggaren"})
    assert answer.status_code == 500
    assert ANNA not in answer.content.decode()
    text = log.getvalue()
    assert "RuntimeError" in text
    assert not [word for word in PRIVATE if word in text]
