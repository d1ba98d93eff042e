"""What the API remembers: answers to be replayed, subscriptions, and what they are to be told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sambruk.common.clock import now
from sambruk.platform.identity.encrypted import EncryptedTextField
from sambruk.platform.identity.models import ApiClient
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class IdempotencyRecord(TenantModel):
    """The answer to a client's request with a key. ``status`` is null only inside the request's transaction.

    The answer may tell of a case, or hold a new secret: it lies encrypted, for a day.
    """

    client = TenantForeignKey(ApiClient, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedTextField(default="")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            # Two requests at once with one key: the second waits here for the first.
            models.UniqueConstraint(fields=["tenant", "client", "key"], name="api_idempotency_once")
        ]
        indexes = [models.Index(fields=["tenant", "created_at"], name="api_idempotency_age")]

    def __str__(self) -> str:
        return str(self.pk)


class Subscription(TenantModel):
    """A client wants to be told of some types of events, at an address of its own.

    ``secret`` signs what is sent: the client got it once, when it subscribed. While it is paused nothing new
    is promised; what was promised before waits.
    """

    client = TenantForeignKey(ApiClient, models.CASCADE, related_name="subscriptions")
    url = models.CharField(max_length=500)
    event_types = models.JSONField(default=list)
    secret = EncryptedTextField()
    created_at = models.DateTimeField(default=now)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_reason="")
                | (Q(ended_at__isnull=False) & ~Q(ended_reason="")),
                name="api_subscription_ended_has_reason",
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "client"],
                condition=Q(ended_at__isnull=True),
                name="api_subscription_client",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class WebhookEvent(TenantModel):
    """One thing to tell one subscriber: ids only, never what they stand for."""

    subscription = TenantForeignKey(Subscription, models.CASCADE, related_name="events")
    type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "occurred_at"], name="api_webhook_age"),
            models.Index(fields=["tenant", "subscription", "id"], name="api_webhook_subscription"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class RateCount(models.Model):
    """How many requests came within a window (`limits.py`). Shared: it is counted before a tenant is set.

    ``key`` is a keyed hash that changes with each window: no address and no client can be read from it. The
    table is not logged (a crash empties it) and its rows are removed when their window has ended.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class TenantMeta:
        """Counted by everybody, belongs to nobody."""

        shared_writable = True

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"
