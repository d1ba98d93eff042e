"""Payment orders and the files that carry them to the bank."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sambruk.platform.identity.encrypted import EncryptedJSONField
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class PaymentFile(TenantModel):
    """One `pain.001` file: its document, sum and count, and how far it has come."""

    message_id = models.CharField(max_length=35)
    document = TenantForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    total = models.DecimalField(max_digits=14, decimal_places=2)
    count = models.PositiveIntegerField()
    execution_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "message_id"], name="payment_message_once")]


class PaymentOrder(TenantModel):
    """One amount to one payee for one month, ordered by one person and approved by another."""

    class State(models.TextChoices):
        """From order to file; stopped before the file, never deleted."""

        ORDERED = "ordered", "Väntar på godkännande"
        APPROVED = "approved", "Godkänd"
        FILED = "filed", "Skickad till banken"
        STOPPED = "stopped", "Stoppad"

    case = TenantForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    decision = TenantForeignKey("cases.Decision", on_delete=models.PROTECT, related_name="+")
    payee = TenantForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    payee_name = models.CharField(max_length=140)
    account = EncryptedJSONField()
    account_fingerprint = models.CharField(max_length=64)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    month = models.DateField()
    pay_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ORDERED)
    warnings = models.JSONField(default=list)
    ordered_by_id = models.UUIDField()
    ordered_by_name = models.CharField(max_length=200)
    ordered_at = models.DateTimeField()
    approved_by_id = models.UUIDField(null=True)
    approved_by_name = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    stopped_reason = models.CharField(max_length=300, blank=True)
    file = TenantForeignKey(PaymentFile, on_delete=models.PROTECT, null=True, related_name="orders")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
            # Four eyes are held by the database, not by the page.
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True) | ~Q(approved_by_id=F("ordered_by_id")),
                name="payment_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True, approved_at__isnull=True)
                | Q(approved_by_id__isnull=False, approved_at__isnull=False),
                name="payment_approved_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "filed"]) | Q(approved_at__isnull=False),
                name="payment_sent_is_approved",
            ),
            # One order a decision, unless the earlier was stopped.
            models.UniqueConstraint(
                fields=["tenant", "decision"], condition=~Q(state="stopped"), name="payment_once_a_decision"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state", "pay_on"], name="payment_state")]
