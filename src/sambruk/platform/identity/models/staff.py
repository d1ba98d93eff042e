"""Staff, the units where they work, and in which role from when to when."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sambruk.common.sort_key import name_sort_key
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel
from sambruk.platform.tenancy.models import Authority, Principal


class Unit(TenantModel):
    """A part of an authority where cases are worked. ``slug`` is how definitions name it: unit/trafik.

    ``email`` is the mailbox of a function (funktionsbrevlåda), where it has one.
    """

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, db_index=False)
    authority = TenantForeignKey(Authority, models.PROTECT, related_name="units")
    parent = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="unit_slug_per_tenant"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="unit_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StaffMember(TenantModel):
    """Somebody who works here, known by the identity provider's ``subject``.

    One who comes from another principal (a shared contact centre or archive) has ``home`` and
    ``home_staff_id``, and gets in only while a ``tenancy.StaffGrant`` holds.
    """

    provider = TenantForeignKey("identity.IdentityProvider", models.PROTECT, related_name="staff")
    subject = models.CharField(max_length=255)
    name = models.CharField(max_length=200)
    sort_key = models.CharField(max_length=250, blank=True, editable=False, db_collation="C")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    home = models.ForeignKey(Principal, models.PROTECT, null=True, blank=True, related_name="+")
    home_staff_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_login_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "provider", "subject"], name="staff_subject_per_provider"
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="staff_has_subject"),
            models.CheckConstraint(
                condition=Q(home__isnull=True, home_staff_id__isnull=True)
                | Q(home__isnull=False, home_staff_id__isnull=False),
                name="staff_home_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "sort_key", "id"], name="staff_by_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Compute the sort key of the name (as written: given name first, as colleagues look it up)."""
        self.sort_key = name_sort_key(self.name)[:250]
        names = kwargs.get("update_fields")
        if names is not None and "name" in names:
            kwargs["update_fields"] = {*names, "sort_key"}
        super().save(*args, **kwargs)


class DateRange(Func):
    """``daterange(from, to, '[]')``: both days included."""

    function = "daterange"


class Membership(TenantModel):
    """A role in a unit from a day to a day, both included; without ``valid_to``, until further notice."""

    staff = TenantForeignKey(StaffMember, models.CASCADE, related_name="memberships")
    unit = TenantForeignKey(Unit, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("roll i enhet")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_ends_after_start",
            ),
            # The same role twice at the same time would survive the end of one of them.
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("staff", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["tenant", "staff", "valid_from"], name="membership_by_staff")]

    def __str__(self) -> str:
        return f"{self.role} {self.valid_from}"

    @staticmethod
    def holding(day: date, prefix: str = "") -> Q:
        """Return the predicate for memberships that hold on a day."""
        return Q(**{f"{prefix}valid_from__lte": day}) & (
            Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day})
        )
