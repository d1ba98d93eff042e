"""To subscribe, and to stop."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.platform.api.models import Subscription
from sambruk.platform.api.webhooks import types
from sambruk.platform.api.webhooks.address import check_url
from sambruk.platform.api.webhooks.signature import new_secret
from sambruk.platform.audit.actions import record
from sambruk.platform.identity.models import ApiClient

#: Subscriptions of one client. Our own choice: each makes a delivery of every event.
MAX_SUBSCRIPTIONS = 20


@transaction.atomic
def subscribe(*, by: Actor, url: str, event_types: Sequence[str]) -> Subscription:
    """Make a subscription of the calling client. Its ``secret`` is told once, in the answer.

    Permission: what each type of event asks for. Raises Invalid (address, types), NotAllowed, Conflict when
    there are too many.
    """
    if by.kind is not ActorKind.API or by.id is None:
        raise NotAllowed("Bara ett anslutet system kan prenumerera.")
    wanted = sorted(set(event_types))
    if not wanted:
        raise Invalid({"eventTypes": "Välj minst en händelse."})
    for name in wanted:
        by.require(types.require(name).permission)
    check_url(url)
    # The client's row is locked, so that two at once do not both find room for the last one.
    ApiClient.objects.select_for_update(of=("self",)).get(pk=by.id)
    if Subscription.objects.filter(client_id=by.id, ended_at__isnull=True).count() >= MAX_SUBSCRIPTIONS:
        raise Conflict(
            f"Ett system kan ha {MAX_SUBSCRIPTIONS} prenumerationer. Ta bort en först.",
            "too_many_subscriptions",
        )
    made = Subscription.objects.create(client_id=by.id, url=url, event_types=wanted, secret=new_secret())
    record(event="subscription.created", by=by, obj=made, fields={"url": url, "event_types": wanted})
    return made


@transaction.atomic
def unsubscribe(*, by: Actor, subscription_id: UUID) -> None:
    """End a subscription of the calling client; what is on its way is not sent. Raises NotFound."""
    found = (
        Subscription.objects.select_for_update(of=("self",))
        .filter(pk=subscription_id, client_id=by.id, ended_at__isnull=True)
        .first()
        if by.kind is ActorKind.API
        else None
    )
    if found is None:
        raise NotFound("Prenumerationen finns inte.")
    end(found, by=by, reason="client")


def end(subscription: Subscription, *, by: Actor, reason: str) -> None:
    """End a locked subscription: ``reason`` is "client" or "gone" (the receiver answered 410)."""
    subscription.ended_at, subscription.ended_reason = now(), reason
    subscription.save(update_fields=["ended_at", "ended_reason"])
    record(event="subscription.ended", by=by, obj=subscription, fields={"reason": reason})
