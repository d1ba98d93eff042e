"""Changes of the current principal and of who may enter it.

Tenancy stands below the log: each change tells it by an event, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid, NotFound
from sambruk.common.text import single_line
from sambruk.platform.tenancy import hosts
from sambruk.platform.tenancy.context import current_principal, current_tenant_id
from sambruk.platform.tenancy.events import PrincipalChanged
from sambruk.platform.tenancy.grants import StaffGrant
from sambruk.platform.tenancy.models import Authority, AuthorityKind, Principal
from sambruk.platform.tenancy.permissions import TenancyPermission

#: What an administrator may change; code, name and host names are the operator's.
CHANGEABLE = frozenset(
    {"short_name", "colour", "logo_svg", "contact_name", "email", "phone", "website"}
    | {"street", "postal_code", "city", "settings"}
)


@transaction.atomic
def change_principal(*, by: Actor, changes: Mapping[str, Any]) -> Principal:
    """Change the current principal's own data and return it. Raises NotAllowed, Invalid (by field)."""
    by.require(TenancyPermission.CHANGE_PRINCIPAL)
    if unknown := set(changes) - CHANGEABLE:
        raise Invalid({name: _("Det här kan bara driften ändra.") for name in sorted(unknown)})
    principal = Principal.objects.select_for_update().get(pk=current_tenant_id())
    before = {name: getattr(principal, name) for name in changes}
    for name, value in changes.items():
        setattr(principal, name, value)
    try:
        principal.clean_fields(exclude={field.name for field in Principal._meta.fields} - set(changes))
    except ValidationError as error:
        raise Invalid({name: " ".join(texts) for name, texts in error.message_dict.items()}) from error
    changed = {name: value for name, value in changes.items() if before[name] != value}
    if changed:
        principal.save(update_fields=sorted(changed))
        events.publish(PrincipalChanged(principal.pk, by, "principal.changed", changed))
        transaction.on_commit(hosts.forget)
    return principal


@transaction.atomic
def add_authority(*, by: Actor, name: str, kind: str = AuthorityKind.OTHER) -> Authority:
    """Add an authority (nämnd) to the current principal and return it.

    ``kind`` is one of ``AuthorityKind``: secrecy stands between authorities (OSL 8 kap. 2 §). Raises
    NotAllowed; Invalid by field; Conflict for a name that is taken.
    """
    by.require(TenancyPermission.CHANGE_PRINCIPAL)
    authority = Authority(name=single_line(name, 200), kind=kind)
    faults: dict[str, str] = {}
    if not authority.name:
        faults["name"] = _("Skriv nämndens namn.")
    if kind not in AuthorityKind.values:
        faults["kind"] = _("Välj ett av: %(kinds)s.") % {"kinds": ", ".join(AuthorityKind.values)}
    if faults:
        raise Invalid(faults)
    try:
        with transaction.atomic():
            authority.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("Det finns redan en nämnd med det namnet."), code="authority_exists") from error
    told = {"authority": authority.pk, "name": authority.name, "kind": kind}
    events.publish(PrincipalChanged(current_principal().pk, by, "authority.added", told))
    return authority


@transaction.atomic
def grant_entry(
    *,
    by: Actor,
    home: Principal,
    staff_id: UUID,
    roles: Iterable[str],
    valid_from: date,
    valid_to: date | None = None,
    authority_id: UUID | None = None,
    agreement: str = "",
) -> StaffGrant:
    """Let one member of another principal's staff enter the current one, from a day to a day, both included.

    ``roles`` are identity's role names, ``agreement`` what it rests on (a number, a decision). Raises
    NotAllowed; Invalid for one's own staff, no role, or an end before the start.
    """
    by.require(TenancyPermission.GRANT_ENTRY)
    names = sorted(set(roles))
    faults: dict[str, str] = {}
    if home.pk == current_tenant_id():
        faults["home"] = _("Egen personal behöver inget tillträde. Ge rollen i enheten i stället.")
    if not names:
        faults["roles"] = _("Välj minst en roll.")
    if valid_to is not None and valid_to < valid_from:
        faults["valid_to"] = _("Sista dagen är före den första. Skriv en senare dag.")
    if faults:
        raise Invalid(faults)
    grant = StaffGrant.objects.create(
        home=home,
        staff_id=staff_id,
        roles=names,
        valid_from=valid_from,
        valid_to=valid_to,
        authority_id=authority_id,
        agreement=agreement,
        granted_by=by.id,
    )
    told = {"grant": grant.pk, "home": home.pk, "staff": staff_id, "roles": names, "valid_from": valid_from}
    told["valid_to"] = valid_to
    events.publish(PrincipalChanged(current_principal().pk, by, "entry.granted", told))
    return grant


@transaction.atomic
def end_entry(*, by: Actor, grant_id: UUID, last_day: date) -> StaffGrant:
    """Let a grant end after ``last_day``. Raises NotAllowed, NotFound, Invalid."""
    by.require(TenancyPermission.GRANT_ENTRY)
    grant = StaffGrant.objects.select_for_update().filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("Tillträdet finns inte."))
    if grant.valid_to is not None and grant.valid_to <= last_day:
        return grant
    if last_day < grant.valid_from:
        raise Invalid({"last_day": _("Sista dagen är före den första. Skriv en senare dag.")})
    grant.valid_to = last_day
    grant.save(update_fields=["valid_to"])
    told = {"grant": grant.pk, "valid_to": last_day}
    events.publish(PrincipalChanged(current_principal().pk, by, "entry.ended", told))
    return grant
