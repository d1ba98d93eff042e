"""Which permission a role of a service's definition stands for."""

from __future__ import annotations

from uuid import UUID

from sambruk.common.actor import Actor, ActorKind
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

#: Tasks of these are work with a case; those of the rest (decide, approve) are a look at another's work.
WORKING = frozenset(
    {Permission.CASE_WORK, Permission.REPORT_REGISTER, Permission.CASE_REGISTER, Permission.REPORT_HANDLE}
)


def may_do(task: Task, case: Case, actor: Actor) -> bool:
    """Return whether the actor holds the task's role in its unit. An unknown role is nobody's.

    A member of staff, or a system that was given both the right and the unit (a contractor's, that takes over
    reports). What asks for a person is never among a system's rights.
    """
    permission = ROLE_PERMISSION.get(task.role)
    unit: UUID | None = task.unit_id or case.unit_id
    if permission is None or not may_in(actor, permission, unit):
        return False
    return actor.is_staff or (actor.kind is ActorKind.API and unit in actor.unit_ids)


def require_do(task: Task, case: Case, actor: Actor) -> None:
    """Raise NotAllowed unless the actor may do the task."""
    if not may_do(task, case, actor):
        raise NotAllowed("Den här uppgiften görs av någon med en annan roll.")
