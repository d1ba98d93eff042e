"""What happened in the case, for people to read (the audit is for control)."""

from __future__ import annotations

from django.db import models

from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class LogEntry(TenantModel):
    """One line of the case's log. Only those marked visible are shown to the resident."""

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    text = models.TextField(max_length=4000)
    by_name = models.CharField(max_length=200, blank=True)
    by_kind = models.CharField(max_length=12)
    visible_to_resident = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["tenant", "case", "at"], name="log_case")]


class Note(TenantModel):
    """A journal note. Never changed: a correction is a new note that points at the old one."""

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=20000)
    at = models.DateTimeField()
    by = TenantForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    corrects = TenantForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")

    class TenantMeta:
        # Never changed; removed only with its case, by a trigger (``disposal.sql``).
        privileges = ("SELECT", "INSERT", "DELETE")

    class Meta:
        indexes = [models.Index(fields=["tenant", "case", "at"], name="note_case")]
