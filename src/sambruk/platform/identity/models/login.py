"""A login on its way, and the session that it becomes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sambruk.platform.identity.encrypted import EncryptedJSONField, EncryptedTextField
from sambruk.platform.identity.models.mandate import Mandate
from sambruk.platform.identity.models.person import Person
from sambruk.platform.identity.models.provider import IdentityProvider
from sambruk.platform.identity.models.staff import StaffMember
from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Session(TenantModel):
    """Somebody who is logged in at this principal. The cookie's key is stored only as SHA-256.

    ``expires_at`` moves on with use, ``ends_at`` does not. ``data`` holds ids and flags, never what
    people wrote.
    """

    key_hash = models.CharField(max_length=64)
    person = TenantForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="sessions")
    staff = TenantForeignKey(StaffMember, models.CASCADE, null=True, blank=True, related_name="sessions")
    provider = TenantForeignKey(IdentityProvider, models.CASCADE, related_name="sessions")
    assurance = models.PositiveSmallIntegerField()
    mandate = TenantForeignKey(Mandate, models.SET_NULL, null=True, blank=True, related_name="+")
    filling_in_for = TenantForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=20, default="web")
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key_hash"], name="session_key_per_tenant"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, staff__isnull=True)
                | Q(person__isnull=True, staff__isnull=False),
                name="session_is_one_account",
            ),
            # A person acts for another by mandate; staff fill in for another. Never both.
            models.CheckConstraint(
                condition=Q(mandate__isnull=True) | Q(person__isnull=False), name="session_mandate_of_person"
            ),
            models.CheckConstraint(
                condition=Q(filling_in_for__isnull=True) | Q(staff__isnull=False),
                name="session_filling_in_by_staff",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("ends_at")), name="session_expires_before_it_ends"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "expires_at"], name="session_by_expiry")]

    def __str__(self) -> str:
        return f"session {self.pk}"


class LoginAttempt(TenantModel):
    """One authorization request sent to a provider: good for one answer, within minutes.

    ``browser_hash`` binds it to the browser that began (SHA-256 of a cookie). For a signature it also
    binds the session, the signer and the SHA-256 of the signed bytes; the nonce is made of that hash.
    ``outcome`` is "" while under way, "done", or the code of what went wrong; ``evidence`` what a
    signature proved, until ``collected_at``.

    With SAML ``nonce`` is what the request's ID is made of, ``response`` the answer as it was posted, kept
    for the moment between the provider's form and our own page, and ``assertion_hash`` names the assertion
    that was believed, so that none is believed twice.
    """

    provider = TenantForeignKey(IdentityProvider, models.CASCADE, related_name="+")
    state_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64)
    nonce = models.CharField(max_length=100)
    verifier = EncryptedTextField(blank=True)
    response = EncryptedTextField(blank=True)
    assertion_hash = models.CharField(max_length=64, blank=True)
    return_to = models.CharField(max_length=2000, default="/")
    required_assurance = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    session = TenantForeignKey(Session, models.CASCADE, null=True, blank=True, related_name="+")
    signer = TenantForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    signing_purpose = models.CharField(max_length=100, blank=True)
    payload_sha256 = models.CharField(max_length=64, blank=True)
    nonce_salt = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    evidence = EncryptedJSONField(null=True, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "state_hash"], name="login_state_per_tenant"),
            models.UniqueConstraint(fields=["tenant", "nonce"], name="login_nonce_per_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "assertion_hash"],
                condition=~Q(assertion_hash=""),
                name="login_assertion_per_tenant",
            ),
            models.CheckConstraint(
                condition=Q(payload_sha256="", signer__isnull=True, session__isnull=True)
                | (~Q(payload_sha256="") & Q(signer__isnull=False, session__isnull=False)),
                name="login_signature_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "expires_at"], name="login_by_expiry")]

    def __str__(self) -> str:
        return f"login {self.pk}"

    @property
    def is_signature(self) -> bool:
        """True if it is to sign something."""
        return bool(self.payload_sha256)
