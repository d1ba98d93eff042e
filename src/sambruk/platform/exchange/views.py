"""The operator's pages: what failed, what gave up, and trying again."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid
from sambruk.platform.exchange import actions, faults, queries, runs
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.registry import label_of
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import notices
from sambruk.platform.ui.components import Chip, Column, Row, Table, Term
from sambruk.platform.ui.fields import FieldView
from sambruk.platform.ui.paging import cursor

_SHOWN = {
    "trouble": "som har gett upp",
    "retrying": "som försöks igen",
    "waiting": "som väntar eller pågår",
    "set_aside": "som är lagda åt sidan",
    "done": "som är klara",
}


def _operator(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(Permission.OPERATOR)
    return actor


def _address(**values: str) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return reverse("operator") + (f"?{query}" if query else "")


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What needs a person, by kind, then the deliveries of the chosen filter, newest first."""
    _operator(request)
    show = request.GET.get("visa", "trouble")
    show = show if show in _SHOWN else "trouble"
    kind = request.GET.get("slag", "")
    page = queries.deliveries(show=show, kind=kind, after=cursor(request))
    chips = [
        Chip(label=label, url=_address(visa=name, slag=kind), selected=name == show)
        for name, label in _SHOWN.items()
    ]
    if kind:
        chips.append(Chip(label=label_of(kind), url=_address(visa=show), selected=True))
    context = {
        "trouble": queries.trouble_by_kind(),
        "overdue_since": queries.overdue_since(),
        "faults": faults.current(),
        "periodic": _periodic(),
        "chips": chips,
        "table": _table(page.rows, _SHOWN[show]) if page.rows else None,
        "older_url": _address(visa=show, slag=kind, efter=str(page.after)) if page.after else "",
        "show": show,
    }
    return render(request, "exchange/overview.html", context)


def _periodic() -> Table:
    return Table(
        caption=_("Återkommande arbete, efter namn"),
        columns=[
            Column(key="label", label=_("Arbete")),
            Column(key="when", label=_("Görs")),
            Column(key="ended", label=_("Senast"), kind="time"),
            Column(key="state", label=_("Gick det bra?")),
            Column(key="note", label=_("Vad som gjordes")),
        ],
        rows=[
            Row(
                attention=line.run is not None and not line.run.succeeded,
                cells={
                    "label": line.label,
                    "when": line.when,
                    "ended": line.run.ended_at if line.run else None,
                    "state": _state(line),
                    "note": line.run.note if line.run else "",
                },
            )
            for line in runs.lines()
        ],
    )


def _state(line: runs.PeriodicLine) -> str:
    if line.run is None:
        return _("Görs gemensamt för alla") if line.shared else _("Inte gjort än")
    return _("Ja") if line.run.succeeded else _("Nej")


def _table(deliveries: Sequence[Delivery], what: str) -> Table:
    return Table(
        caption=f"Leveranser {what}, de senaste först",
        list_keys=True,
        columns=[
            Column(key="kind", label="Slag"),
            Column(key="created", label="Skapad", kind="time"),
            Column(key="state", label="Läge"),
            Column(key="attempts", label="Försök", kind="number"),
            Column(key="next", label="Nästa försök", kind="time"),
            Column(key="error", label="Senaste fel"),
        ],
        rows=[
            Row(
                id=str(each.id),
                url=reverse("operator-delivery", args=[each.id]),
                attention=each.state == DeliveryState.GIVEN_UP and each.set_aside_at is None,
                cells={
                    "kind": label_of(each.kind),
                    "created": each.created_at,
                    "state": each.get_state_display(),
                    "attempts": each.attempts,
                    "next": each.next_at,
                    "error": each.last_error,
                },
            )
            for each in deliveries
        ],
    )


def _show(request: HttpRequest, delivery: Delivery, *, reason: str = "", error: str = "") -> HttpResponse:
    terms = [
        Term(label="Läge", value=delivery.get_state_display()),
        Term(label="Senaste fel", value=delivery.last_error or "Inget"),
        Term(label="Försök", value=delivery.attempts),
        Term(label="Gäller", value=delivery.object_id),
        Term(label="Nyckel", value=delivery.key),
    ]
    if delivery.set_aside_at:
        terms.append(Term(label="Lagd åt sidan av", value=delivery.set_aside_by))
        terms.append(Term(label="Därför att", value=delivery.set_aside_reason))
    field = FieldView(
        name="reason",
        label="Varför behövs inget mer?",
        kind="long_text",
        value=reason,
        errors=[error] if error else [],
    )
    context = {
        "delivery": delivery,
        "label": label_of(delivery.kind),
        "terms": terms,
        "errors": [(field.html_id, error)] if error else [],
        "reason_field": field,
        "may_retry": delivery.state in (DeliveryState.FAILED, DeliveryState.GIVEN_UP),
        "may_set_aside": delivery.state == DeliveryState.GIVEN_UP and delivery.set_aside_at is None,
    }
    return render(request, "exchange/delivery.html", context, status=422 if error else 200)


@require_safe
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery, and what can be done with it."""
    _operator(request)
    return _show(request, queries.delivery(delivery_id))


@require_POST
def retry(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Try one again."""
    actions.retry(delivery_id=delivery_id, by=_operator(request))
    notices.add(request, _("Leveransen försöks igen nu."))
    return HttpResponseRedirect(reverse("operator-delivery", args=[delivery_id]))


@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Try all of a kind again."""
    count = actions.retry_all(kind=request.POST.get("kind", ""), by=_operator(request))
    text = ngettext("%d leverans försöks igen nu.", "%d leveranser försöks igen nu.", count) % count
    if count == actions.RETRY_BATCH:
        text += " " + _("Det kan finnas fler. Läs om sidan och fortsätt.")
    notices.add(request, text)
    return HttpResponseRedirect(reverse("operator"))


@require_POST
def set_aside(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Set one aside, with the reason of the form."""
    reason = request.POST.get("reason", "")
    try:
        actions.set_aside(delivery_id=delivery_id, reason=reason, by=_operator(request))
    except Invalid as error:
        return _show(request, queries.delivery(delivery_id), reason=reason, error=error.message_sv)
    notices.add(request, _("Leveransen är lagd åt sidan."))
    return HttpResponseRedirect(reverse("operator"))
