"""Sources of incomes are asked when the calculation is made and read again; silence is never zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

import pytest
from tests.systems.financial_assistance.conftest import Office

from sambruk.common.errors import Invalid
from sambruk.common.month import Month
from sambruk.platform.cases.models import Case
from sambruk.platform.exchange import ports
from sambruk.platform.exchange.ports import AnswerState, AuthorityAnswer, IncomeLine, Incomes, IncomeSource
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.actions import calculation
from sambruk.systems.financial_assistance.calculation.household import Income
from sambruk.systems.financial_assistance.household_changes import Changes, LineChange

FK = "Försäkringskassan"


class Source:
    """An authority of the test's own, that answers as it is told."""

    label = "Frågan till myndigheter"

    def __init__(self) -> None:
        self.asked: list[tuple[UUID, tuple[UUID, ...], Month]] = []
        self.state = AnswerState.WAITING
        self.said: dict[str, tuple[str | None, str | None]] = {}

    def ask(self, *, case_id: UUID, person_ids: Sequence[UUID], month: Month) -> None:
        self.asked.append((case_id, tuple(person_ids), month))

    def incomes(self, *, case_id: UUID, person_ids: Sequence[UUID], month: Month) -> Incomes:
        return Incomes(
            month=month,
            answers=[
                AuthorityAnswer(person_id=p, authority=FK, label=FK, state=self.state) for p in person_ids
            ],
            lines=[
                IncomeLine(
                    person_id=p, authority=FK, kind=kind, label=kind.title(), paid_on=None,
                    gross=Decimal(gross) if gross else None, net=Decimal(net) if net else None,
                )
                for p in person_ids
                for kind, (gross, net) in (self.said.items() if self.state.is_known else ())
            ],
        )  # fmt: skip


@pytest.fixture
def source() -> Iterator[Source]:
    made = ports.register(IncomeSource, Source())
    yield made
    ports.withdraw(IncomeSource, made)


def income(case: Case, start: str) -> Income:
    found = queries.working(case)
    assert found is not None
    return next(one for one in found.household.incomes if str(one.id).startswith(start))


def ids(case: Case) -> set[str]:
    found = queries.working(case)
    assert found is not None
    return {str(one.id) for one in found.household.incomes}


def refresh(office: Office, case: Case) -> queries.Working:
    return calculation.refresh(case_id=case.pk, by=office.caseworker)


def test_it_is_asked_about_the_month_before_and_silence_is_not_zero(office: Office, source: Source) -> None:
    case = office.review(office.apply())
    assert [(one[0], one[2]) for one in source.asked] == [(case.pk, Month(2026, 11))]
    silent = income(case, "unanswered.")
    assert silent.effective is None and FK in silent.label
    working = queries.working(case)
    assert working is not None and working.result.outcome == "incomplete"
    with pytest.raises(Invalid, match="inte godkännas"):
        calculation.approve(case_id=case.pk, by=office.caseworker)

    for state in (AnswerState.UNAVAILABLE, AnswerState.REFUSED, AnswerState.PROTECTED, AnswerState.NOT_ASKED):
        source.state = state
        assert refresh(office, case).result.outcome == "incomplete", state
    assert len(source.asked) == 5
    # A person may decide that there is nothing, and says why.
    change = LineChange(amount=None, reason="Har ringt: inget utbetalt.", struck=True)
    calculation.change(case_id=case.pk, changes=Changes(lines={str(silent.id): change}), by=office.caseworker)
    assert refresh(office, case).result.amount == Decimal("7340.00")


def test_what_it_says_is_counted_once_and_the_difference_is_told(office: Office, source: Source) -> None:
    source.state = AnswerState.ANSWERED
    source.said = {"bostadsbidrag": (None, "1300.00"), "sjukpenning": ("900.00", "700.00")}
    case = office.review(office.apply())
    stated = next(one for one in ids(case) if one.startswith("income.r1"))
    row = income(case, stated)
    assert (row.applied, row.process) == (Decimal("1250.00"), Decimal("1300.00"))
    working = queries.working(case)
    assert working is not None
    assert any("1 250 kr" in text.replace("\xa0", " ") for text in working.remarks)
    assert income(case, "authority.applicant.sjukpenning").process == Decimal("700.00")
    # 7 340 less 50 more of the housing allowance and 700 that nobody had stated.
    assert working.result.amount == Decimal("6590.00")


def test_what_was_said_stays_when_it_falls_silent_and_silence_goes_when_it_speaks(
    office: Office, source: Source
) -> None:
    case = office.review(office.apply())
    source.state = AnswerState.NOTHING_FOUND
    assert refresh(office, case).result.amount == Decimal("7340.00")
    assert not any(one.startswith("unanswered.") for one in ids(case))
    source.state, source.said = AnswerState.ANSWERED, {"sjukpenning": (None, "700.00")}
    assert refresh(office, case).result.amount == Decimal("6640.00")
    source.state = AnswerState.UNAVAILABLE
    after = refresh(office, case)
    assert income(case, "authority.").process == Decimal("700.00")
    assert after.result.outcome == "incomplete"


def test_only_gross_is_no_amount(office: Office, source: Source) -> None:
    source.state, source.said = AnswerState.ANSWERED, {"sjukpenning": ("900.00", None)}
    case = office.review(office.apply())
    row = income(case, "authority.")
    assert (row.effective, row.gross) == (None, Decimal("900.00"))


def test_without_a_source_nothing_is_asked(office: Office) -> None:
    case = office.review(office.apply())
    assert refresh(office, case).result.amount == Decimal("7340.00")
