"""To subscribe, and to stop."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.platform.api.models import Subscription, WebhookEvent
from sambruk.platform.api.webhooks import types
from sambruk.platform.api.webhooks.address import check_url
from sambruk.platform.api.webhooks.emitting import KIND
from sambruk.platform.api.webhooks.signature import new_secret
from sambruk.platform.audit.actions import record
from sambruk.platform.exchange import actions as deliveries
from sambruk.platform.identity.models import ApiClient
from sambruk.platform.identity.permissions import Permission

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
    for name in set(event_types):
        by.require(types.require(name).permission)
    return _subscribe(by.id, by=by, url=url, event_types=event_types)


@transaction.atomic
def subscribe_for(*, by: Actor, client_id: UUID, url: str, event_types: Sequence[str]) -> Subscription:
    """Make a subscription for a client, by the administrator. Its ``secret`` is shown once, on the page.

    Permission: admin.principal. Raises Invalid for what the client has no right to be told, as `subscribe`.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    client = ApiClient.objects.filter(pk=client_id, active=True).first()
    if client is None:
        raise Invalid({"client": "Välj ett system i listan."})
    wrong = [name for name in set(event_types) if types.require(name).permission not in client.scopes]
    if wrong:
        raise Invalid({"eventTypes": f"{client.name} har inte rätt att få veta: {', '.join(sorted(wrong))}."})
    return _subscribe(client.pk, by=by, url=url, event_types=event_types)


def _subscribe(client_id: UUID, *, by: Actor, url: str, event_types: Sequence[str]) -> Subscription:
    wanted = sorted(set(event_types))
    if not wanted:
        raise Invalid({"eventTypes": "Välj minst en händelse."})
    check_url(url)
    # The client's row is locked, so that two at once do not both find room for the last one.
    ApiClient.objects.select_for_update(of=("self",)).get(pk=client_id)
    if Subscription.objects.filter(client_id=client_id, ended_at__isnull=True).count() >= MAX_SUBSCRIPTIONS:
        raise Conflict(
            f"Ett system kan ha {MAX_SUBSCRIPTIONS} prenumerationer. Ta bort en först.",
            "too_many_subscriptions",
        )
    made = Subscription.objects.create(client_id=client_id, url=url, event_types=wanted, secret=new_secret())
    record(event="subscription.created", by=by, obj=made, fields={"url": url, "event_types": wanted})
    return made


def _of_admin(subscription_id: UUID, by: Actor) -> Subscription:
    """Return a subscription that has not ended, locked. Raises NotAllowed, NotFound."""
    by.require(Permission.ADMIN_PRINCIPAL)
    rows = Subscription.objects.select_for_update(of=("self",))
    found = rows.filter(pk=subscription_id, ended_at__isnull=True).first()
    if found is None:
        raise NotFound("Prenumerationen finns inte, eller är avslutad.")
    return found


@transaction.atomic
def set_paused(*, by: Actor, subscription_id: UUID, paused: bool) -> Subscription:
    """Pause a subscription, or let it go on. Permission: admin.principal.

    What happens during the pause is never sent. What was promised before waits, and is sent afterwards if
    the pause is shorter than the time that deliveries are tried. Raises NotFound.
    """
    found = _of_admin(subscription_id, by)
    if (found.paused_at is not None) == paused:
        return found
    found.paused_at = now() if paused else None
    found.save(update_fields=["paused_at"])
    record(event="subscription.paused" if paused else "subscription.resumed", by=by, obj=found)
    return found


@transaction.atomic
def end_for(*, by: Actor, subscription_id: UUID) -> None:
    """End any client's subscription. Permission: admin.principal. Raises NotFound."""
    end(_of_admin(subscription_id, by), by=by, reason="administrator")


@transaction.atomic
def retry_event(*, by: Actor, subscription_id: UUID, event_id: UUID) -> None:
    """Send an event of a subscription again that failed or gave up. Permission: admin.principal.

    Raises NotFound, Conflict where it waits, is being sent or was received.
    """
    found = _of_admin(subscription_id, by)
    event = WebhookEvent.objects.filter(pk=event_id, subscription=found).first()
    if event is None:
        raise NotFound("Händelsen finns inte.")
    deliveries.restart(kind=KIND, object_id=event.pk, by=by)


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
    """End a locked subscription: ``reason`` is "client", "administrator" or "gone" (it answered 410)."""
    subscription.ended_at, subscription.ended_reason = now(), reason
    subscription.save(update_fields=["ended_at", "ended_reason"])
    record(event="subscription.ended", by=by, obj=subscription, fields={"reason": reason})
