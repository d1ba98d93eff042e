"""Submission under pressure: one draft is one case, numbers have no gaps, a failure leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection
from tests.platform.forms.conftest import offer_all

from sambruk.common.actor import anonymous_actor
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases import numbers
from sambruk.platform.cases.models import Application, Case
from sambruk.platform.exchange.models import Delivery
from sambruk.platform.forms import actions, submission
from sambruk.platform.forms.access import digest
from sambruk.platform.forms.models import Draft
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

BROWSER = digest("a-browser-key-of-at-least-twenty-signs")
ANSWERS = {
    "kind": "light",
    "danger": False,
    "description": "Lampan är trasig.",
    "place": {"address": "Storgatan 1"},
    "wants_answer": False,
}


@pytest.fixture
def town(committed_db: str, jarfalla: Principal) -> Iterator[Principal]:
    with tenant_transaction(jarfalla.pk):
        offer_all()
    yield jarfalla


def new_draft(town: Principal) -> UUID:
    with tenant_transaction(town.pk):
        by = anonymous_actor(town.pk)
        draft = actions.begin(service_id="felanmalan", by=by, browser=BROWSER, fresh=True)
        draft.answers = ANSWERS
        draft.save()
        return draft.pk


def submit(town: Principal, draft_id: UUID, barrier: Barrier | None = None) -> str:
    """Submit as a request of its own does; return the case's number."""
    try:
        with tenant_transaction(town.pk):
            if barrier is not None:
                barrier.wait(20)
            return submission.submit(draft_id, by=anonymous_actor(town.pk), browser=BROWSER).number
    finally:
        if barrier is not None:
            connection.close()


def test_a_double_click_is_one_case_with_one_number(town: Principal) -> None:
    draft_id, barrier = new_draft(town), Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: submit(town, draft_id, barrier), range(2)))
    assert found[0] == found[1] != ""
    assert submit(town, draft_id) == found[0]
    with tenant_transaction(town.pk):
        assert Case.objects.count() == Application.objects.count() == 1
        assert Delivery.objects.filter(kind="forms.receipt").count() == 1


def test_eight_at_once_get_numbers_without_gaps(town: Principal) -> None:
    drafts, barrier = [new_draft(town) for _ in range(24)], Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda draft_id: submit(town, draft_id, barrier), drafts))
    assert sorted(int(number.partition("-")[2]) for number in found) == list(range(1, 25))


def test_a_failure_leaves_nothing_and_takes_no_number(
    town: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft_id = new_draft(town)

    def broken(case: Case) -> str:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(numbers, "assign_number", broken)
        with pytest.raises(RuntimeError):
            submit(town, draft_id)
    with tenant_transaction(town.pk):
        assert not Case.objects.exists()
        assert not Delivery.objects.filter(kind="forms.receipt").exists()
        assert not AuditEvent.objects.filter(event="draft.submitted").exists()
        assert Draft.objects.get().state == Draft.State.OPEN
    assert submit(town, draft_id).endswith("-000001")
