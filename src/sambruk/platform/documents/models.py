"""The record of a file. Its bytes lie in the content-addressed store, under their SHA-256."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sambruk.common.calendar import now
from sambruk.platform.tenancy.base import TenantModel


class Scan(models.TextChoices):
    """What is known of viruses in a file."""

    NONE = "none", _("Inte virussökt")
    PENDING = "pending", _("Väntar på virussökning")
    CLEAN = "clean", _("Virussökt")
    INFECTED = "infected", _("Innehåller virus")


class Fixity(models.TextChoices):
    """Whether the stored bytes still are what was saved."""

    SOUND = "", _("Stämmer")
    MISSING = "missing", _("Saknas i lagret")
    CHANGED = "changed", _("Har ändrats i lagret")


class Document(TenantModel):
    """One saved file. Never changed: a new version is a new document.

    ``name`` is what people call the file (one line, safe in a header), ``kind`` what it is to us
    (attachment, letter, signed, payment, message …), ``mime`` what its bytes say it is. ``created_by`` and
    ``created_by_kind`` say who saved it. Who may read it is said by those who refer to it (``access``).
    """

    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    mime = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    created_by_id = models.UUIDField(null=True)
    created_by_kind = models.CharField(max_length=12)
    scan = models.CharField(max_length=8, choices=Scan.choices, default=Scan.NONE)
    scanned_at = models.DateTimeField(null=True)
    #: When the stored bytes were last compared with the hash, and what was wrong with them.
    verified_at = models.DateTimeField()
    fixity = models.CharField(max_length=8, choices=Fixity.choices, blank=True, default=Fixity.SOUND)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="document_sha256"),
            models.CheckConstraint(
                condition=Q(scan__in=["clean", "infected"], scanned_at__isnull=False)
                | Q(scan__in=["none", "pending"], scanned_at__isnull=True),
                name="document_scanned_at",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "sha256"], name="document_sha256"),
            models.Index(fields=["tenant", "verified_at"], name="document_verified"),
            models.Index(fields=["tenant", "-id"], name="document_fault", condition=~Q(fixity="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def url(self) -> str:
        """Where it is fetched; empty for one that is closed to everybody."""
        return "" if self.scan == Scan.INFECTED else reverse("document", args=[self.id])
