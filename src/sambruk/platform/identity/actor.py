"""From a session to the actor that every action takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import today
from sambruk.platform.identity.models import Person, Session, StaffMember
from sambruk.platform.identity.permissions import in_unit
from sambruk.platform.identity.protection import opened
from sambruk.platform.identity.roles import permissions_of
from sambruk.platform.tenancy.models import StaffGrant

Role = dict[str, Any]  # {"role", "unit", "authority"}: ids as text, from one JSON aggregate


def resident_actor(person: Person, *, assurance: int) -> Actor:
    """Return a person acting for herself."""
    return Actor(
        kind=ActorKind.RESIDENT,
        id=person.pk,
        name=person.full_name,
        tenant_id=person.tenant_id,
        assurance=assurance,
    )


def actor_of(session: Session, roles: Iterable[Role]) -> Actor:
    """Return the actor of a session that holds; ``roles`` are the staff's memberships of today."""
    if session.person is not None:
        return _represented(session, session.person)
    assert session.staff is not None  # noqa: S101 - by constraint session_is_one_account
    return _staff(session, session.staff, list(roles))


def _represented(session: Session, person: Person) -> Actor:
    """A resident, on behalf of another only while the mandate still holds."""
    mandate = session.mandate
    acting = mandate if mandate and mandate.holder_id == person.pk and mandate.holds_on(today()) else None
    return Actor(
        kind=ActorKind.RESIDENT,
        id=person.pk,
        name=person.full_name,
        tenant_id=session.tenant_id,
        assurance=session.assurance,
        on_behalf_of=acting.represented_id if acting else None,
        mandate_id=acting.pk if acting else None,
        services=acting.services if acting else None,
    )


def _staff(session: Session, staff: StaffMember, roles: list[Role]) -> Actor:
    roles = _granted(staff, roles)
    permissions = set(permissions_of([role["role"] for role in roles]))
    for role in roles:
        unit_id = UUID(role["unit"])
        permissions |= {in_unit(permission, unit_id) for permission in permissions_of([role["role"]])}
    permissions |= {opened(UUID(person_id)) for person_id in session.data.get("opened", ())}
    return Actor(
        kind=ActorKind.STAFF,
        id=staff.pk,
        name=staff.name,
        tenant_id=session.tenant_id,
        permissions=frozenset(permissions),
        unit_ids=frozenset(UUID(role["unit"]) for role in roles),
        authority_ids=frozenset(UUID(role["authority"]) for role in roles),
        assurance=session.assurance,
        on_behalf_of=session.filling_in_for_id,
        channel=session.channel if session.filling_in_for_id else "web",
    )


def _granted(staff: StaffMember, roles: list[Role]) -> list[Role]:
    """Keep of a guest's roles what a grant of this principal lets in today; staff of our own keep all."""
    if staff.home_id is None or staff.home_staff_id is None:
        return roles
    day = today()
    grants = [
        grant
        for grant in StaffGrant.objects.filter(home_id=staff.home_id, staff_id=staff.home_staff_id)
        if grant.holds_on(day)
    ]
    return [
        role
        for role in roles
        if any(
            role["role"] in grant.roles
            and (grant.authority_id is None or str(grant.authority_id) == role["authority"])
            for grant in grants
        )
    ]
