"""The case itself, its number, and the claim that keeps one household to one application a month."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Station(models.TextChoices):
    """Where a case stands, in words for staff and the API.

    A resident reads the service's own words (``stations`` of its definition).
    """

    SUBMITTED = "submitted", "Inskickad"
    IN_PROGRESS = "in_progress", "Handläggs"
    WAITING = "waiting", "Väntar på den sökande"
    DECIDED = "decided", "Beslut"
    PAYMENT = "payment", "Utbetalning"
    CLOSED = "closed", "Avslutad"


class Secrecy(models.TextChoices):
    """The secrecy class. PROTECTED needs its own permission and a reason."""

    PUBLIC = "public", "Offentlig"
    SOCIAL = "social", "Socialtjänstsekretess"
    PROTECTED = "protected", "Skyddade personuppgifter"


def case_number(year: int, serial: int | None) -> str:
    """Return the number that people read, such as 2026-000123; empty without a serial."""
    return f"{year}-{serial:06d}" if serial else ""


class Case(TenantModel):
    """One matter from first to last.

    `serial` is null only inside the transaction that makes the case: the number is that transaction's
    last statement, so that submitters do not wait in line for one another's slow work.
    """

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField(null=True)
    service_id = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    definition_hash = models.CharField(max_length=64)
    authority = TenantForeignKey("tenancy.Authority", on_delete=models.PROTECT, null=True, related_name="+")
    #: case_unit_opened leads with it: a plain index beside would only be one more to write.
    unit = TenantForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = TenantForeignKey("identity.StaffMember", on_delete=models.PROTECT, null=True, related_name="+")
    station = models.CharField(max_length=20, choices=Station.choices, default=Station.SUBMITTED)
    secrecy = models.CharField(max_length=12, choices=Secrecy.choices, default=Secrecy.PUBLIC)
    channel = models.CharField(max_length=20, default="web")
    period = models.DateField(null=True, help_text="First day of the month that the application concerns.")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    disposal_on = models.DateField(null=True)
    #: When it must be gone: the rule's `finish` counted from `disposal_on`.
    disposal_by = models.DateField(null=True)
    disposal_fault = models.CharField(max_length=300, blank=True)
    process_state = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    code_hash = models.CharField(max_length=64, blank=True)
    search_text = models.TextField(blank=True)
    search = models.GeneratedField(
        expression=SearchVector("search_text", config="swedish"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "year", "serial"], name="case_number"),
            models.UniqueConstraint(
                fields=["tenant", "code_hash"], condition=~Q(code_hash=""), name="case_code"
            ),
            # Who and when belong together: closed is a station and a time, never one of them.
            models.CheckConstraint(
                condition=Q(station="closed", closed_at__isnull=False)
                | (~Q(station="closed") & Q(closed_at__isnull=True)),
                name="case_closed_has_time",
            ),
            # A closed case has a disposal date or a named fault, never an empty field.
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(disposal_on__isnull=False) | ~Q(disposal_fault=""),
                name="case_closed_has_disposal",
            ),
        ]
        indexes = [
            # The lists of staff, one for each view, by when the cases must be done (keyset on due_on, id).
            # Without its own index a view that holds little counts and reads all of the unit's cases.
            models.Index(
                fields=["tenant", "unit", "due_on", "id"],
                condition=Q(closed_at__isnull=True),
                name="case_open_unit",
            ),
            # For who works in several units: each unit's index is in order, several together are not.
            models.Index(
                fields=["tenant", "due_on", "id"], condition=Q(closed_at__isnull=True), name="case_open"
            ),
            models.Index(
                fields=["tenant", "unit", "due_on", "id"],
                condition=Q(closed_at__isnull=True, assignee__isnull=True),
                name="case_open_untaken",
            ),
            models.Index(
                fields=["tenant", "assignee", "due_on", "id"],
                condition=Q(closed_at__isnull=True),
                name="case_open_assignee",
            ),
            models.Index(
                fields=["tenant", "unit", "due_on", "id"],
                condition=Q(closed_at__isnull=True, station="waiting"),
                name="case_open_waiting",
            ),
            models.Index(
                fields=["tenant", "unit", "due_on", "id"],
                condition=Q(closed_at__isnull=False),
                name="case_closed_unit",
            ),
            models.Index(fields=["tenant", "unit", "-opened_at", "-id"], name="case_unit_opened"),
            models.Index(fields=["tenant", "disposal_on"], name="case_disposal"),
            # With the tenant in it (btree_gin): else a common word is looked up in every principal's cases.
            GinIndex(fields=["tenant", "search"], name="case_search"),
        ]

    @property
    def number(self) -> str:
        """The number that people read, such as 2026-000123. Empty until the case is committed."""
        return case_number(self.year, self.serial)

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen in the case."""
        return self.closed_at is None


class Counter(TenantModel):
    """The last case number of a tenant and year."""

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "year"], name="counter_year")]


class PeriodClaim(TenantModel):
    """A person has applied for a month: the database refuses a second application by either adult."""

    case = TenantForeignKey(Case, on_delete=models.CASCADE, related_name="period_claims")
    service_id = models.CharField(max_length=80)
    period = models.DateField()
    person = TenantForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "service_id", "period", "person"], name="one_application_a_period"
            )
        ]
