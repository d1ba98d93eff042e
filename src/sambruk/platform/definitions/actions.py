"""Changes: publish a version, adopt it, close and open it for new applications."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, NotFound
from sambruk.platform.audit import actions as audit
from sambruk.platform.definitions import adoption as adoptions
from sambruk.platform.definitions import catalogue, effective
from sambruk.platform.definitions import parameters as values_of
from sambruk.platform.definitions.check import require_publishable
from sambruk.platform.definitions.load import LoadedService, load_folder
from sambruk.platform.definitions.models import Adoption, EffectiveDefinition, ServiceVersion
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import has_tenant


def publish(*, folder: Path, by: Actor) -> ServiceVersion:
    """Publish the service in a folder, after lint and its own examples; the same content twice is once.

    Raises DefinitionError with findings, Conflict when the version is published with other content (a
    version is never changed), NotAllowed.
    """
    by.require(Permission.ADMIN_SERVICES)
    loaded = load_folder(folder)
    require_publishable(loaded)
    return publish_loaded(loaded=loaded, by=by)


@transaction.atomic
def publish_loaded(*, loaded: LoadedService, by: Actor) -> ServiceVersion:
    """Publish a service that has been checked (`check.require_publishable`). Raises as `publish`."""
    by.require(Permission.ADMIN_SERVICES)
    service = loaded.service
    existing = ServiceVersion.objects.filter(service=service.service, version=service.version).first()
    if existing is not None:
        if existing.content_hash == loaded.content_hash:
            return existing
        raise Conflict(
            f"Version {service.version} är redan publicerad med annat innehåll. Höj versionsnumret.",
            "version_taken",
        )
    version = ServiceVersion.objects.create(
        service=service.service,
        version=service.version,
        content_hash=loaded.content_hash,
        definition=json.dumps(loaded.definition, ensure_ascii=False),
        files={name: content.decode("utf-8") for name, content in loaded.files.items()},
        published_by=by.name or str(by.kind),
    )
    # The version's own row says who and when, for ever; a principal's log exists only inside a tenant.
    if has_tenant():
        audit.record(
            event="service.published",
            by=by,
            obj=version,
            fields={"service": service.service, "version": service.version, "hash": loaded.content_hash},
        )
    return version


@transaction.atomic
def adopt(
    *,
    service: str,
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    units: Mapping[str, UUID],
    by: Actor,
) -> Adoption:
    """Offer a published service (the newest version where none is named), or change how it is offered.

    Running cases stay on what they began with. Raises NotFound, Invalid by parameter or unit, NotAllowed.
    """
    by.require(Permission.ADMIN_SERVICES)
    published = catalogue.get(service, version)
    loaded = effective.load_version(published)
    values = values_of.complete(loaded.service, parameters or {})
    assigned = adoptions.check_units(loaded.service, units)
    canonical = effective.canonical_effective(loaded, values, assigned)
    name = effective.effective_hash(canonical)
    row, _ = Adoption.objects.update_or_create(
        service_id=service,
        defaults={
            "version": published,
            "parameters": dict(parameters or {}),
            "units": {key: str(value) for key, value in assigned.items()},
            "effective_hash": name,
            "status": Adoption.Status.OFFERED,
            "adopted_by": by.name or str(by.kind),
        },
    )
    if not EffectiveDefinition.objects.filter(hash=name).exists():
        EffectiveDefinition.objects.create(
            hash=name, service_id=service, version=published, adoption=row, canonical=canonical
        )
    # Compiled here rather than at the first resident's page.
    ready = effective.by_hash(name)
    ready.conditions  # noqa: B018
    ready.process  # noqa: B018
    audit.record(
        event="service.adopted",
        by=by,
        obj=row,
        fields={"service": service, "version": published.version, "effective_hash": name},
    )
    return row


@transaction.atomic
def set_offered(*, service: str, offered: bool, by: Actor) -> Adoption:
    """Close a service for new applications, or open it again. Cases that run are not touched."""
    by.require(Permission.ADMIN_SERVICES)
    row = Adoption.objects.select_for_update().filter(service_id=service).first()
    if row is None:
        raise NotFound("Kommunen har inte den här e-tjänsten.", "no_service")
    row.status = Adoption.Status.OFFERED if offered else Adoption.Status.PAUSED
    row.save(update_fields=["status"])
    audit.record(
        event="service.opened" if offered else "service.paused", by=by, obj=row, fields={"service": service}
    )
    return row
