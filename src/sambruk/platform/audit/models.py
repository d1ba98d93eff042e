"""What was done, and who read what: rows that only grow, personal values apart, and the seals over them."""

from __future__ import annotations

from django.db import models
from django.db.models import Func

from sambruk.platform.tenancy.base import TenantModel


class AuditEpoch(models.Model):
    """A life of the data in one server. Shared, read-only; rows are added by the migration.

    PostgreSQL's transaction numbers begin anew when a dump is restored into another server;
    ``xact_offset`` (the greatest is added to them) lifts those that follow above all that stand.
    """

    xact_offset = models.BigIntegerField(primary_key=True)
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.xact_offset)


class AuditEvent(TenantModel):
    """One change or one read. Append-only: by grants, and by a trigger that stops the owner too.

    No foreign keys: a row outlives what it is about. It holds ids and field names; what names a resident
    or says what was changed lies in ``AuditValue``, of which ``value_hash`` (SHA-256 over salt and values,
    hex) stands here. ``xact_id`` is the transaction's number, by which seals know what is complete.
    """

    at = models.DateTimeField()
    event = models.CharField(max_length=80)
    is_read = models.BooleanField(default=False)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    on_behalf_of = models.UUIDField(null=True)
    mandate_id = models.UUIDField(null=True)
    object_type = models.CharField(max_length=80)
    object_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    field_names = models.JSONField(default=list)
    value_hash = models.CharField(max_length=64, blank=True)
    xact_id = models.BigIntegerField(
        db_default=Func(function="audit_xact", output_field=models.BigIntegerField()), editable=False
    )

    class TenantMeta:
        append_only = True

    class Meta:
        indexes = [
            models.Index(
                fields=["tenant", "person_id", "id"],
                name="audit_person",
                condition=models.Q(person_id__isnull=False),
            ),
            models.Index(
                fields=["tenant", "case_id", "id"],
                name="audit_case",
                condition=models.Q(case_id__isnull=False),
            ),
            models.Index(
                fields=["tenant", "object_id", "id"],
                name="audit_object",
                condition=models.Q(object_id__isnull=False),
            ),
            # What one member of staff has done, for the review of the log.
            models.Index(
                fields=["tenant", "actor_id", "id"],
                name="audit_staff",
                condition=models.Q(actor_kind="staff"),
            ),
            models.Index(fields=["tenant", "xact_id", "id"], name="audit_xact"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.at:%Y-%m-%d %H:%M:%S}"


class AuditValue(TenantModel):
    """The personal values of one event (same id): may be disposed of, which leaves the event whole."""

    salt = models.BinaryField(max_length=16)
    #: Canonical JSON, encrypted for this row (``common.crypto``); rewritten when keys rotate.
    token = models.BinaryField()

    def __str__(self) -> str:
        return str(self.id)


class Seal(TenantModel):
    """A signed batch of events: those of the transactions from ``from_xact`` up to, not with, ``upto_xact``.

    ``leaves`` are 48 bytes an event (its id and the SHA-256 of its canonical JSON), in order of id.
    ``root`` (hex) is the hash over the previous root, the batch's bounds and the leaves; ``signature`` is
    Ed25519 by ``key_id``, a key that is not in the database.
    """

    number = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    from_xact = models.BigIntegerField()
    upto_xact = models.BigIntegerField()
    event_count = models.PositiveIntegerField()
    leaves = models.BinaryField()
    previous_root = models.CharField(max_length=64, blank=True)
    root = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class TenantMeta:
        append_only = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="seal_number_per_tenant")]

    def __str__(self) -> str:
        return str(self.number)


class DroppedMonth(TenantModel):
    """A month (its first day, UTC) whose sealed events were dropped after their retention. Signed."""

    month = models.DateField()
    dropped_at = models.DateTimeField()
    event_count = models.PositiveIntegerField()
    sealed_upto = models.PositiveIntegerField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class TenantMeta:
        append_only = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "month"], name="dropped_month_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
