"""Work on the calculation: rows, persons, refresh, approval, reopening; and who may do it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from tests.support import people
from tests.systems.financial_assistance.conftest import Office

from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases import commands
from sambruk.platform.cases.models import Case, Decision, LogEntry, Task
from sambruk.platform.tenancy.context import current_principal
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.actions import calculation
from sambruk.systems.financial_assistance.calculation.household import Household
from sambruk.systems.financial_assistance.calculation.result import Result
from sambruk.systems.financial_assistance.household_changes import Changes, LineChange, NewLine, PersonChange
from sambruk.systems.financial_assistance.models import CalculationVersion, WorkingCalculation

SPECIAL = {
    "has_special_costs": True,
    "special_costs": [
        {"row": "r1", "cost_kind": "medicin", "cost_amount": "240.00", "cost_whom": "Maja"},
    ],
}


def total(case: Case) -> Decimal:
    found = queries.working(case)
    assert found is not None
    return found.result.totals.total


def line(case: Case, row_id: str) -> dict[str, object]:
    household = Household.model_validate(WorkingCalculation.objects.get(case=case).household)
    lines = (*household.costs, *household.incomes, *household.reductions)
    return next(one.model_dump() for one in lines if one.id == row_id)


def change(office: Office, case: Case, **changes: object) -> None:
    calculation.change(case_id=case.pk, changes=Changes(**changes), by=office.caseworker)  # type: ignore[arg-type]


def test_it_is_prepared_once_from_the_application(office: Office) -> None:
    case = office.review(office.apply())
    first = WorkingCalculation.objects.get(case=case)
    assert calculation.prepare(case=case, by=office.caseworker).pk == first.pk
    assert total(case) == Decimal("7340.00")
    assert "Pengar på konton" in " ".join(first.remarks)


def test_what_was_struck_and_decided_survives_reading_the_application_again(office: Office) -> None:
    case = office.review(office.apply(**SPECIAL))
    change(
        office,
        case,
        lines={
            "cost.unemployment_fund": LineChange(
                amount=None, reason="Medlemskapet har upphört.", struck=True
            ),
            "cost.rent": LineChange(amount=Decimal("5000.00"), reason="Högsta hyra."),
            "special.r1": LineChange(amount=Decimal("240.00")),
        },
        added=[NewLine(group="incomes", kind="barnbidrag", amount=Decimal("100.00"))],
    )
    before = total(case)
    assert before == Decimal(7340 - 390 - 400 + 240 - 100)
    calculation.refresh(case_id=case.pk, by=office.caseworker)
    assert total(case) == before
    assert line(case, "cost.unemployment_fund")["struck"] is True
    assert line(case, "cost.rent")["caseworker"] == "5000.00"
    assert line(case, "added.1")["origin"] == "caseworker"


def test_a_cost_that_nobody_has_assessed_stops_the_approval(office: Office) -> None:
    case = office.review(office.apply(**SPECIAL))
    with pytest.raises(Invalid, match="är inte bedömd"):
        calculation.approve(case_id=case.pk, by=office.caseworker)
    change(office, case, lines={"special.r1": LineChange(amount=Decimal(0))})
    with pytest.raises(Invalid, match="ange varför 240"):
        calculation.approve(case_id=case.pk, by=office.caseworker)
    change(
        office,
        case,
        lines={"special.r1": LineChange(amount=Decimal(0), reason="Ingår i högkostnadsskyddet.")},
    )
    assert calculation.approve(case_id=case.pk, by=office.caseworker).amount == Decimal("7340.00")


def test_days_dwelling_and_stimulus_are_the_caseworkers(office: Office) -> None:
    wage = {
        "row": "r1",
        "income_kind": "lon",
        "income_amount": "333.00",
        "income_date": "2026-11-25",
        "income_person": "applicant",
    }
    case = office.review(office.apply(incomes=[wage]))
    change(
        office,
        case,
        persons={"applicant": PersonChange(days=None, stimulus_from="2026-06", stimulus_to="2028-05")},
        dwelling_persons=2,
        has_dwelling=True,
    )
    found = queries.working(case)
    assert found is not None
    rows = {row.id: row.amount for row in found.result.rows}
    # 333 kr count as 249.75; a dwelling of two gives half of 1 410.
    assert rows["job_stimulus.applicant"] == Decimal("83.25")
    assert rows["norm.common"] == Decimal("705.00")


def test_a_change_is_told_in_log_and_audit_with_its_values(office: Office) -> None:
    case = office.review(office.apply())
    change(office, case, lines={"cost.rent": LineChange(amount=Decimal("5000.00"), reason="Högsta hyra.")})
    assert LogEntry.objects.filter(case=case, text="Beräkningen ändrades (1 post).").exists()
    event = AuditEvent.objects.get(case_id=case.pk, event="calculation.changed")
    assert event.actor_id == office.caseworker.id
    assert "cost.rent" in event.field_names


def test_two_people_on_one_calculation_the_second_is_told_who(office: Office) -> None:
    case = office.review(office.apply())
    seen = WorkingCalculation.objects.get(case=case).revision
    change(office, case, lines={"cost.power": LineChange(amount=Decimal(300), reason="Snittet.")})
    with pytest.raises(calculation.ChangedMeanwhile, match=office.caseworker.name):
        calculation.change(
            case_id=case.pk,
            changes=Changes(lines={"cost.power": LineChange(amount=Decimal(310))}),
            by=office.caseworker,
            expected_revision=seen,
        )


def test_an_approved_version_is_never_changed(office: Office) -> None:
    case = office.review(office.apply())
    office.approve(case)
    kept = CalculationVersion.objects.get(case=case)
    assert Result.from_json(str(kept.result)).amount == kept.amount
    with pytest.raises(ProgrammingError, match="is never changed"), transaction.atomic():
        CalculationVersion.objects.filter(pk=kept.pk).update(amount=1)
    with pytest.raises(ProgrammingError, match="changed only by a new key"), transaction.atomic():
        kept.save(update_fields=["result"])
    with pytest.raises(Conflict, match="godkänd"):
        change(office, case, lines={"cost.rent": LineChange(amount=Decimal(1))})
    with pytest.raises(Conflict):
        calculation.approve(case_id=case.pk, by=office.caseworker)


def test_it_is_opened_again_with_a_reason_and_approved_anew(office: Office) -> None:
    case = office.review(office.apply())
    office.approve(case)
    with pytest.raises(Invalid):
        calculation.reopen(case_id=case.pk, reason=" ", by=office.caseworker)
    calculation.reopen(case_id=case.pk, reason="Ny faktura kom in.", by=office.caseworker)
    with pytest.raises(Invalid, match="Godkänn beräkningen först"):
        office.do(case, "propose:propose", office.caseworker, kind="grant")
    change(office, case, lines={"cost.power": LineChange(amount=Decimal(410))})
    office.approve(case)
    office.decide(case)
    decision = Decision.objects.get(case=case)
    assert (decision.amount, decision.basis["calculation_version"]) == (Decimal("7440.00"), 2)
    assert CalculationVersion.objects.filter(case=case).count() == 2


def test_it_is_not_opened_under_a_proposal_or_a_decision(office: Office) -> None:
    case = office.review(office.apply())
    office.approve(case)
    office.do(case, "propose:propose", office.caseworker, kind="grant")
    with pytest.raises(Conflict, match="förslag"):
        calculation.reopen(case_id=case.pk, reason="Ny faktura", by=office.caseworker)
    office.do(case, "decide:decide_other", office.decider)
    with pytest.raises(Conflict, match="fattat"):
        calculation.reopen(case_id=case.pk, reason="Ny faktura", by=office.caseworker)


def test_a_decision_says_what_the_calculation_says(office: Office) -> None:
    case = office.review(office.apply())
    office.approve(case)
    with pytest.raises(Invalid, match="underskott"):
        office.do(case, "propose:propose", office.caseworker, kind="refuse", motivation="Nej")
    calculation.reopen(case_id=case.pk, reason="Tillgång", by=office.caseworker)
    change(
        office, case, added=[NewLine(group="reductions", kind="assets", amount=Decimal(9000), text="Bilen")]
    )
    office.approve(case)
    with pytest.raises(Invalid, match="inget underskott"):
        office.do(case, "propose:propose", office.caseworker, kind="grant")


def test_the_task_is_done_by_approving_alone(office: Office) -> None:
    """The form of an ordinary task would pass the calculation by."""
    case = office.review(office.apply())
    assert [o.id for o in commands.offers(case, office.caseworker) if o.task] == ["calculate"]
    with pytest.raises(Conflict):
        commands.run(case_id=case.pk, command="do:calculate", data={}, by=office.caseworker)
    with pytest.raises(Conflict):
        commands.run(case_id=case.pk, command="calculate", data={}, by=office.caseworker)
    assert Task.objects.filter(case=case, element="calculate", state="open").exists()


def test_another_units_staff_find_no_case(office: Office) -> None:
    case = office.review(office.apply())
    other = people.unit("annan")
    account = people.staff("frammande", "caseworker", at=other)
    stranger = people.actor(account)
    with pytest.raises(NotFound):
        calculation.change(case_id=case.pk, changes=Changes(), by=stranger)
    with pytest.raises(NotFound):
        calculation.approve(case_id=case.pk, by=stranger)
    browser = people.browser(current_principal(), account)
    assert browser.post(f"/ekonomiskt-bistand/arende/{case.pk}/berakning/", {"do": "save"}).status_code == 404


def test_a_payment_approver_does_not_calculate(office: Office) -> None:
    case = office.review(office.apply())
    with pytest.raises(NotAllowed):
        calculation.approve(case_id=case.pk, by=office.approver)


def test_a_protected_persons_calculation_is_worked_on_after_opening(office: Office) -> None:
    person = people.person("Maja", personal_number="199006022397", protection="sekretess")
    case = office.apply(person)
    case.refresh_from_db()
    assert case.secrecy == "protected"
    with pytest.raises(NotFound):
        office.do(case, "do:review", office.caseworker, review_result="calculate")
    both = people.staff("bada", "caseworker", "decision_maker", at=office.unit)
    actor = people.actor(both)
    office.do(case, "do:review", actor, review_result="calculate", adoption_or_placement="no")
    with pytest.raises(NotAllowed, match="Öppna de skyddade"):
        calculation.approve(case_id=case.pk, by=actor)
    page = people.browser(current_principal(), both).get(f"/handlaggning/arende/{case.pk}/?flik=calculation")
    assert "Maja" not in page.content.decode()
    assert "när du har öppnat de skyddade" in page.content.decode()
