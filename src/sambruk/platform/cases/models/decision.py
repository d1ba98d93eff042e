"""What was decided, by whom, on what ground."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Decision(TenantModel):
    """A decision: proposed by one, made by one (another person where the service says so).

    `kind` is the definition's decision id. Förvaltningslagen (2017:900) 31 §: date, content, who decided,
    who took part. `delivered_at` is when a party first read it, `appeal_until` the last day on which any of
    those who have read it may appeal (`DecisionReceipt` has each one's).
    """

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=60)
    outcome = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    period = models.DateField(null=True)
    motivation = models.TextField(max_length=20000, blank=True)
    phrases = models.JSONField(default=list)
    legal_basis = models.JSONField(default=list)
    basis = models.JSONField(
        default=dict, help_text="What it rests on, such as the calculation's id and version."
    )
    proposed_by = TenantForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True)
    decided_by = TenantForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_by_title = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    letter = TenantForeignKey("documents.Document", on_delete=models.PROTECT, null=True, related_name="+")
    delivered_at = models.DateTimeField(null=True)
    appeal_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="decision_who_and_when",
            )
        ]
        indexes = [models.Index(fields=["tenant", "case", "decided_at"], name="decision_case")]


class DecisionReceipt(TenantModel):
    """That one person got a decision (delfående), and until when that person may appeal.

    Förvaltningslagen (2017:900) 44 § counts from when the one who appeals got the decision: each for itself.
    """

    decision = TenantForeignKey(Decision, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    person = TenantForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    appeal_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "decision", "person"], name="decision_received_once")
        ]
