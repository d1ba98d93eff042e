"""Reminders of a signature that is waited for: sent to who has chosen no way, and again by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sambruk.common.actor import system_actor
from sambruk.common.clock import now
from sambruk.common.errors import SambrukError
from sambruk.platform.exchange import outbox
from sambruk.platform.exchange.jobs import periodic
from sambruk.platform.exchange.registry import Attempt, Handler
from sambruk.platform.forms import reminders
from sambruk.platform.forms.actions.signing import remind_by_itself
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.messaging.jobs import send_notice_email, send_notice_sms
from sambruk.platform.messaging.models import Channel
from sambruk.platform.messaging.texts import Text, notice_text
from sambruk.platform.tenancy.context import current_principal, tenant_transaction


@periodic("20 8 * * *", name="forms.remind", label="Påminnelser om underskrift", in_transaction=False)
def remind_signers(tenant_id: UUID) -> None:
    """Remind those who have not signed three days after they last heard of it, a few times in all.

    The owner, and once somebody has signed the others. Whom we cannot reach the applicant is told of.
    """
    by = system_actor(tenant_id, "Påminnelser om underskrift")
    with tenant_transaction(tenant_id):
        waiting = DraftSigner.objects.filter(
            reminders.due(), draft__state=Draft.State.SIGNING, draft__expires_at__gt=now()
        )
        ids = list(waiting.values_list("draft_id", flat=True).distinct())
    for draft_id in ids:
        with tenant_transaction(tenant_id):
            remind_by_itself(draft_id=draft_id, by=by)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder ready to be sent."""

    to: str
    text: Text
    sender: str


class _ToSigner(Handler[Reminder, None]):
    """A reminder to the address that the application gives; the object is the signer's place."""

    channel: Channel

    def prepare(self, attempt: Attempt) -> Reminder | None:
        """Look again: it may be signed by now, opened for change, or the person be protected."""
        place = (
            DraftSigner.objects.filter(
                pk=attempt.object_id, signed_at=None, draft__state=Draft.State.SIGNING
            )
            .select_related("draft", "person")
            .first()
        )  # fmt: skip
        if place is None or (place.person is not None and place.person.is_protected):
            return None
        to = reminders.given_ways(place.draft, place.party).get(self.channel)
        if to is None:
            return None
        principal = current_principal()
        return Reminder(to, notice_text(principal, first=True), principal.short_name or principal.name)

    def finish(self, attempt: Attempt, prepared: Reminder, result: None) -> None:
        """Nothing to write: the promise was written down, and what fails is."""

    def gave_up(self, attempt: Attempt, error: SambrukError) -> None:
        """Let the applicant know that nobody was reached."""
        DraftSigner.objects.filter(pk=attempt.object_id).update(not_reached=True)


@outbox.handler(reminders.GIVEN_KINDS[Channel.EMAIL], label="Påminnelse om underskrift med e-post")
class EmailToSigner(_ToSigner):
    """By e-mail. Sent again after a lost answer it has the same Message-ID."""

    channel = Channel.EMAIL

    def call(self, attempt: Attempt, prepared: Reminder) -> None:
        """Hand the mail to the mail server."""
        send_notice_email(prepared.to, prepared.text, attempt.idempotency_key)


@outbox.handler(
    reminders.GIVEN_KINDS[Channel.SMS], label="Påminnelse om underskrift med sms", schedule=outbox.SHORT
)
class SmsToSigner(_ToSigner):
    """By text message. Sent again after a lost answer it has the same key."""

    channel = Channel.SMS

    def call(self, attempt: Attempt, prepared: Reminder) -> None:
        """Hand the text to the service."""
        send_notice_sms(prepared.to, prepared.text, prepared.sender, attempt.idempotency_key)
