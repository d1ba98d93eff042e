"""Other systems that use the API, by OAuth 2 client credentials."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from sambruk.platform.identity.models.staff import Unit
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class ApiClient(TenantModel):
    """A system of the principal's, or of somebody it lets in. ``scopes`` are values of Permission.

    ``secret_hash`` is SHA-256 of 256 random bits: a slow hash guards what people choose, and this is not.
    """

    client_id = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "client_id"], name="api_client_id_per_tenant")
        ]

    def __str__(self) -> str:
        return self.name


class ApiClientUnit(TenantModel):
    """A unit whose cases the client may reach."""

    client = TenantForeignKey(ApiClient, models.CASCADE, related_name="client_units")
    unit = TenantForeignKey(Unit, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "client", "unit"], name="api_client_unit_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ApiToken(TenantModel):
    """A short-lived access token, stored as SHA-256."""

    client = TenantForeignKey(ApiClient, models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "token_hash"], name="api_token_per_tenant")]
        indexes = [models.Index(fields=["tenant", "expires_at"], name="api_token_by_expiry")]

    def __str__(self) -> str:
        return f"token {self.pk}"
