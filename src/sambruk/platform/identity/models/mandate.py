"""Who may act for whom, in what, from when to when."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sambruk.platform.identity.models.person import Person
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel

#: The scope that covers every service.
ALL_SERVICES = "all"


class MandateKind(models.TextChoices):
    """On what ground (föräldrabalken 6, 11 and 12 kap.; lag 1996:242 om god man; avtalslagen 2 kap.)."""

    GUARDIAN = "vardnadshavare", _("Vårdnadshavare")
    GOD_MAN = "god_man", _("God man")
    ADMINISTRATOR = "forvaltare", _("Förvaltare")
    LASTING_POWER = "framtidsfullmaktshavare", _("Framtidsfullmakt")
    PROXY = "ombud", _("Ombud med fullmakt")


class Mandate(TenantModel):
    """``holder`` may act for ``represented`` from a day to a day, both included.

    ``scope`` is a list of service ids, or ``["all"]``. ``source`` says where it is known from (the chief
    guardian's decision and its date, a signed power of attorney).
    """

    holder = TenantForeignKey(Person, models.PROTECT, related_name="mandates_held")
    represented = TenantForeignKey(Person, models.PROTECT, related_name="mandates_given")
    kind = models.CharField(max_length=30, choices=MandateKind.choices)
    scope = models.JSONField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)
    registered_by = models.CharField(max_length=200)
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_by = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(holder=F("represented")), name="mandate_is_for_another"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="mandate_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="mandate_has_source"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_by="")),
                name="mandate_revoked_by_whom_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "holder", "valid_from"], name="mandate_by_holder"),
            models.Index(fields=["tenant", "represented", "valid_from"], name="mandate_by_represented"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.valid_from}"

    def holds_on(self, day: date) -> bool:
        """Say whether the mandate holds on a day."""
        if self.revoked_at is not None:
            return False
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def holder_is(self) -> str:
        """What the holder is called in a sentence: "god man", "ombud"."""
        return str(_("ombud") if self.kind == MandateKind.PROXY else self.get_kind_display().lower())

    @property
    def services(self) -> frozenset[str] | None:
        """The ids of the services that the mandate covers; None where it covers all."""
        return None if ALL_SERVICES in self.scope else frozenset(map(str, self.scope))

    def covers(self, service_id: str) -> bool:
        """Say whether the mandate's scope has the service."""
        return ALL_SERVICES in self.scope or service_id in self.scope
