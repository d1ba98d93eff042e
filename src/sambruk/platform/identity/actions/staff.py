"""Staff, units and roles: what an administrator does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import Conflict, Invalid, NotFound
from sambruk.common.text import single_line
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.models import IdentityProvider, Membership, Purpose, StaffMember, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.queries import providers
from sambruk.platform.identity.roles import ROLES
from sambruk.platform.identity.sessions import end_all_of_staff


def _create(model: type[Any], taken: Conflict, **values: Any) -> Any:
    try:
        with transaction.atomic():
            return model.objects.create(**values)
    except IntegrityError as error:
        raise taken from error


@transaction.atomic
def add_staff(
    *,
    by: Actor,
    name: str,
    subject: str,
    email: str = "",
    phone: str = "",
    provider: IdentityProvider | None = None,
    home_id: UUID | None = None,
    home_staff_id: UUID | None = None,
) -> StaffMember:
    """Add somebody who may log in. Permission: admin.staff; roles come after (``add_membership``).

    ``subject`` is the account as the provider's mapped claim gives it. ``provider`` may be left out where
    the principal has one for staff. ``home_id`` and ``home_staff_id`` say which other principal, and which
    of its staff, it is: a grant must let in (``tenancy.StaffGrant``).
    """
    by.require(Permission.ADMIN_STAFF)
    values = {
        "name": single_line(name, 200),
        "subject": single_line(subject, 255),
        "email": single_line(email, 254),
        "phone": single_line(phone, 40),
    }
    faults = {}
    if not values["name"]:
        faults["name"] = "Skriv medarbetarens namn."
    if not values["subject"]:
        faults["subject"] = "Skriv kontot som medarbetaren loggar in med."
    if faults:
        raise Invalid(faults)
    taken = Conflict("Kontot är redan upplagt.", code="staff_exists")
    staff: StaffMember = _create(
        StaffMember,
        taken,
        provider=provider or _only_provider(),
        home_id=home_id,
        home_staff_id=home_staff_id,
        **values,
    )
    record(event="staff.added", by=by, obj=staff, fields=values)
    return staff


def _only_provider() -> IdentityProvider:
    found = providers(Purpose.STAFF)
    if len(found) != 1:
        raise Invalid({"provider": "Välj vilken inloggning medarbetaren använder."})
    return found[0]


@transaction.atomic
def set_staff_active(*, by: Actor, staff: StaffMember, active: bool) -> None:
    """Close or open an account. Permission: admin.staff. Closing ends the sessions at once."""
    by.require(Permission.ADMIN_STAFF)
    if not active and staff.pk == by.id:
        raise Conflict("Du kan inte avsluta ditt eget konto. Be en annan administratör.")
    staff.active = active
    staff.save(update_fields=["active"])
    if not active:
        end_all_of_staff(staff.pk)
    record(event="staff.opened" if active else "staff.closed", by=by, obj=staff, fields={"active": active})


@transaction.atomic
def add_membership(
    *,
    by: Actor,
    staff: StaffMember,
    unit: Unit,
    role: str,
    valid_from: date,
    valid_to: date | None = None,
) -> Membership:
    """Give a role in a unit from a day to a day, both included. Permission: admin.staff.

    Nobody gives a role to herself. Raises Conflict if the same role in the unit overlaps.
    """
    by.require(Permission.ADMIN_STAFF)
    if by.is_staff and staff.pk == by.id:
        raise Conflict("Du kan inte ge dig själv en roll. Be en annan administratör.", code="own_role")
    if role not in ROLES:
        raise Invalid({"role": "Välj en roll i listan."})
    if valid_to is not None and valid_to < valid_from:
        raise Invalid({"valid_to": "Slutdatumet ligger före startdatumet."})
    taken = Conflict("Medarbetaren har redan den rollen i enheten under de dagarna.", code="role_overlaps")
    membership: Membership = _create(
        Membership, taken, staff=staff, unit=unit, role=role, valid_from=valid_from, valid_to=valid_to
    )
    record(
        event="membership.added",
        by=by,
        obj=membership,
        fields={
            "staff": str(staff.pk),
            "unit": str(unit.pk),
            "role": role,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat() if valid_to else None,
        },
    )
    return membership


@transaction.atomic
def end_membership(*, by: Actor, membership_id: UUID, last_day: date | None = None) -> None:
    """End a role after ``last_day`` (default: it ends now). Permission: admin.staff.

    A role that has not begun by then is removed. Takes effect at the next request.
    """
    by.require(Permission.ADMIN_STAFF)
    membership = Membership.objects.select_for_update().filter(pk=membership_id).first()
    if membership is None:
        raise NotFound("Rollen finns inte längre.")
    # Without a day it must not be held another minute: yesterday was the last whole day.
    last = last_day or today() - timedelta(days=1)
    if membership.valid_to is not None and membership.valid_to <= last:
        raise Conflict("Rollen är redan avslutad.")
    fields = {"role": membership.role, "unit": str(membership.unit_id), "last_day": last.isoformat()}
    record(event="membership.ended", by=by, obj=membership, fields=fields)
    if last < membership.valid_from:
        membership.delete()
    else:
        membership.valid_to = last
        membership.save(update_fields=["valid_to"])
