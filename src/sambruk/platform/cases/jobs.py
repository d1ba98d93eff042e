"""The cases' work in the background."""

from __future__ import annotations

from uuid import UUID

from sambruk.common.actor import system_actor
from sambruk.common.clock import now, today
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.cases import protection
from sambruk.platform.cases.actions import disposal
from sambruk.platform.cases.actions.closing import close_if_ended
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.models import Case, Deadline, Task
from sambruk.platform.cases.process import running
from sambruk.platform.exchange.jobs import periodic, tenant_task
from sambruk.platform.tenancy.context import current_tenant_id


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
def pass_deadlines(tenant_id: UUID) -> None:
    """Act on the deadlines that have passed: tell the process where it waits, and say so in the log.

    Swedish days: a deadline that is today has not passed. Run again, it finds only what is left.
    """
    by = system_actor(tenant_id, "Tidsbevakning")
    for deadline in Deadline.objects.filter(done_at__isnull=True, due_on__lt=today()).order_by(
        "due_on", "id"
    )[:500]:
        case = Case.objects.select_for_update(of=("self",)).get(pk=deadline.case_id)
        deadline.done_at = now()
        deadline.save(update_fields=["done_at"])
        if not case.is_open:
            continue
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
def follow_protection(tenant_id: UUID) -> None:
    """Find what a case that came in while the protection was set did not see, and bring it up to date."""
    by = system_actor(tenant_id, "Skyddade personuppgifter")
    astray = Case.objects.filter(protection.astray()).select_for_update(of=("self",)).order_by("id")
    for case in astray[:500]:
        protection.follow(case, by=by)
