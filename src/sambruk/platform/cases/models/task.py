"""What somebody has to do in a case, and by when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Task(TenantModel):
    """An open or finished step of the process.

    `element` is the BPMN element's id (also the key in the definition's `tasks` or `handlers`), `spiff_id`
    the running instance that is completed. A task for `system` is a handler that runs as a job.
    """

    class State(models.TextChoices):
        """Open until somebody did it or the process passed it by."""

        OPEN = "open", "Att göra"
        DONE = "done", "Klar"
        CANCELLED = "cancelled", "Inte längre aktuell"

    class For(models.TextChoices):
        """Who does it."""

        STAFF = "staff", "Handläggning"
        RESIDENT = "resident", "Den sökande"
        SYSTEM = "system", "Systemet"

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="tasks")
    element = models.CharField(max_length=80)
    spiff_id = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    done_by_kind = models.CharField(max_length=10, choices=For.choices)
    role = models.CharField(max_length=60, blank=True)
    unit = TenantForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    person = TenantForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=200, blank=True)
    done_by_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", done_at__isnull=True)
                | (~Q(state="open") & Q(done_at__isnull=False)),
                name="task_done_has_time",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "case", "state"], name="task_case"),
            models.Index(
                fields=["tenant", "unit", "element"], condition=Q(state="open"), name="task_open_unit"
            ),
            models.Index(fields=["tenant", "person"], condition=Q(state="open"), name="task_open_person"),
        ]


class Deadline(TenantModel):
    """A legal or promised date, computed by `common.calendar`, with the job that acts when it passes."""

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="deadlines")
    kind = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    due_on = models.DateField()
    source = models.CharField(max_length=300, blank=True)
    task = TenantForeignKey(Task, on_delete=models.CASCADE, null=True, related_name="+")
    sends = models.CharField(max_length=60, blank=True)
    visible_to_resident = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "due_on"], condition=Q(done_at__isnull=True), name="deadline_open")
        ]
