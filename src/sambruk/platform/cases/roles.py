"""Which permission a role of a service's definition stands for."""

from __future__ import annotations

from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.errors import NotAllowed
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.identity.permissions import Permission, may_in

#: Definitions speak of roles; rights are permissions, which several roles may carry.
ROLE_PERMISSION: dict[str, Permission] = {
    "caseworker": Permission.CASE_WORK,
    "decision_maker": Permission.CASE_DECIDE,
    "payment_approver": Permission.PAYMENT_APPROVE,
    "contact_centre": Permission.REPORT_REGISTER,
    "registrar": Permission.CASE_REGISTER,
    "field_worker": Permission.REPORT_HANDLE,
}


def may_do(task: Task, case: Case, actor: Actor) -> bool:
    """Return whether a member of staff holds the task's role in its unit. An unknown role is nobody's."""
    permission = ROLE_PERMISSION.get(task.role)
    unit: UUID | None = task.unit_id or case.unit_id
    return actor.is_staff and permission is not None and may_in(actor, permission, unit)


def require_do(task: Task, case: Case, actor: Actor) -> None:
    """Raise NotAllowed unless the actor may do the task."""
    if not may_do(task, case, actor):
        raise NotAllowed("Den här uppgiften görs av någon med en annan roll.")
