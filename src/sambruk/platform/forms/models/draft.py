"""A draft: saved at each step, resumed on another device, signed by each party, sent once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sambruk.platform.identity.encrypted import EncryptedJSONField
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Draft(TenantModel):
    """Answers on their way. It belongs to a person, or to one browser (`owner_key`) without a login.

    `frozen` holds the exact text that the parties sign while the draft waits for them; changing an
    answer takes the draft back to its form and the signatures with it. `typed` keeps, by address, what could
    not be read as an answer; `known_from` says where a first answer came from; `gate` the answers before it.
    `revision` counts the changes, `step_revisions` says by step which was its last: a page is old when its
    own step has changed since, not when another was saved on the way from it.
    """

    class State(models.TextChoices):
        """From the first answer to the case."""

        OPEN = "open", "Utkast"
        SIGNING = "signing", "Väntar på underskrift"
        SUBMITTED = "submitted", "Inskickad"
        ABANDONED = "abandoned", "Borttagen"

    person = TenantForeignKey("identity.Person", on_delete=models.CASCADE, null=True, related_name="drafts")
    owner_key = models.CharField(max_length=64, blank=True)
    mandate = TenantForeignKey("identity.Mandate", on_delete=models.PROTECT, null=True, related_name="+")
    filled_in_by = TenantForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: The other system that prepared the answers, or sent them, by name.
    prepared_by = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=20, default="web")
    service_id = models.CharField(max_length=80)
    definition_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    step = models.CharField(max_length=80, blank=True)
    steps_done = models.JSONField(default=list)
    answers = EncryptedJSONField(default=dict)
    typed = EncryptedJSONField(default=dict)
    gate = EncryptedJSONField(default=dict)
    known_from = models.JSONField(default=dict)
    period = models.DateField(null=True)
    frozen = EncryptedJSONField(default=dict)
    frozen_hash = models.CharField(max_length=64, blank=True)
    frozen_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)
    step_revisions = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    case = TenantForeignKey("cases.Case", on_delete=models.SET_NULL, null=True, related_name="+")

    #: Its signers as they were read (``signers.places_of``); no column.
    signers_read: list[DraftSigner] | None = None

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(owner_key=""), name="draft_has_owner"
            ),
            models.CheckConstraint(
                condition=~Q(state="signing") | ~Q(frozen_hash=""), name="draft_signing_is_frozen"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "state"], name="draft_person"),
            models.Index(fields=["tenant", "owner_key"], condition=~Q(owner_key=""), name="draft_owner_key"),
            models.Index(fields=["tenant", "expires_at"], name="draft_expires"),
        ]


class DraftSigner(TenantModel):
    """A party who signs: known by personal number (blind index) before the first login.

    `reminders` counts what was promised, `reminded_at` is the last; `not_reached`: it could not be sent.
    """

    draft = TenantForeignKey(Draft, on_delete=models.CASCADE, related_name="signers")
    party = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True)
    number_index = models.CharField(max_length=100, blank=True)
    person = TenantForeignKey("identity.Person", on_delete=models.CASCADE, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_hash = models.CharField(max_length=64, blank=True)
    evidence = EncryptedJSONField(default=dict)
    assurance = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    not_reached = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "draft", "party"], name="draft_signer_once"),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_hash="")
                | (Q(signed_at__isnull=False) & ~Q(signed_hash="")),
                name="draft_signer_when_and_what",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "number_index"], condition=Q(signed_at__isnull=True), name="draft_to_sign"
            )
        ]


class DraftFile(TenantModel):
    """A file that was added to a field of the draft."""

    draft = TenantForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    document = TenantForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=120)
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "draft", "field"], name="draft_file")]
