"""Units: added, renamed, moved under another, closed."""

from __future__ import annotations

import re
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid, NotFound
from sambruk.common.text import single_line
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.events import UnitClosing
from sambruk.platform.identity.models import Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.models import Authority

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_MAX = 60


@transaction.atomic
def add_unit(
    *,
    by: Actor,
    name: str,
    slug: str,
    authority: Authority,
    email: str = "",
    phone: str = "",
    parent: Unit | None = None,
) -> Unit:
    """Add a unit to an authority. Permission: admin.staff. ``slug`` is how services name it, for ever.

    Raises Invalid by field, Conflict for a slug that is taken.
    """
    by.require(Permission.ADMIN_STAFF)
    values = _values(name, email, phone)
    faults = _faults(values)
    if len(slug) > _SLUG_MAX or not _SLUG.fullmatch(slug):
        faults["slug"] = _("Skriv ett kort namn med små bokstäver a-z, siffror och bindestreck.")
    if parent is not None and parent.authority_id != authority.pk:
        faults["parent"] = _("Välj en överordnad enhet i samma nämnd.")
    if faults:
        raise Invalid(faults)
    try:
        with transaction.atomic():
            unit = Unit.objects.create(slug=slug, authority=authority, parent=parent, **values)
    except IntegrityError as error:
        raise Conflict(_("Det finns redan en enhet med det korta namnet."), code="unit_exists") from error
    told = {**values, "slug": slug, "parent": str(parent.pk) if parent else None}
    record(event="unit.added", by=by, obj=unit, fields=told)
    return unit


@transaction.atomic
def change_unit(
    *, by: Actor, unit_id: UUID, name: str, email: str = "", phone: str = "", parent_id: UUID | None = None
) -> Unit:
    """Rename a unit, or change how it is reached and what it stands under. Permission: admin.staff.

    Raises Invalid by field (a unit cannot stand under itself, nor in another authority), NotFound.
    """
    by.require(Permission.ADMIN_STAFF)
    # All are locked, in one order: two moves at once could else put two units under each other.
    units = {unit.pk: unit for unit in Unit.objects.select_for_update(of=("self",)).order_by("pk")}
    unit = units.get(unit_id)
    if unit is None:
        raise NotFound(_("Enheten finns inte."))
    values = _values(name, email, phone)
    faults = _faults(values)
    if parent_id is not None and not _may_stand_under(unit, parent_id, units):
        faults["parent"] = _("Välj en annan enhet i samma nämnd, som inte själv ligger under den här.")
    if faults:
        raise Invalid(faults)
    new = {**values, "parent_id": parent_id}
    changed = {field: value for field, value in new.items() if getattr(unit, field) != value}
    if changed:
        for field, value in changed.items():
            setattr(unit, field, value)
        unit.save(update_fields=[field.removesuffix("_id") for field in changed])
        told = {field: str(value) if isinstance(value, UUID) else value for field, value in changed.items()}
        record(event="unit.changed", by=by, obj=unit, fields=told)
    return unit


def _may_stand_under(unit: Unit, parent_id: UUID, units: dict[UUID, Unit]) -> bool:
    above: UUID | None = parent_id
    while above is not None:
        if above == unit.pk or above not in units or units[above].authority_id != unit.authority_id:
            return False
        above = units[above].parent_id
    return True


def _values(name: str, email: str, phone: str) -> dict[str, str]:
    return {"name": single_line(name, 200), "email": single_line(email, 254), "phone": single_line(phone, 40)}


def _faults(values: dict[str, str]) -> dict[str, str]:
    faults = {}
    if not values["name"]:
        faults["name"] = _("Skriv enhetens namn.")
    if values["email"]:
        try:
            validate_email(values["email"])
        except ValidationError:
            faults["email"] = _("Skriv e-postadressen som namn@exempel.se.")
    return faults


@transaction.atomic
def set_unit_active(*, by: Actor, unit_id: UUID, active: bool) -> Unit:
    """Close a unit, or open it again. Permission: admin.staff.

    Closing asks those who have something in the unit (``UnitClosing``): open cases, services that lead there.
    Roles stay, since closed cases have to be readable. Raises Conflict that says what must be moved first.
    """
    by.require(Permission.ADMIN_STAFF)
    unit = Unit.objects.select_for_update(of=("self",)).filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(_("Enheten finns inte."))
    if unit.active == active:
        return unit
    if not active:
        if Unit.objects.filter(parent_id=unit.pk, active=True).exists():
            raise Conflict(_("Det finns enheter under den här. Flytta eller stäng dem först."), "unit_used")
        events.publish(UnitClosing(unit.pk))
    unit.active = active
    unit.save(update_fields=["active"])
    record(event="unit.opened" if active else "unit.closed", by=by, obj=unit, fields={"active": active})
    return unit
