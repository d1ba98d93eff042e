"""The cases' work in the background."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from sambruk.common.actor import Actor, system_actor
from sambruk.common.clock import now, today
from sambruk.common.errors import SambrukError
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.cases import protection
from sambruk.platform.cases.actions import disposal
from sambruk.platform.cases.actions.closing import close_if_ended
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.models import Case, Deadline, Task
from sambruk.platform.cases.process import running
from sambruk.platform.exchange.jobs import periodic, tenant_task
from sambruk.platform.tenancy.context import current_tenant_id

log = structlog.get_logger(__name__)
#: How many cases a run's sentence names: the operator's page is a line.
NAMED = 5


@tenant_task(running.HANDLER_WORK, label="Steg i ärendets process")
def do_handler(task_id: UUID) -> None:
    """Run the handler of a system task. Done already, or gone: nothing is left to do."""
    task = Task.objects.filter(pk=task_id, state=Task.State.OPEN).first()
    if task is None:
        return
    task.case = Case.objects.select_for_update(of=("self",)).get(pk=task.case_id)
    running.run_handler(task)


@tenant_task(disposal.WORK, label="Gallring av ett ärende")
def dispose_of(line_id: UUID) -> None:
    """Dispose of a case on a confirmed list. Killed in between, it begins again: all or nothing."""
    rights = frozenset({str(AuditPermission.DISPOSE)})
    disposal.dispose(line_id=line_id, by=system_actor(current_tenant_id(), "Gallring", rights))


@periodic("15 1 * * *", name="cases.deadlines", label="Tider som har gått ut")
def pass_deadlines(tenant_id: UUID) -> str | None:
    """Act on the deadlines that have passed: tell the process where it waits, and say so in the log.

    Swedish days: a deadline that is today has not passed. Run again, it finds only what is left. A case that
    cannot be moved stops no other: its deadline stands until tomorrow, and the sentence returned names it.
    """
    by = system_actor(tenant_id, "Tidsbevakning")
    found = Deadline.objects.filter(done_at__isnull=True, due_on__lt=today()).order_by("due_on", "id")
    work = [
        (case_id, partial(_pass_deadline, deadline_id, case_id, by))
        for deadline_id, case_id in found.values_list("id", "case_id")[:500]
    ]
    return _each_by_itself("cases.deadlines", work)


def _pass_deadline(deadline_id: UUID, case_id: UUID, by: Actor) -> None:
    case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    # Read under the case's lock: it may have been met, moved or disposed of while we waited.
    deadline = Deadline.objects.filter(pk=deadline_id, done_at__isnull=True, due_on__lt=today()).first()
    if case is None or deadline is None:
        return
    deadline.done_at = now()
    deadline.save(update_fields=["done_at"])
    if not case.is_open:
        return
    note_event(
        case,
        event="deadline.passed",
        text=f"Tiden har gått ut: {deadline.label}.",
        by=by,
        visible_to_resident=deadline.visible_to_resident and bool(deadline.sends),
    )
    if deadline.sends and running.awaits(case, deadline.sends):
        close_if_ended(case, running.tell(case, deadline.sends), by=by)


@periodic("35 1 * * *", name="cases.protection", label="Ärenden följer skyddade personuppgifter")
def follow_protection(tenant_id: UUID) -> str | None:
    """Find what a case that came in while the protection was set did not see, and bring it up to date.

    A case that cannot be brought up to date stops no other; the sentence returned names it.
    """
    by = system_actor(tenant_id, "Skyddade personuppgifter")
    astray = Case.objects.filter(protection.astray()).order_by("id").values_list("id", flat=True)
    work = [(case_id, partial(_follow, case_id, by)) for case_id in astray[:500]]
    return _each_by_itself("cases.protection", work)


def _follow(case_id: UUID, by: Actor) -> None:
    case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is not None:
        protection.follow(case, by=by)


def _each_by_itself(name: str, work: Sequence[tuple[UUID, Callable[[], None]]]) -> str | None:
    """Do each case's work in a savepoint of its own; return a sentence that names those that failed, if any.

    A database that is gone (OperationalError) is nobody's fault among the cases: it is raised.
    """
    failed: list[UUID] = []
    for case_id, do in work:
        try:
            with transaction.atomic():
                do()
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one case's fault must not stop the others
            code = error.code if isinstance(error, SambrukError) else type(error).__name__
            places = "".join(traceback.format_tb(error.__traceback__))
            log.error("cases.fault", work=name, case=str(case_id), error=code, traceback=places)
            failed.append(case_id)
    if not failed:
        return None
    numbers = sorted(case.number or str(case.pk) for case in Case.objects.filter(pk__in=failed))
    more = f" och {len(numbers) - NAMED} till" if len(numbers) > NAMED else ""
    return (
        f"{len(failed)} av {len(work)} gick inte: {', '.join(numbers[:NAMED])}{more}. "
        "Felet står i serverns logg, och arbetet försöks igen nästa dag."
    )
