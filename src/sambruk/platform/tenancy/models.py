"""Principals (huvudmän), the host names by which they are reached, and the authorities inside them."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sambruk.common.ids import uuid7
from sambruk.platform.tenancy.base import TenantModel
from sambruk.platform.tenancy.grants import StaffGrant

__all__ = ["Authority", "AuthorityKind", "Hostname", "Principal", "PrincipalKind", "StaffGrant"]


class PrincipalKind(models.TextChoices):
    """What sort of body a principal is (kommunallagen 2017:725; lagen 2005:551 for associations)."""

    MUNICIPALITY = "municipality", _("Kommun")
    REGION = "region", _("Region")
    FEDERATION = "federation", _("Kommunalförbund")
    JOINT_BOARD = "joint_board", _("Gemensam nämnd")
    ASSOCIATION = "association", _("Förening")


class Principal(models.Model):
    """A tenant. A shared table: every tenant may read the row, only its own may change it.

    ``code`` is the municipality's code (kommunkod, "0123") or another short code. ``colour`` is the one
    colour (#rrggbb) from which the theme is computed. ``settings`` are the principal's own choices.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=PrincipalKind.choices, default=PrincipalKind.MUNICIPALITY)
    org_number = models.CharField(max_length=11, blank=True)
    colour = models.CharField(
        max_length=7, default="#1f5c99", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")]
    )
    logo_svg = models.TextField(blank=True)
    contact_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class TenantMeta:
        """The row of the current tenant only: a policy of the table's migration."""

        privileges = ("SELECT", "UPDATE")

    def __str__(self) -> str:
        return self.name


class Hostname(models.Model):
    """A host name (lower case, without port) by which a principal is reached. Shared, read-only."""

    host = models.CharField(max_length=253, primary_key=True)
    principal = models.ForeignKey(Principal, on_delete=models.CASCADE, related_name="hostnames")
    primary = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(host__regex=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"),
                name="hostname_is_lower_case",
            ),
            models.UniqueConstraint(
                fields=["principal"], condition=models.Q(primary=True), name="hostname_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return self.host


class AuthorityKind(models.TextChoices):
    """What an authority answers for; secrecy stands between authorities (OSL 8 kap. 2 §)."""

    BOARD = "board", _("Kommunstyrelse")
    SOCIAL = "social", _("Socialnämnd")
    SCHOOL = "school", _("Utbildningsnämnd")
    TECHNICAL = "technical", _("Teknisk nämnd")
    ENVIRONMENT = "environment", _("Miljö- och byggnadsnämnd")
    GUARDIAN = "guardian", _("Överförmyndarnämnd")
    OTHER = "other", _("Annan nämnd")


class Authority(TenantModel):
    """A nämnd of the principal: an authority of its own, between which secrecy holds."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=AuthorityKind.choices, default=AuthorityKind.OTHER)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="authority_name_per_tenant")]

    def __str__(self) -> str:
        return self.name
