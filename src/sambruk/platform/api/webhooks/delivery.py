"""Sends one event to one subscriber by the outbox: tried again for three days, then an operator sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC
from uuid import UUID

from django.conf import settings

from sambruk.common.actor import system_actor
from sambruk.common.clock import now
from sambruk.common.errors import SambrukError, Unavailable
from sambruk.platform.api.models import Subscription, WebhookEvent
from sambruk.platform.api.version import VERSION
from sambruk.platform.api.webhooks import sending, signature, types
from sambruk.platform.api.webhooks.actions import end
from sambruk.platform.api.webhooks.emitting import KIND
from sambruk.platform.exchange import outbox
from sambruk.platform.identity.api_auth import client_actor
from sambruk.platform.identity.models import ApiClientUnit
from sambruk.platform.tenancy.context import current_principal

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. The secret stays out of every text about it."""

    event_id: UUID
    url: str
    body: bytes
    secret: str = field(repr=False)


@outbox.handler(KIND, label="Besked till anslutet system")
class Delivery(outbox.Handler[Message, int]):
    """Prepares, sends and records an event."""

    def prepare(self, attempt: outbox.Attempt) -> Message | None:
        """Return the message, or None where the client may not know (any longer): then it is over."""
        event = (
            WebhookEvent.objects.select_related("subscription__client").filter(pk=attempt.object_id).first()
        )
        if event is None or event.subscription.ended_at is not None or not _may_know(event):
            return None
        if event.subscription.paused_at is not None:
            # It was promised before the pause: tried again by the schedule, and by hand after it.
            raise Unavailable("Prenumerationen är pausad.", code="webhook_paused")
        return Message(event.pk, event.subscription.url, body_of(event), event.subscription.secret)

    def call(self, attempt: outbox.Attempt, prepared: Message) -> int:
        """Send. The time of the signature is this attempt's; the id is the same in all of them."""
        signed = signature.headers(
            secret=prepared.secret,
            event_id=str(prepared.event_id),
            timestamp=int(now().timestamp()),
            body=prepared.body,
        )
        headers = {"Content-Type": CONTENT_TYPE, "User-Agent": f"Sambruk/{VERSION}", **signed}
        return sending.post(prepared.url, body=prepared.body, headers=headers)

    def finish(self, attempt: outbox.Attempt, prepared: Message, result: int) -> None:
        """Record when it was received."""
        WebhookEvent.objects.filter(pk=attempt.object_id).update(delivered_at=now())

    def gave_up(self, attempt: outbox.Attempt, error: SambrukError) -> None:
        """End the subscription where the receiver is gone for good."""
        if not isinstance(error, sending.ReceiverGone):
            return
        subscription = (
            Subscription.objects.select_for_update(of=("self",))
            .filter(events__pk=attempt.object_id, ended_at__isnull=True)
            .first()
        )
        if subscription is not None:
            end(subscription, by=system_actor(attempt.tenant_id, "webhooks"), reason="gone")


def _may_know(event: WebhookEvent) -> bool:
    """Ask again now: the client, its units or the case's secrecy may have changed since it happened."""
    client = event.subscription.client
    event_type = types.find(event.type)
    if event_type is None or not client.active or event_type.permission not in client.scopes:
        return False
    units = ApiClientUnit.objects.filter(client=client).values_list("unit_id", flat=True)
    return event_type.visible(event.subject_id, client_actor(client, client.scopes, frozenset(units)))


def body_of(event: WebhookEvent) -> bytes:
    """Return the event as CloudEvents 1.0 in JSON: type, source, id, time, and ids."""
    host = current_principal().hostnames.order_by("-primary", "host").values_list("host", flat=True).first()
    content = {
        "specversion": "1.0",
        "id": str(event.pk),
        "source": f"{'https' if settings.SECURE else 'http'}://{host}/api/v1",
        "type": event.type,
        "subject": str(event.subject_id),
        "time": event.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": event.data,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
