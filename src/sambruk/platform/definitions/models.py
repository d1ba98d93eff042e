"""Published versions of services (shared, never changed), and what each principal has made of them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sambruk.common.ids import uuid7
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel

#: Even the owner cannot change or remove a published version: cases and adoptions are named by its hash.
IMMUTABLE_SQL = """
CREATE FUNCTION definitions_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed: publish a new version', TG_TABLE_NAME USING ERRCODE = 'SB002';
END $$;
CREATE TRIGGER serviceversion_immutable BEFORE UPDATE OR DELETE ON definitions_serviceversion
    FOR EACH ROW EXECUTE FUNCTION definitions_immutable();
CREATE TRIGGER effectivedefinition_immutable BEFORE UPDATE OR DELETE ON definitions_effectivedefinition
    FOR EACH ROW EXECUTE FUNCTION definitions_immutable();
"""
IMMUTABLE_REVERSE_SQL = """
DROP TRIGGER effectivedefinition_immutable ON definitions_effectivedefinition;
DROP TRIGGER serviceversion_immutable ON definitions_serviceversion;
DROP FUNCTION definitions_immutable();
"""


class ServiceVersion(models.Model):
    """One version of a service as its owner published it. Shared by all principals.

    `definition` is service.yaml as JSON text, nothing filled in, in its author's order; `files` every file
    of the folder by name (service.yaml too, with its comments), so that an export gives back what was
    published byte for byte.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service = models.CharField(max_length=80)
    version = models.CharField(max_length=30)
    content_hash = models.CharField(max_length=64, unique=True)
    definition = models.TextField()
    files = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now, editable=False)
    published_by = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "version"], name="service_version_once")]

    class TenantMeta:
        """Published by the application, never changed: the trigger holds that for the owner as well."""

        privileges = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return f"{self.service} {self.version}"


class Adoption(TenantModel):
    """A principal offers a service: which version, its own parameters, and which units do the work.

    `units` maps "default", a role or a task's id to a unit's id. `overlay` is the place of local differences.
    """

    class Status(models.TextChoices):
        """Offered to residents, or kept for cases that already run."""

        OFFERED = "offered", _("Öppen")
        PAUSED = "paused", _("Stängd för nya ansökningar")

    service_id = models.CharField(max_length=80)
    version = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField(default=dict)
    units = models.JSONField(default=dict)
    overlay = models.JSONField(default=dict)
    effective_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OFFERED)
    adopted_at = models.DateTimeField(default=timezone.now, editable=False)
    adopted_by = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "service_id"], name="adoption_once")]

    def __str__(self) -> str:
        return self.service_id


class EffectiveDefinition(TenantModel):
    """What counts for a case: version, local differences and parameters as one, named by its hash."""

    hash = models.CharField(max_length=64)
    service_id = models.CharField(max_length=80)
    version = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT, related_name="+")
    adoption = TenantForeignKey(Adoption, on_delete=models.PROTECT, related_name="effective")
    canonical = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "hash"], name="effective_once")]

    class TenantMeta:
        append_only = True

    def __str__(self) -> str:
        return self.hash[:12]
