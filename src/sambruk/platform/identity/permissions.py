"""What may be done. Roles hand permissions out; actions ask for them (``actor.require``)."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.errors import NotAllowed


class Permission(StrEnum):
    """The platform's permissions. A value is stable: it stands in sessions, scopes and the log."""

    CASE_READ = "case.read"
    CASE_WORK = "case.work"
    CASE_DECIDE = "case.decide"
    CASE_REGISTER = "case.register"
    CASE_DISPOSE = "case.dispose"
    PAYMENT_ORDER = "payment.order"
    PAYMENT_APPROVE = "payment.approve"
    PERSON_READ = "person.read"
    PERSON_REGISTER = "person.register"
    PROTECTED_OPEN = "protected.open"
    PROTECTED_SET = "protected.set"
    MANDATE_REGISTER = "mandate.register"
    FILL_IN_FOR = "person.fill_in_for"
    REPORT_REGISTER = "report.register"
    REPORT_HANDLE = "report.handle"
    #: Of other systems alone: no role of the staff carries them.
    REPORT_FILE = "report.file"
    APPLICATION_PREPARE = "application.prepare"
    AUDIT_READ = "audit.read"
    ADMIN_STAFF = "admin.staff"
    ADMIN_SERVICES = "admin.services"
    ADMIN_PRINCIPAL = "admin.principal"
    OPERATOR = "operator"


#: All that another system can be given. A right that is not named here is a person's, also a new one: who
#: decides, pays, opens what is protected or hands out rights answers for it. ``api.auth`` describes them.
FOR_CLIENTS = frozenset(
    {
        Permission.CASE_READ,
        Permission.CASE_WORK,
        Permission.REPORT_FILE,
        Permission.REPORT_HANDLE,
        Permission.APPLICATION_PREPARE,
    }
)


def in_unit(permission: str, unit_id: UUID) -> str:
    """Return how an actor's permissions say "in this unit": ``case.decide@<unit id>``."""
    return f"{permission}@{unit_id}"


def may_in(actor: Actor, permission: str, unit_id: UUID | None) -> bool:
    """Say whether the actor holds the permission in the unit.

    A member of staff may hold different roles in different units: ``actor.may`` says only that it is held
    somewhere. The system and API clients hold what they hold everywhere (API clients in their units).
    """
    if not actor.may(permission):
        return False
    if actor.is_staff:
        return unit_id is not None and in_unit(permission, unit_id) in actor.permissions
    return True


def require_in(actor: Actor, permission: str, unit_id: UUID | None) -> None:
    """Raise NotAllowed unless the actor holds the permission in the unit."""
    if not may_in(actor, permission, unit_id):
        raise NotAllowed(
            "Du har inte behörighet att göra det här i den här enheten. "
            "Fråga din administratör om du behöver den."
        )


def units_with(actor: Actor, permission: str) -> frozenset[UUID]:
    """Return the units where a member of staff holds the permission (for lists)."""
    return frozenset(
        unit_id for unit_id in actor.unit_ids if in_unit(permission, unit_id) in actor.permissions
    )
