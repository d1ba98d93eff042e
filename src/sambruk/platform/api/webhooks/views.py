"""The administrator's pages of subscriptions: who is told of what, how the latest went, trying again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.errors import Conflict, Invalid, NotFound
from sambruk.platform.api.models import Subscription, WebhookEvent
from sambruk.platform.api.webhooks import actions, types
from sambruk.platform.api.webhooks.emitting import KIND
from sambruk.platform.audit.labels import label_of
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.models import ApiClient
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import form_views, notices
from sambruk.platform.ui.components import Column, Row, Table
from sambruk.platform.ui.fields import Choice

SHOWN = 50
#: A client has at most twenty; more clients than this page holds is another product.
MOST = 500
#: The API names its fields otherwise than a page does.
_FIELDS = {"eventTypes": "event_types"}


@require_GET
@staff_required(Permission.ADMIN_PRINCIPAL)
def subscription_list(request: HttpRequest) -> HttpResponse:
    """All subscriptions, those that go on first."""
    rows = Subscription.objects.select_related("client")
    found = list(rows.order_by(F("ended_at").desc(nulls_first=True), "client__name", "id")[:MOST])
    table = Table(
        caption=_("Prenumerationer, de pågående först"),
        columns=[
            Column(key="client", label=_("System"), kind="link"),
            Column(key="url", label=_("Adress")),
            Column(key="types", label=_("Händelser")),
            Column(key="state", label=_("Läge"), kind="tag"),
        ],
        rows=[
            Row(
                url=reverse("subscription_detail", args=[one.pk]),
                id=str(one.pk),
                cells={
                    "client": one.client.name,
                    "url": one.url,
                    "types": ", ".join(one.event_types),
                    "state": _state(one),
                },
            )
            for one in found
        ],
        list_keys=True,
    )
    context = {"table": table if found else None, "back_url": reverse("administration")}
    return render(request, "api/subscription_list.html", context)


def _state(one: Subscription) -> str:
    if one.ended_at is not None:
        return _("Avslutad")
    return _("Pausad") if one.paused_at is not None else ""


@require_http_methods(["GET", "POST"])
@never_cache
@staff_required(Permission.ADMIN_PRINCIPAL)
def subscription_add(request: HttpRequest) -> HttpResponse:
    """Let a system be told of events. The key that signs them stands on the page that answers, once."""
    clients = list(ApiClient.objects.filter(active=True).order_by("name", "id"))
    faults: dict[str, str] = {}
    if request.method == "POST":
        chosen = next((one for one in clients if str(one.pk) == request.POST.get("client")), None)
        try:
            if chosen is None:
                raise Invalid({"client": _("Välj ett system i listan.")})
            made = actions.subscribe_for(
                by=actor_for(request),
                client_id=chosen.pk,
                url=request.POST.get("url", "").strip(),
                event_types=request.POST.getlist("event_types"),
            )
        except form_views.REFUSALS as error:
            found = form_views.faults_of(error, "url")
            faults = {_FIELDS.get(name, name): text for name, text in found.items()}
        else:
            context = {"subscription": made, "next_url": reverse("subscription_detail", args=[made.pk])}
            return render(request, "api/subscription_secret.html", context)
    context = {
        "fields": form_views.fields(_specs(clients), request.POST, faults),
        "has_clients": bool(clients),
        "back_url": reverse("subscription_list"),
    }
    return render(request, "api/subscription_add.html", context, status=422 if faults else 200)


def _specs(clients: Sequence[ApiClient]) -> list[dict[str, Any]]:
    return [
        {
            "name": "client",
            "label": _("Vilket system?"),
            "kind": "select",
            "choices": tuple(Choice(str(one.pk), one.name) for one in clients),
        },
        {
            "name": "url",
            "label": _("Vart ska det skickas?"),
            "help": _("En https-adress som systemet tar emot på. Det som skickas är bara id:n."),
            "maxlength": 500,
        },
        {
            "name": "event_types",
            "label": _("Vad ska systemet få veta?"),
            "kind": "checkboxes",
            "choices": tuple(Choice(name, f"{label_of(name)} ({name})") for name in types.names()),
        },
    ]


@require_GET
@staff_required(Permission.ADMIN_PRINCIPAL)
def subscription_detail(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """One subscription and its latest events: received, on their way, given up."""
    found = Subscription.objects.select_related("client").filter(pk=subscription_id).first()
    if found is None:
        raise Http404
    context = {"subscription": found, "events": _events(found), "back_url": reverse("subscription_list")}
    return render(request, "api/subscription_detail.html", context)


def _events(subscription: Subscription) -> list[dict[str, Any]]:
    """The latest events with how their delivery stands: two queries."""
    events = list(WebhookEvent.objects.filter(subscription=subscription).order_by("-id")[:SHOWN])
    keys = [f"{KIND}:{event.pk}" for event in events]
    deliveries = {one.object_id: one for one in Delivery.objects.filter(key__in=keys)}
    return [_event(event, deliveries.get(event.pk), subscription) for event in events]


def _event(event: WebhookEvent, delivery: Delivery | None, subscription: Subscription) -> dict[str, Any]:
    state = delivery.get_state_display() if delivery else _("Okänt")
    if delivery is not None and delivery.state == DeliveryState.DONE:
        # Done without an answer: it was not for the client to know any longer.
        state = _("Mottagen") if event.delivered_at else _("Skickades inte")
    again = delivery is not None and delivery.state in (DeliveryState.FAILED, DeliveryState.GIVEN_UP)
    return {
        "event": event,
        "state": state,
        "attempts": delivery.attempts if delivery else 0,
        "error": delivery.last_error if delivery and delivery.state != DeliveryState.DONE else "",
        "may_retry": again and subscription.ended_at is None and subscription.paused_at is None,
        "attention": delivery is not None and delivery.state == DeliveryState.GIVEN_UP,
    }


@require_POST
@staff_required(Permission.ADMIN_PRINCIPAL)
def subscription_pause(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Pause it, or let it go on."""
    paused = request.POST.get("paused") == "yes"
    actions.set_paused(by=actor_for(request), subscription_id=subscription_id, paused=paused)
    notices.add(request, _("Prenumerationen är pausad.") if paused else _("Prenumerationen är igång igen."))
    return _back(subscription_id)


@require_POST
@staff_required(Permission.ADMIN_PRINCIPAL)
def subscription_end(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """End it for good."""
    actions.end_for(by=actor_for(request), subscription_id=subscription_id)
    notices.add(request, _("Prenumerationen är avslutad."))
    return _back(subscription_id)


@require_POST
@staff_required(Permission.ADMIN_PRINCIPAL)
def event_retry(request: HttpRequest, subscription_id: UUID, event_id: UUID) -> HttpResponse:
    """Send one event again."""
    try:
        actions.retry_event(by=actor_for(request), subscription_id=subscription_id, event_id=event_id)
    except (Conflict, NotFound) as error:
        notices.add(request, error.message_sv, "warning")
    else:
        notices.add(request, _("Händelsen skickas igen nu."))
    return _back(subscription_id)


def _back(subscription_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("subscription_detail", args=[subscription_id]))
