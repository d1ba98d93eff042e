"""What another system has filed through the API: a report that was sent, or answers prepared for a person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sambruk.platform.identity.encrypted import EncryptedJSONField
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Filing(TenantModel):
    """One filing. The client's ``key`` makes it one, however often it is sent.

    A report names its draft (which is also the application's `submission_key`). Prepared answers wait,
    encrypted, for the person whose number has this blind index; they are handed over once, when that person
    begins.
    """

    client = TenantForeignKey("identity.ApiClient", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    service_id = models.CharField(max_length=80)
    draft_id = models.UUIDField(null=True)
    number_index = models.CharField(max_length=100, blank=True)
    answers = EncryptedJSONField(default=dict)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Two requests at once with one key: the second waits here for the first.
            models.UniqueConstraint(fields=["tenant", "client", "key"], name="filing_once"),
            models.CheckConstraint(
                condition=(Q(draft_id__isnull=False, number_index=""))
                | (Q(draft_id__isnull=True) & ~Q(number_index="")),
                name="filing_report_or_prepared",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "number_index"],
                condition=Q(taken_at__isnull=True) & ~Q(number_index=""),
                name="filing_waiting",
            ),
            models.Index(fields=["tenant", "draft_id"], name="filing_report"),
            models.Index(fields=["tenant", "expires_at"], name="filing_expires"),
        ]
