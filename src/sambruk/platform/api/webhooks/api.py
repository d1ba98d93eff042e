"""Subscriptions over the API: a client sees and ends its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from sambruk.platform.api.auth import OAuth2, client_of
from sambruk.platform.api.base import ApiModel
from sambruk.platform.api.idempotency import IdempotencyKey, Reply, once
from sambruk.platform.api.models import Subscription
from sambruk.platform.api.paging import BY_ID, PageParams, link_next, page_of
from sambruk.platform.api.webhooks import actions
from sambruk.platform.api.webhooks.address import MAX_URL
from sambruk.platform.identity.permissions import Permission

router = Router(tags=["subscriptions"], by_alias=True, auth=OAuth2(Permission.CASE_READ))

EventName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z_]+)+$", max_length=60)]


class NewSubscription(ApiModel):
    """Where to, and of what."""

    url: Annotated[str, Field(max_length=MAX_URL, description="https-adress som tar emot POST.")]
    event_types: Annotated[
        list[EventName],
        Field(min_length=1, max_length=20, description="case.opened, case.closed, decision.made"),
    ]


class SubscriptionOut(ApiModel):
    """A subscription, without its secret."""

    id: UUID
    url: str
    event_types: list[str]
    created_at: datetime


class SubscriptionMade(SubscriptionOut):
    """A new subscription with its secret, which is told only now."""

    secret: Annotated[str, Field(description="Nyckeln till signaturen (Standard Webhooks). Visas bara nu.")]


class SubscriptionPage(ApiModel):
    """A page of subscriptions."""

    items: list[SubscriptionOut]
    next: str | None


@router.get("/subscriptions", response=SubscriptionPage, summary="Systemets prenumerationer")
def list_subscriptions(
    request: HttpRequest, response: HttpResponse, params: Query[PageParams]
) -> SubscriptionPage:
    """Return the subscriptions of the calling client."""
    rows = Subscription.objects.filter(client_id=client_of(request).id, ended_at__isnull=True)
    page = page_of(rows, [BY_ID], params)
    link_next(request, response, page.next)
    return SubscriptionPage(items=[SubscriptionOut.model_validate(one) for one in page.items], next=page.next)


@router.post("/subscriptions", response={201: SubscriptionMade}, summary="Prenumerera på händelser")
def create_subscription(
    request: HttpRequest, body: NewSubscription, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Subscribe. Events come as CloudEvents 1.0 with ids only, signed as Standard Webhooks says."""

    def effect() -> Reply:
        made = actions.subscribe(by=client_of(request), url=body.url, event_types=body.event_types)
        return Reply(201, SubscriptionMade.model_validate(made))

    return once(request, idempotency_key, effect)


@router.delete("/subscriptions/{uuid:subscription_id}", response={204: None}, summary="Sluta prenumerera")
def delete_subscription(request: HttpRequest, subscription_id: UUID) -> Status[None]:
    """End a subscription of the calling client."""
    actions.unsubscribe(by=client_of(request), subscription_id=subscription_id)
    return Status(204, None)
