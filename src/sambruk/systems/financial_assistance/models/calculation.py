"""The calculation (normberäkning): one working copy a case, and immutable versions."""

from __future__ import annotations

from django.db import models

from sambruk.platform.identity.encrypted import EncryptedJSONField
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class WorkingCalculation(TenantModel):
    """What the caseworker works on: the household and its rows as input to the calculation.

    `household` follows `calculation.household.Household`'s JSON. Each row keeps its origin (applicant,
    system, caseworker) and is struck, never deleted, so that a refresh does not bring back what was removed.
    `remarks` are sentences on what the application says that is no row. `locked_version` is the approved
    version while it holds; None while it is worked on.
    """

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    household = EncryptedJSONField()
    remarks = EncryptedJSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=200, blank=True)
    locked_version = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "case"], name="one_working_calculation")]


class CalculationVersion(TenantModel):
    """A calculation as it was approved: input, every row with its explanation, and the rules' version."""

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    month = models.DateField()
    household = EncryptedJSONField()
    result = EncryptedJSONField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    rules_version = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    approved_by = TenantForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class TenantMeta:
        # Never changed but by a new key, removed only with its case: triggers hold it
        # (``identity.rotation_sql``, ``cases.disposal.sql``).
        privileges = ("SELECT", "INSERT", "UPDATE", "DELETE")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "case", "version"], name="calculation_version_once")
        ]
