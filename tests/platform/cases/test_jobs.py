"""The night's work with the cases: one that is broken stops no other, and is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from tests.support import people

from sambruk.common.clock import now, today
from sambruk.platform.cases import jobs, protection
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.models import Case, Deadline, LogEntry
from sambruk.platform.identity.models import Person, Unit
from sambruk.platform.tenancy.models import Principal


@pytest.fixture
def three(tenant: Principal) -> list[Case]:
    """Three cases, the first of which breaks; each with a deadline that passed, the first's longest ago."""
    of: Unit = people.unit()
    anna = people.person("Anna")
    cases = [people.case(anna, at=of, serial=serial) for serial in (1, 2, 3)]
    for days, case in zip((9, 8, 7), cases, strict=True):
        due = today() - timedelta(days=days)
        Deadline.objects.create(case=case, kind="answer", label="Svara", due_on=due, sends="")
    return cases


def breaks(case: Case, real: Callable[..., Any], error: type[Exception]) -> Callable[..., Any]:
    """What is called, but for one case: there it writes first, and fails then."""

    def call(of: Case, *given: Any, **more: Any) -> Any:
        done = real(of, *given, **more)
        if of.pk == case.pk:
            raise error("Anna Andersson")
        return done

    return call


def test_a_broken_case_stops_no_other_deadline_and_is_named(
    three: list[Case], tenant: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "note_event", breaks(three[0], note_event, KeyError))
    said = jobs.pass_deadlines(tenant.pk)
    assert said is not None and said.startswith("1 av 3 gick inte: ")
    assert (three[0].number or str(three[0].pk)) in said
    assert "Anna" not in said
    done = dict(Deadline.objects.values_list("case_id", "done_at"))
    assert [done[case.pk] is not None for case in three] == [False, True, True]
    # What the broken one had written before it failed is undone with it.
    assert not LogEntry.objects.filter(case=three[0]).exists()
    monkeypatch.setattr(jobs, "note_event", note_event)
    assert jobs.pass_deadlines(tenant.pk) is None
    assert LogEntry.objects.filter(text="Tiden har gått ut: Svara.").count() == 3


def test_a_deadline_that_was_met_while_the_case_was_locked_has_not_passed(
    three: list[Case], tenant: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one meets the second's deadline while the first is at work."""

    def meets(of: Case, *given: Any, **more: Any) -> Any:
        Deadline.objects.filter(case=three[1]).update(done_at=now())
        return note_event(of, *given, **more)

    monkeypatch.setattr(jobs, "note_event", meets)
    assert jobs.pass_deadlines(tenant.pk) is None
    assert not LogEntry.objects.filter(case=three[1]).exists()
    assert LogEntry.objects.filter(case=three[2]).exists()


def test_a_database_that_is_gone_is_no_cases_fault(
    three: list[Case], tenant: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "note_event", breaks(three[0], note_event, OperationalError))
    with pytest.raises(OperationalError):
        jobs.pass_deadlines(tenant.pk)


def test_a_broken_case_stops_no_other_from_following_the_protection(
    three: list[Case], tenant: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person.objects.update(protection="skyddad")
    monkeypatch.setattr(protection, "search_text", lambda case, names: "")
    monkeypatch.setattr(protection, "note_event", breaks(three[0], note_event, KeyError))
    said = jobs.follow_protection(tenant.pk)
    assert said is not None and said.startswith("1 av 3 gick inte: ")
    found = dict(Case.objects.values_list("pk", "secrecy"))
    assert [found[case.pk] for case in three] == ["social", "protected", "protected"]
