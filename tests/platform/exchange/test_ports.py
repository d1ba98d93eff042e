"""Ports: what one system can ask of whichever other is installed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import pytest

from sambruk.common.calendar import Month
from sambruk.common.ids import uuid7
from sambruk.platform.exchange.ports import (
    AnswerState,
    AuthorityAnswer,
    IncomeLine,
    Incomes,
    IncomeSource,
    providers,
    register,
    withdraw,
)

PERSON = uuid7()
MONTH = Month(2026, 3)


class Source:
    label = "Prov"

    def ask(self, *, case_id: UUID, person_ids: Sequence[UUID], month: Month) -> None:
        """Nothing to ask."""

    def incomes(self, *, case_id: UUID, person_ids: Sequence[UUID], month: Month) -> Incomes:
        return Incomes(month=month)


def answer(state: AnswerState) -> AuthorityAnswer:
    return AuthorityAnswer(person_id=PERSON, authority="fk", label="Försäkringskassan", state=state)


def test_without_a_provider_there_is_none_to_ask() -> None:
    assert providers(IncomeSource) == ()


def test_a_provider_is_found_once_and_can_be_withdrawn() -> None:
    source = Source()
    register(IncomeSource, source)
    register(IncomeSource, source)
    try:
        assert providers(IncomeSource) == (source,)
    finally:
        withdraw(IncomeSource, source)
    assert providers(IncomeSource) == ()


def test_something_that_is_no_provider_is_refused_when_the_program_starts() -> None:
    with pytest.raises(TypeError):
        register(IncomeSource, object())  # type: ignore[arg-type]


@pytest.mark.parametrize("silent", [state for state in AnswerState if not state.is_known])
def test_an_authority_that_did_not_answer_is_not_no_income(silent: AnswerState) -> None:
    known = Incomes(month=MONTH, answers=[answer(AnswerState.ANSWERED), answer(AnswerState.NOTHING_FOUND)])
    assert known.complete
    assert not Incomes(month=MONTH, answers=[*known.answers, answer(silent)]).complete


def test_where_nobody_was_asked_nothing_is_complete() -> None:
    line = IncomeLine(
        person_id=PERSON, authority="fk", kind="bostadsbidrag", label="Bostadsbidrag",
        gross=Decimal("1800.00"), net=Decimal("1800.00"), paid_on=None,
    )  # fmt: skip
    assert not Incomes(month=MONTH, lines=[line]).complete
