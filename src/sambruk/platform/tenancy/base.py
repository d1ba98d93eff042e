"""What every tenant table is made of. The keys, policies and grants are written by ``backend``."""

from __future__ import annotations

from django.db import models

from sambruk.common.ids import uuid7
from sambruk.platform.tenancy.context import NoTenant
from sambruk.platform.tenancy.fields import (
    TenantField,
    TenantForeignKey,
    TenantOneToOneField,
    is_tenant_model,
    tenant_field,
)

__all__ = [
    "NoTenant",
    "TenantField",
    "TenantForeignKey",
    "TenantModel",
    "TenantOneToOneField",
    "is_tenant_model",
    "tenant_field",
]


class TenantModel(models.Model):
    """Base of every table that belongs to a principal.

    Django's key is ``id`` (UUID version 7); the database's is ``(tenant_id, id)``. An inner class
    ``TenantMeta`` may narrow what the application's role may do: ``append_only = True`` (no UPDATE, no
    DELETE), or ``privileges = ("SELECT", "INSERT", "DELETE")``. Upserts name both key columns:
    ``unique_fields=["tenant_id", "id"]``.
    """

    tenant = TenantField()
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True
