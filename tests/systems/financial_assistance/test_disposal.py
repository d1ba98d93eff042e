"""When a case of ekonomiskt bistånd may go, what is preserved for ever, and what goes with it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.support import people
from tests.systems.financial_assistance.conftest import Office, make_office

from sambruk.common.actor import Actor, system_actor
from sambruk.common.clock import today
from sambruk.common.errors import Conflict
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.cases.actions import disposal
from sambruk.platform.cases.models import Case, LogEntry
from sambruk.platform.cases.retention import refresh
from sambruk.platform.identity.models import Person
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.systems.financial_assistance.actions import payment_files
from sambruk.systems.financial_assistance.models import (
    CalculationVersion,
    PaymentFile,
    PaymentOrder,
    WorkingCalculation,
)

#: Born on the 23rd and on the 5th: of the tax agency's series for tests.
ORDINARY, KEPT = "199006022397", "199001052380"


def finished(office: Office, person: Person, *, filed: bool = True, month: date = date(2026, 12, 1)) -> Case:
    case = office.review(office.apply(person, month=month))
    office.approve(case)
    office.decide(case)
    order = PaymentOrder.objects.get(case=case)
    office.do(case, "approve_payment", office.approver)
    if filed:
        payment_files.create(pay_on=order.pay_on, by=office.approver)
    case.refresh_from_db()
    return case


def long_ago(case: Case, day: date = date(2019, 3, 4)) -> Case:
    """As if it had been closed then."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Stockholm"))
    LogEntry.objects.filter(case=case).update(at=moment)
    Case.objects.filter(pk=case.pk).update(closed_at=moment)
    case.refresh_from_db()
    refresh(case)
    return case


def archivist(office: Office) -> Actor:
    return people.actor(people.staff("arvid", "archivist", at=office.unit))


def run(office: Office, by: Actor) -> dict[str, tuple[str, str]]:
    """Make a list, confirm it where there is something to confirm, and do it."""
    made = disposal.make_list(by=by)
    if made.lines.filter(state="waiting").exists():
        disposal.confirm(run_id=made.pk, by=by)
        rights = frozenset({str(AuditPermission.DISPOSE)})
        for line in made.lines.filter(state="waiting"):
            disposal.dispose(line_id=line.pk, by=system_actor(current_tenant_id(), "Gallring", rights))
    return {line.number: (line.state, line.reason) for line in made.lines.all()}


def test_five_years_from_the_last_entry_and_done_by_the_end_of_the_year_after(office: Office) -> None:
    case = finished(office, people.person(personal_number=ORDINARY))
    day = today()
    assert case.disposal_on == date(day.year + 5, day.month, day.day)
    assert case.disposal_by == date(day.year + 6, 12, 31)


def test_money_sent_after_the_case_was_closed_is_its_last_entry(office: Office) -> None:
    case = finished(office, people.person(personal_number=ORDINARY), filed=False)
    long_ago(case)
    assert (case.disposal_on, case.disposal_by) == (date(2024, 3, 4), date(2025, 12, 31))
    payment_files.create(pay_on=PaymentOrder.objects.get().pay_on, by=office.approver)
    case.refresh_from_db()
    assert case.disposal_on is not None and case.disposal_on.year == today().year + 5


def test_what_is_reckoned_and_ordered_goes_and_the_banks_file_stays(office: Office) -> None:
    case = long_ago(finished(office, people.person(personal_number=ORDINARY)))
    assert run(office, archivist(office)) == {case.number: ("disposed", "")}
    for model in (CalculationVersion, WorkingCalculation, PaymentOrder, Case):
        assert not model.objects.exists(), model
    assert PaymentFile.objects.exists()


def test_what_is_preserved_is_never_listed_nor_taken(office: Office) -> None:
    case = long_ago(finished(office, people.person(personal_number=KEPT)))
    assert case.disposal_on is None and case.disposal_fault.startswith("Bevaras: Född den 5, 15 eller 25")
    by = archivist(office)
    with pytest.raises(Conflict):
        disposal.make_list(by=by)
    # Whatever date somebody or something had written on the case.
    Case.objects.filter(pk=case.pk).update(disposal_on=date(2024, 1, 1), disposal_fault="")
    state, reason = run(office, by)[case.number]
    assert (state, reason[:8]) == ("kept", "Bevaras:")
    assert Case.objects.filter(pk=case.pk).exists()


@pytest.mark.parametrize("kind", ["adoption", "municipality"])
def test_other_grounds_to_preserve(tenant: object, kind: str) -> None:
    office = make_office("ekonomi", **({"research_municipality": True} if kind == "municipality" else {}))
    case = long_ago(finished(office, people.person(personal_number=ORDINARY)))
    if kind == "adoption":
        case.process_state["flags"]["adoption_or_placement"] = True
        case.save(update_fields=["process_state"])
    Case.objects.filter(pk=case.pk).update(disposal_on=date(2024, 1, 1), disposal_fault="")
    state, reason = run(office, archivist(office))[case.number]
    assert (state, reason[:8]) == ("kept", "Bevaras:")


def test_a_file_goes_as_a_whole(office: Office) -> None:
    person = people.person(personal_number=ORDINARY)
    first = long_ago(finished(office, person, month=date(2026, 11, 1)))
    later = finished(office, person)
    by = archivist(office)
    state, reason = run(office, by)[first.number]
    assert state == "kept" and "senare ärende" in reason
    long_ago(later, date(2019, 6, 1))
    assert {s for s, _ in run(office, by).values()} == {"disposed"}
    assert not Case.objects.exists()


def test_money_that_is_not_sent_keeps_the_case(office: Office) -> None:
    case = long_ago(finished(office, people.person(personal_number=ORDINARY), filed=False))
    state, reason = run(office, archivist(office))[case.number]
    assert state == "kept" and "utbetalning" in reason
