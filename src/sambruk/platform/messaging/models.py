"""The conversation in a case, and the notices that say that there is news."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sambruk.common.calendar import now
from sambruk.platform.identity.encrypted import EncryptedTextField
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel

TEXT_MAX = 10_000


class Side(models.TextChoices):
    """From which side of the case a message comes."""

    RESIDENT = "resident", _("Den sökande")
    STAFF = "staff", _("Kommunen")


class Message(TenantModel):
    """One message between the parties and the authority. Its text is never changed.

    ``author_name`` is how the author was called when it was written (staff's by name; a resident's is shown
    by ``identity.protection``). ``read_at`` is when somebody of the other side first saw it. ``key`` is made
    by the form, so that a double click sends once.
    """

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=10, choices=Side.choices)
    author_person = TenantForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    author_staff = TenantForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    author_name = models.CharField(max_length=200, blank=True)
    #: Who was represented, where a guardian or proxy wrote.
    on_behalf_of = TenantForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    text = EncryptedTextField()
    at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "case", "key"], condition=~Q(key=""), name="message_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(side="resident", author_staff__isnull=True)
                | Q(side="staff", author_person__isnull=True),
                name="message_author_of_its_side",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "case", "id"], name="message_case"),
            models.Index(fields=["tenant", "case"], condition=Q(read_at__isnull=True), name="message_unread"),
        ]

    def __str__(self) -> str:
        return f"message {self.id}"


class Receipt(TenantModel):
    """That one person or member of staff has seen a message, and when first."""

    message = TenantForeignKey(Message, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    reader_id = models.UUIDField()
    reader_side = models.CharField(max_length=10, choices=Side.choices)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "message", "reader_id"], name="receipt_once")
        ]


class MessageDocument(TenantModel):
    """A file that was sent with a message."""

    message = TenantForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    document = TenantForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "document"], name="message_document_once")]


class Channel(models.TextChoices):
    """How a notice is sent."""

    EMAIL = "email", _("E-post")
    SMS = "sms", _("Sms")


class NoticeState(models.TextChoices):
    """What became of a notice."""

    WAITING = "waiting", _("Väntar på att skickas")
    SENT = "sent", _("Skickad")
    SKIPPED = "skipped", _("Skickades inte")
    FAILED = "failed", _("Kunde inte skickas")


class Notice(TenantModel):
    """A message outside the house that there is news. Never what the news is.

    ``reason`` says why it was not sent: ``off`` (the person wants none any more), ``protected`` (protected
    identity: a notice would tell where the person is known), ``no_address``, ``bad_address``, ``refused``.
    """

    person = TenantForeignKey("identity.Person", on_delete=models.CASCADE, related_name="notices")
    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, null=True, related_name="notices")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    #: What it was about, for statistics and for staff: message, decision, task …
    occasion = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=NoticeState.choices, default=NoticeState.WAITING)
    reason = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="notice_sent_at",
            ),
            # One unsent notice a person and channel is enough: whoever logs in sees everything that is new.
            models.UniqueConstraint(
                fields=["tenant", "person", "channel"],
                condition=Q(state="waiting"),
                name="notice_one_waiting",
            ),
        ]
