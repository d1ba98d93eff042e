"""Ways to log in: the principal's identity providers."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError, transaction

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, NotFound
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.actions.provider_values import ProviderValues, checked
from sambruk.platform.identity.models import IdentityProvider, Protocol, Purpose
from sambruk.platform.identity.oidc import metadata
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.saml.keys import new_key_pair


@transaction.atomic
def add_provider(
    *,
    by: Actor,
    slug: str,
    purpose: Purpose,
    protocol: Protocol = Protocol.OIDC,
    client_secret: str = "",
    active: bool = True,
    values: ProviderValues,
) -> IdentityProvider:
    """Register a provider. Permission: admin.principal.

    In ``values`` ``redirect_base`` is scheme and host (and port) of the principal's own pages, as registered
    with the provider; for the others see ``models.IdentityProvider``. With SAML a key pair is made, and who
    the provider is stands in its metadata. Raises Invalid naming the fields, Conflict for a slug that is
    taken. The log gets everything but secret and key.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    columns = checked(values, protocol=protocol, slug=slug)
    columns |= {"slug": slug, "purpose": purpose.value, "protocol": protocol.value, "active": active}
    secrets = {"client_secret": client_secret}
    if protocol == Protocol.SAML:
        key, certificate = new_key_pair(urlsplit(columns["redirect_base"]).hostname or slug)
        secrets, columns["saml_certificate"] = {"saml_key": key}, certificate
    try:
        with transaction.atomic():
            provider = IdentityProvider.objects.create(**secrets, **columns)
    except IntegrityError as error:
        raise Conflict(
            "Det finns redan en inloggning med det korta namnet.", code="provider_exists"
        ) from error
    record(event="provider.added", by=by, obj=provider, fields=columns)
    return provider


@transaction.atomic
def change_provider(*, by: Actor, provider_id: UUID, values: ProviderValues, client_secret: str = "") -> None:
    """Change a provider's record. Permission: admin.principal.

    An empty ``client_secret`` keeps the one that is there. Purpose, protocol and short name stay: sessions,
    accounts and addresses stand on them. Raises Invalid naming the fields, NotFound. The log gets what
    changed, but no secret.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    provider = _locked(provider_id)
    columns = checked(values, protocol=Protocol(provider.protocol), slug=provider.slug)
    changed = {name: value for name, value in columns.items() if getattr(provider, name) != value}
    for name, value in changed.items():
        setattr(provider, name, value)
    fields = dict(changed)
    if client_secret and provider.protocol == Protocol.OIDC:
        provider.client_secret = client_secret
        changed["client_secret"] = fields["secret_changed"] = True
    if not changed:
        return
    provider.save(update_fields=list(changed))
    record(event="provider.changed", by=by, obj=provider, fields=fields)
    metadata.forget()


@transaction.atomic
def set_provider_active(*, by: Actor, provider_id: UUID, active: bool) -> None:
    """Open or close a way to log in. Permission: admin.principal. Sessions that it began go on.

    Raises Conflict for the last one by which staff get in: nobody could open it again.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    provider = _locked(provider_id)
    if not active and provider.purpose == Purpose.STAFF:
        # Locked, all of them: two administrators who each close one would else close both.
        others = IdentityProvider.objects.select_for_update().filter(purpose=Purpose.STAFF, active=True)
        if not any(other.pk != provider.pk for other in others):
            raise Conflict(
                "Det är den enda inloggningen för medarbetare. Slå på en annan först.",
                code="last_staff_provider",
            )
    provider.active = active
    provider.save(update_fields=["active"])
    record(event="provider.opened" if active else "provider.closed", by=by, obj=provider)
    metadata.forget()


def _locked(provider_id: UUID) -> IdentityProvider:
    found = IdentityProvider.objects.select_for_update().filter(pk=provider_id).first()
    if found is None:
        raise NotFound("Inloggningen finns inte.")
    return found
