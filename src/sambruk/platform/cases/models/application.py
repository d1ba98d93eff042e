"""What was sent in, as it was signed."""

from __future__ import annotations

from django.db import models

from sambruk.platform.identity.encrypted import EncryptedJSONField
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Application(TenantModel):
    """The answers of one submission, immutable. `answers` is encrypted at rest.

    `submission_key` is the draft's: a second submission of the same draft is refused by the database.
    """

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="applications")
    definition_hash = models.CharField(max_length=64)
    answers = EncryptedJSONField()
    content_hash = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    submission_key = models.UUIDField()
    filled_in_by = models.CharField(max_length=200, blank=True)
    receipt = TenantForeignKey("documents.Document", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "submission_key"], name="application_once")]
        indexes = [models.Index(fields=["tenant", "case"], name="application_case")]


class SignatureRecord(TenantModel):
    """One party's signature over the exact bytes whose hash stands here."""

    application = TenantForeignKey(Application, on_delete=models.CASCADE, related_name="signatures")
    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="signatures")
    person = TenantForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    party_role = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    evidence = EncryptedJSONField(default=dict)
    assurance = models.PositiveSmallIntegerField()
    signed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "case"], name="signature_case")]
