"""Who does something: the one value that every action and query takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sambruk.common.errors import NotAllowed


class ActorKind(StrEnum):
    """What sort of actor it is."""

    RESIDENT = "resident"
    STAFF = "staff"
    SYSTEM = "system"
    API = "api"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or a part of the system, acting in one tenant.

    ``id`` is the person's, the staff member's or the API client's id; None for anonymous and system.
    ``permissions`` are values of the permission enums. ``unit_ids`` and ``authority_ids`` are where a
    member of staff works. ``assurance`` is the level of the login (0 none, 2-4 as in Sweden's
    Tillitsramverk). ``on_behalf_of`` is the person represented, by ``mandate_id``, in those
    ``services`` (ids; None: in all). ``channel`` is how it came: web, telephone, visit, paper, api, job.
    """

    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    tenant_id: UUID | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    unit_ids: frozenset[UUID] = field(default_factory=frozenset)
    authority_ids: frozenset[UUID] = field(default_factory=frozenset)
    assurance: int = 0
    on_behalf_of: UUID | None = None
    mandate_id: UUID | None = None
    services: frozenset[str] | None = None
    channel: str = "web"

    def may(self, permission: str) -> bool:
        """Say whether the actor holds the permission. The system itself holds only what it was given."""
        return str(permission) in self.permissions

    def require(self, permission: str) -> None:
        """Raise NotAllowed, with a Swedish sentence, unless the actor holds the permission."""
        if not self.may(permission):
            raise NotAllowed(
                "Du har inte behörighet att göra det här. Fråga din administratör om du behöver den."
            )

    def covers(self, service_id: str) -> bool:
        """Say whether what the actor acts by (a mandate, where there is one) has the service."""
        return self.services is None or service_id in self.services

    @property
    def is_staff(self) -> bool:
        """True for a member of staff."""
        return self.kind is ActorKind.STAFF

    @property
    def is_resident(self) -> bool:
        """True for a logged-in resident."""
        return self.kind is ActorKind.RESIDENT

    @property
    def is_system(self) -> bool:
        """True for a job or command of the platform's own."""
        return self.kind is ActorKind.SYSTEM


def system_actor(
    tenant_id: UUID | None, name: str, permissions: frozenset[str] = frozenset(), *, channel: str = "job"
) -> Actor:
    """Return the actor of a job or command: ``name`` says which, and stands in the audit trail."""
    return Actor(
        kind=ActorKind.SYSTEM, name=name, tenant_id=tenant_id, permissions=permissions, channel=channel
    )


def anonymous_actor(tenant_id: UUID | None, *, channel: str = "web") -> Actor:
    """Return somebody who has not logged in."""
    return Actor(kind=ActorKind.ANONYMOUS, tenant_id=tenant_id, channel=channel)
