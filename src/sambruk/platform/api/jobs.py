"""What the API does in the background: it sends webhooks, and forgets what no longer counts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sambruk.common.clock import now
from sambruk.platform.api import idempotency, limits
from sambruk.platform.api.models import WebhookEvent
from sambruk.platform.api.webhooks import delivery  # noqa: F401 - registers its kind
from sambruk.platform.exchange.jobs import periodic, shared_periodic

#: How long it is kept what was told to whom: as long as the deliveries themselves.
KEEP_EVENTS = timedelta(days=90)


@periodic("41 * * * *", name="api.sweep", label="Glöm besvarade API-anrop")
def sweep(tenant_id: UUID) -> None:
    """Forget answers older than a day, and events that were received long ago."""
    idempotency.sweep()
    WebhookEvent.objects.filter(delivered_at__lt=now() - KEEP_EVENTS).delete()


@shared_periodic("*/10 * * * *", name="api.sweep_limits", label="Glöm hur ofta någon har frågat")
def sweep_limits() -> None:
    """Forget the counts of windows that have ended."""
    limits.sweep()
