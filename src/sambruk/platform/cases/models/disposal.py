"""Disposal (gallring): the list that a person confirms, and the protocol that stays."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class DisposalRun(TenantModel):
    """A list of what may go, made on a day; confirmed or withdrawn by a person. Never deleted.

    No personal data: numbers of cases, services and days.
    """

    as_of = models.DateField()
    listed_at = models.DateTimeField()
    listed_by_id = models.UUIDField()
    listed_by_name = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_id = models.UUIDField(null=True)
    confirmed_by_name = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=200, blank=True)
    remark = models.CharField(max_length=500, blank=True)

    class TenantMeta:
        privileges = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by_id__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by_id__isnull=False),
                name="disposal_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="disposal_confirmed_or_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-listed_at", "-id"], name="disposal_listed")]


class DisposalLine(TenantModel):
    """A case on a list, and what became of it. `case_id` outlives the case, so it is no foreign key."""

    class State(models.TextChoices):
        """Waiting until the list is confirmed and the job has come to it."""

        WAITING = "waiting", "Väntar"
        DISPOSED = "disposed", "Gallrat"
        KEPT = "kept", "Gallras inte"
        WITHDRAWN = "withdrawn", "Listan drogs tillbaka"

    run = TenantForeignKey(DisposalRun, on_delete=models.PROTECT, related_name="lines")
    case_id = models.UUIDField()
    number = models.CharField(max_length=20)
    service_id = models.CharField(max_length=80)
    unit = TenantForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField()
    may_go_on = models.DateField()
    must_be_gone_by = models.DateField()
    source = models.CharField(max_length=400)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    documents = models.PositiveIntegerField(default=0)
    log_values = models.PositiveIntegerField(default=0)

    class TenantMeta:
        privileges = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        constraints = [
            # On one list at a time: two people confirm nothing twice.
            models.UniqueConstraint(
                fields=["tenant", "case_id"], condition=Q(state="waiting"), name="disposal_once"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", done_at__isnull=True)
                | (~Q(state="waiting") & Q(done_at__isnull=False)),
                name="disposal_done_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="kept") | ~Q(reason=""), name="disposal_kept_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "run", "number"], name="disposal_line_run")]
