"""An event that subscribers are to be told of: rows and jobs, in the transaction where it happened."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sambruk.common.clock import now
from sambruk.platform.api.models import Subscription, WebhookEvent
from sambruk.platform.api.webhooks import types
from sambruk.platform.exchange import outbox
from sambruk.platform.tenancy.compiled import Compiled

KIND = "api.webhook"


_SUBSCRIPTIONS = Compiled(
    lambda name, permission, unit_id: Subscription.objects.filter(
        ended_at__isnull=True,
        paused_at__isnull=True,
        event_types__contains=[name],
        client__active=True,
        client__scopes__contains=[permission],
        client__client_units__unit_id=unit_id,
    ).only("id"),
    str,
    str,
    UUID,
)


def emit(name: str, *, subject_id: UUID, unit_id: UUID, ids: Mapping[str, UUID]) -> int:
    """Promise an event to every client that subscribes to it and was given the unit. Returns how many.

    ``ids`` is all that is told: names in camelCase and ids. One query where nobody subscribes. Raises Invalid
    for a type that is not declared.
    """
    event_type = types.require(name)
    moment = now()
    rows = [
        WebhookEvent(
            subscription_id=subscription.pk,
            type=name,
            subject_id=subject_id,
            data={key: str(value) for key, value in ids.items()},
            occurred_at=moment,
        )
        for subscription in _SUBSCRIPTIONS.all(name, str(event_type.permission), unit_id)
    ]
    if rows:
        WebhookEvent.objects.bulk_create(rows)
        outbox.enqueue_many(
            [outbox.Wanted(kind=KIND, object_id=row.pk, key=f"{KIND}:{row.pk}") for row in rows]
        )
    return len(rows)
