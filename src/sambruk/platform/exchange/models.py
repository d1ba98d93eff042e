"""What is to be done in the background for one tenant, and how it went."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sambruk.common.calendar import now
from sambruk.platform.tenancy.base import TenantModel


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("Väntar")
    RUNNING = "running", _("Pågår")
    DONE = "done", _("Klar")
    FAILED = "failed", _("Misslyckades, försöker igen")
    GIVEN_UP = "given_up", _("Gav upp")


class Delivery(TenantModel):
    """One effect that was promised in a transaction: a notice, a question, a payment file, a job of our own.

    It names its object by id and holds nothing of what the object says. ``key`` makes it unique in its
    tenant: promising the same thing again gives the same delivery. It is never removed before it is done;
    one that gave up stays until a person has tried it again or set it aside with a reason.
    """

    kind = models.CharField(max_length=100)
    object_id = models.UUIDField()
    key = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    #: All attempts ever, growing only: it also tells a run that was thought dead that another has taken over.
    attempts = models.PositiveIntegerField(default=0)
    #: The attempts before a person last started it again: the schedule begins anew after them.
    attempts_before = models.PositiveIntegerField(default=0)
    #: A sentence for the operator, without personal data, and its stable code.
    last_error = models.CharField(max_length=300, blank=True, default="")
    last_code = models.CharField(max_length=60, blank=True, default="")
    #: Not to be tried before this instant; null once it is done or has given up.
    next_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)
    #: The job that runs it or ran it last; procrastinate's table is shared, so no foreign key.
    job_id = models.BigIntegerField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_by = models.CharField(max_length=200, blank=True, default="")
    set_aside_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="exchange_delivery_key"),
            # Who and when belong together: done has its instant and nothing else has.
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
                name="exchange_delivery_done_at",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True, set_aside_reason="")
                | (Q(set_aside_at__isnull=False, state="given_up") & ~Q(set_aside_reason="")),
                name="exchange_delivery_set_aside",
            ),
            # What has yet to be tried always has its time: nothing can be forgotten in a corner.
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "failed"]) | Q(next_at__isnull=False),
                name="exchange_delivery_next_at",
            ),
        ]
        indexes = [
            # The operator's page and the pruning; done rows are the many, so they are not in the first.
            models.Index(
                fields=["tenant", "state", "-id"],
                name="exchange_delivery_open",
                condition=~Q(state="done"),
            ),
            models.Index(
                fields=["tenant", "done_at"], name="exchange_delivery_done", condition=Q(state="done")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"


class PeriodicRun(TenantModel):
    """How the latest run of a periodic work went for the tenant: one row each, written over.

    ``note`` is a sentence for the operator, without personal data: what was done, or what went wrong.
    """

    name = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    succeeded = models.BooleanField()
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="exchange_periodic_run_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.ended_at}"
