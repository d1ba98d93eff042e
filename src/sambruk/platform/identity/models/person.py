"""A person: whoever applies, is applied for, represents somebody, or is told of something."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sambruk.common.personal_number import PersonalNumber
from sambruk.common.sort_key import name_sort_key
from sambruk.platform.identity.encrypted import BlindIndexField, EncryptedTextField
from sambruk.platform.tenancy.base import TenantModel


class Protection(models.TextChoices):
    """Protected personal data: offentlighets- och sekretesslagen 22 kap. 1 §, folkbokföringslagen 16 §,
    lag (1991:483) om fingerade personuppgifter. How it is hidden stands in ``identity.protection``."""

    NONE = "", _("Inget skydd")
    CONFIDENTIAL = "sekretess", _("Sekretessmarkering")
    PROTECTED_REGISTRATION = "skyddad", _("Skyddad folkbokföring")
    FICTITIOUS = "fingerade", _("Fingerade personuppgifter")


class Person(TenantModel):
    """A person in one principal's records; another principal has its own row, without a link.

    ``personal_number`` holds twelve digits, or nothing for one who has none. Never show ``full_name`` or
    the address to staff without ``protection.visible_name`` and its siblings.
    """

    personal_number = EncryptedTextField(blank=True)
    number_index = BlindIndexField(of="personal_number")
    given_name = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)
    sort_key = models.CharField(max_length=450, blank=True, editable=False, db_collation="C")
    protection = models.CharField(max_length=12, choices=Protection.choices, default="", blank=True)
    care_of = EncryptedTextField(blank=True)
    street = EncryptedTextField(blank=True)
    postal_code = EncryptedTextField(blank=True)
    city = EncryptedTextField(blank=True)
    email = EncryptedTextField(blank=True)
    phone = EncryptedTextField(blank=True)
    notify_email = models.BooleanField(default=False)
    notify_sms = models.BooleanField(default=False)
    language = models.CharField(max_length=8, default="sv")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number_index"], name="person_number_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(protection__in=["", "sekretess", "skyddad", "fingerade"]),
                name="person_protection_known",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "sort_key", "id"], name="person_by_name")]

    def __str__(self) -> str:
        # Never the name: this text reaches logs and error pages.
        return f"person {self.pk}"

    @property
    def full_name(self) -> str:
        """Given name and family name, whoever asks: see ``protection`` before showing it."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def number(self) -> PersonalNumber | None:
        """The personal number, or None where the person has none."""
        digits = self.personal_number
        # Checked when it was stored (``common.personal_number.parse``).
        return PersonalNumber(digits) if digits else None

    @property
    def is_protected(self) -> bool:
        """True if name and address must be hidden."""
        return bool(self.protection)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Compute the sort key of the name (family name first)."""
        self.sort_key = name_sort_key(f"{self.family_name} {self.given_name}")[:450]
        names = kwargs.get("update_fields")
        if names is not None and {"given_name", "family_name"} & set(names):
            kwargs["update_fields"] = {*names, "sort_key"}
        super().save(*args, **kwargs)
