"""API clients and their tokens: OAuth 2.0 client credentials (RFC 6749 section 4.4)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Invalid, NotAllowed, NotFound
from sambruk.common.ids import uuid7
from sambruk.common.text import single_line
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.models import ApiClient, ApiClientUnit, ApiToken, Unit
from sambruk.platform.identity.permissions import FOR_CLIENTS, Permission
from sambruk.platform.identity.sessions import digest, new_secret

TOKEN_LIFE = timedelta(minutes=15)


class ClientRefused(NotAllowed):
    """Unknown client, wrong secret, or closed. HTTP 401."""

    code = "invalid_client"


class ScopeRefused(Invalid):
    """A scope that the client does not have. HTTP 400."""

    code = "invalid_scope"


@transaction.atomic
def create_api_client(
    *, by: Actor, name: str, scopes: Sequence[str], units: Sequence[Unit]
) -> tuple[ApiClient, str]:
    """Make a client; return it and its secret, which is shown once and is not stored.

    Permission: admin.principal. Raises Invalid for a scope that does not exist or is not for clients.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    title = single_line(name, 200)
    if not title:
        raise Invalid({"name": "Skriv vilket system det är."})
    wrong = [scope for scope in scopes if scope not in FOR_CLIENTS]
    if wrong or not scopes:
        raise Invalid({"scopes": "Välj minst en rättighet, bland dem som ett system kan få."})
    secret = new_secret()
    client = ApiClient.objects.create(
        client_id=f"client-{uuid7().hex[-20:]}",
        name=title,
        secret_hash=digest(secret),
        scopes=sorted({str(scope) for scope in scopes}),
    )
    ApiClientUnit.objects.bulk_create(ApiClientUnit(client=client, unit=unit) for unit in units)
    fields = {"name": title, "scopes": client.scopes, "units": [str(unit.pk) for unit in units]}
    record(event="api_client.created", by=by, obj=client, fields=fields)
    return client, secret


@transaction.atomic
def rotate_api_client(*, by: Actor, client_id: UUID) -> tuple[ApiClient, str]:
    """Give a client a new secret, which is shown once; the old one and its tokens end at once.

    Permission: admin.principal. Raises NotFound.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    client = _locked(client_id)
    secret = new_secret()
    client.secret_hash = digest(secret)
    client.save(update_fields=["secret_hash"])
    ApiToken.objects.filter(client=client).delete()
    record(event="api_client.rotated", by=by, obj=client)
    return client, secret


def _locked(client_id: UUID) -> ApiClient:
    found = ApiClient.objects.select_for_update().filter(pk=client_id).first()
    if found is None:
        raise NotFound("Systemet finns inte.")
    return found


def scopes_for_clients() -> list[str]:
    """Return what a client may be given, in order."""
    return [str(permission) for permission in Permission if permission in FOR_CLIENTS]


@transaction.atomic
def set_api_client_active(*, by: Actor, client_id: UUID, active: bool) -> None:
    """Close or open a client. Permission: admin.principal. Closing ends its tokens at once."""
    by.require(Permission.ADMIN_PRINCIPAL)
    client = _locked(client_id)
    client.active = active
    client.save(update_fields=["active"])
    if not active:
        ApiToken.objects.filter(client=client).delete()
    record(event="api_client.opened" if active else "api_client.closed", by=by, obj=client)


@transaction.atomic
def issue_token(*, client_id: str, secret: str, scope: str = "") -> tuple[ApiToken, str]:
    """Issue an access token for the asked scopes (space-separated; empty means all that the client has).

    Raises ClientRefused and ScopeRefused. The client is the actor of the audit row.
    """
    client = ApiClient.objects.filter(client_id=client_id).first()
    # Compared also where there is no such client, so that the time does not tell which ids exist.
    expected = client.secret_hash if client else digest(new_secret())
    right = hmac.compare_digest(expected, digest(secret))
    if client is None or not right or not client.active:
        raise ClientRefused("Systemet kunde inte godkännas. Kontrollera client_id och client_secret.")
    asked = sorted(set(scope.split())) or list(client.scopes)
    if not set(asked) <= set(client.scopes):
        raise ScopeRefused("Systemet har inte den rättighet som det frågade efter.")
    token = new_secret()
    issued = now()
    row = ApiToken.objects.create(
        client=client,
        token_hash=digest(token),
        scopes=asked,
        created_at=issued,
        expires_at=issued + TOKEN_LIFE,
    )
    ApiClient.objects.filter(pk=client.pk).update(last_used_at=issued)
    from sambruk.platform.identity.api_auth import client_actor

    record(event="api_token.issued", by=client_actor(client, asked, frozenset()), obj=row)
    return row, token
