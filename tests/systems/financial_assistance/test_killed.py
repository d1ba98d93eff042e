"""The process is killed in the midst of a calculation, an order, an approval and a file: nothing half stands,
and done again it is done once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from tests.support import people
from tests.systems.financial_assistance.conftest import Office, make_office

from sambruk.platform.cases import commands
from sambruk.platform.cases.jobs import do_handler
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.exchange import failpoints
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal
from sambruk.systems.financial_assistance.actions import calculation, payment_files, payments
from sambruk.systems.financial_assistance.models import (
    CalculationVersion,
    PaymentFile,
    PaymentOrder,
    WorkingCalculation,
)

pytestmark = pytest.mark.fault


def killed(point: str, work: Callable[[], object]) -> None:
    """Do the work in a child that dies at the point; the parent's connection is closed over the fork."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            os.environ[failpoints.ENVIRONMENT] = point
            work()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, point


def rows(principal: Principal) -> dict[str, Any]:
    """What stands, by table: enough to see that nothing half does."""
    with tenant_transaction(principal.pk):
        return {
            "revision": Case.objects.get().revision,
            "tasks": sorted(Task.objects.values_list("element", "state")),
            "working": list(WorkingCalculation.objects.values_list("revision", "locked_version")),
            "versions": CalculationVersion.objects.count(),
            "orders": list(PaymentOrder.objects.values_list("state", flat=True)),
            "files": PaymentFile.objects.count(),
        }


def test_killed_at_every_point(committed_db: str, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        office = make_office("ekonomi")
        case_id = office.apply(people.person(personal_number="199006022397")).pk

    def step(work: Callable[[], object]) -> Callable[[], None]:
        def done() -> None:
            with tenant_transaction(jarfalla.pk):
                work()

        return done

    def command(name: str, by: Any, **data: Any) -> Callable[[], None]:
        return step(lambda: commands.run(case_id=case_id, command=name, data=data, by=by))

    def system() -> None:
        """The system's next step, as the worker does it."""
        do_handler(Task.objects.get(case_id=case_id, state="open", done_by_kind="system").pk)

    review = command("do:review", office.caseworker, review_result="calculate", adoption_or_placement="no")
    approve = step(lambda: calculation.approve(case_id=case_id, by=office.caseworker))
    propose = command("propose:propose", office.caseworker, kind="grant")
    decide = command("decide:decide_other", office.decider)
    pay = command("approve_payment", office.approver)
    file = step(lambda: payment_files.create(pay_on=PaymentOrder.objects.get().pay_on, by=office.approver))
    walk: list[tuple[tuple[str, ...], Callable[[], None]]] = [
        ((calculation.PREPARED,), review),
        ((calculation.KEPT,), approve),
        ((), propose),
        ((), decide),
        ((), step(system)),
        ((payments.ORDERED,), step(system)),
        ((payments.APPROVED,), pay),
        ((payment_files.STORED, payment_files.FILED), file),
    ]
    mine = {name for name in failpoints.all_points() if name.startswith("financial_assistance.")}
    assert {point for points, _ in walk for point in points} == mine, "a point without a test"
    for points, work in walk:
        before = rows(jarfalla)
        for point in points:
            killed(point, work)
            assert rows(jarfalla) == before, point
        work()
        assert rows(jarfalla) != before
    after = rows(jarfalla)
    assert (after["versions"], after["orders"], after["files"]) == (1, ["filed"], 1)


def test_what_is_done_twice_is_done_once(office: Office) -> None:
    """A worker that died after the commit is run again by the queue: the order that stands is returned."""
    case = office.ordered()
    first = PaymentOrder.objects.get(case=case)
    assert payments.order(case=case, decision=first.decision) == first
    assert PaymentOrder.objects.count() == 1
