"""Who calls the API: a bearer token (RFC 6750) in, an actor out."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpRequest

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import now
from sambruk.platform.identity.models import ApiClient, ApiClientUnit, ApiToken
from sambruk.platform.identity.permissions import FOR_CLIENTS
from sambruk.platform.identity.sessions import digest


def client_actor(client: ApiClient, scopes: Iterable[str], unit_ids: frozenset[UUID]) -> Actor:
    """Return the actor of an API client with some of its scopes."""
    return Actor(
        kind=ActorKind.API,
        id=client.pk,
        name=client.name,
        tenant_id=client.tenant_id,
        permissions=frozenset(scopes),
        unit_ids=unit_ids,
        channel="api",
    )


def authenticate(request: HttpRequest) -> Actor | None:
    """Return the actor of the request's bearer token, by one query; None if it has none that holds.

    Row-level security sees only this principal's tokens. The token is read from the header alone: in an
    address it would stand in logs.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 20 <= len(token) <= 200:
        return None
    units = ApiClientUnit.objects.filter(client_id=OuterRef("client_id")).values("unit_id")
    row = (
        ApiToken.objects.select_related("client")
        .filter(token_hash=digest(token), expires_at__gt=now(), client__active=True)
        .annotate(units=ArraySubquery(units))
        .first()
    )
    if row is None:
        return None
    # A scope that was taken from the client since is taken from its tokens too, and so is what no client may
    # hold, however it came into the table.
    scopes = set(row.scopes) & set(row.client.scopes) & set(map(str, FOR_CLIENTS))
    return client_actor(row.client, scopes, frozenset(getattr(row, "units", ())))
