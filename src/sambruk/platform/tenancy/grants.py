"""Which staff of another principal may enter: a contact centre or an archive that several share."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sambruk.platform.tenancy.base import TenantModel


class StaffGrant(TenantModel):
    """Lets one member of staff of ``home`` enter this tenant, from a day to a day (both included).

    A tenant table of the principal that is entered: whose data it is decides, sees and logs it. The
    home principal sees only which principals are open to its staff, by ``open_to``.
    ``roles`` are role names of identity; ``authority`` narrows to one nämnd.
    """

    home = models.ForeignKey("tenancy.Principal", on_delete=models.PROTECT, related_name="+")
    staff_id = models.UUIDField()
    roles = models.JSONField(default=list)
    authority_id = models.UUIDField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    agreement = models.CharField(max_length=200, blank=True)
    granted_by = models.UUIDField(null=True, blank=True)
    granted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        app_label = "tenancy"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="staff_grant_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "home", "staff_id"], name="staff_grant_by_staff")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.valid_from}"

    def holds_on(self, day: date) -> bool:
        """Say whether the grant holds on the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
