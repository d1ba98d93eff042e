"""What a case is tied to: documents and other cases."""

from __future__ import annotations

from django.db import models

from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class CaseDocument(TenantModel):
    """A document in the case, under a category (application, attachment, completion, letter, payment)."""

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="case_documents")
    document = TenantForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    field = models.CharField(max_length=120, blank=True)
    visible_to_resident = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "case", "document"], name="case_document_once")
        ]
        indexes = [models.Index(fields=["tenant", "document"], name="case_document")]


class CaseLink(TenantModel):
    """One case points at another: follows, continues, appeals."""

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="links")
    other = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "case", "other", "kind"], name="case_link_once"),
            models.CheckConstraint(condition=~models.Q(case=models.F("other")), name="case_link_not_itself"),
        ]
