"""Payment orders and the files that carry them to the bank."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sambruk.platform.identity.encrypted import EncryptedJSONField
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel
from sambruk.systems.financial_assistance.account_marks import fingerprints


class PaymentFile(TenantModel):
    """One `pain.001` file: its document, sum and count, and the day on which the bank pays."""

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
    """One amount to one payee for one month, ordered by one person and approved by another.

    `account` is `{"clearing", "account"}` or, without an account, `{"text"}`: how the payee is paid instead.
    `account_fingerprint` is its blind index, to tell whether it is the same as last time. `payee_name` is for
    lists, masked for a protected person. Who ordered is whose decision it follows from (or who changed the
    account, or ordered again). `proposed_by_id` and `decided_by_id` are whose decision it is and
    `account_by_id` who chose the account, where it is not the application's: they follow the payment through
    every new order. None of them may approve.
    """

    class State(models.TextChoices):
        """From order to file; stopped before the file, never deleted. OTHERWISE: paid without a file."""

        ORDERED = "ordered", "Väntar på godkännande"
        APPROVED = "approved", "Godkänd"
        FILED = "filed", "Skickad till banken"
        OTHERWISE = "otherwise", "Betalas på annat sätt"
        STOPPED = "stopped", "Stoppad"

    case = TenantForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    decision = TenantForeignKey("cases.Decision", on_delete=models.PROTECT, related_name="+")
    payee = TenantForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    payee_name = models.CharField(max_length=140)
    account = EncryptedJSONField()
    account_fingerprint = models.CharField(max_length=120, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    month = models.DateField()
    pay_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ORDERED)
    warnings = models.JSONField(default=list)
    ordered_by_id = models.UUIDField()
    ordered_by_name = models.CharField(max_length=200)
    ordered_at = models.DateTimeField()
    proposed_by_id = models.UUIDField(null=True)
    decided_by_id = models.UUIDField()
    account_by_id = models.UUIDField(null=True)
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
                condition=Q(approved_by_id__isnull=True)
                | Q(proposed_by_id__isnull=True)
                | ~Q(approved_by_id=F("proposed_by_id")),
                name="payment_proposer_not_approver",
            ),
            # Who ordered changes with every new order; who decided and who chose the account do not.
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True) | ~Q(approved_by_id=F("decided_by_id")),
                name="payment_decider_not_approver",
            ),
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True)
                | Q(account_by_id__isnull=True)
                | ~Q(approved_by_id=F("account_by_id")),
                name="payment_account_not_by_approver",
            ),
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True, approved_at__isnull=True)
                | Q(approved_by_id__isnull=False, approved_at__isnull=False),
                name="payment_approved_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "filed", "otherwise"]) | Q(approved_at__isnull=False),
                name="payment_sent_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(state="filed", file__isnull=False) | (~Q(state="filed") & Q(file__isnull=True)),
                name="payment_filed_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(state="stopped") | ~Q(stopped_reason=""), name="payment_stopped_has_reason"
            ),
            # One order a decision, unless the earlier was stopped.
            models.UniqueConstraint(
                fields=["tenant", "decision"], condition=~Q(state="stopped"), name="payment_once_a_decision"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "pay_on"], name="payment_state"),
            models.Index(fields=["tenant", "case"], name="payment_case"),
            models.Index(fields=["tenant", "payee", "month"], name="payment_payee"),
        ]

    def renew_indexes(self) -> list[str]:
        """Make the fingerprint anew with the current key (``identity.rotation``); return what was changed."""
        self.account_fingerprint = next(iter(fingerprints(self.account, self.tenant_id)), "")
        return ["account_fingerprint"]
