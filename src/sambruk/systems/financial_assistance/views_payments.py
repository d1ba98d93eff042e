"""The page of payments: what waits, what is approved, what is with the bank."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sambruk.common.errors import Conflict, Invalid
from sambruk.common.money import format_kr
from sambruk.platform.audit import actions as audit
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import notices
from sambruk.systems.financial_assistance import payment_lists
from sambruk.systems.financial_assistance.actions import payment_files, payments
from sambruk.systems.financial_assistance.models import PaymentOrder

PAGE = "financial_assistance/payments.html"


@require_GET
@staff_required(Permission.PAYMENT_APPROVE, Permission.PAYMENT_ORDER)
def overview(request: HttpRequest) -> HttpResponse:
    """The page. Whose payments were shown stands in the log of reads."""
    return _page(request)


def _page(request: HttpRequest, *, fault: str = "", status: int = 200) -> HttpResponse:
    actor = actor_for(request)
    waiting = payment_lists.in_state(actor, PaymentOrder.State.ORDERED)
    days = payment_lists.days_to_file(actor)
    others = payment_lists.in_state(actor, PaymentOrder.State.OTHERWISE, PaymentOrder.State.STOPPED)
    shown = [*waiting, *(line for day in days for line in day.lines), *others]
    audit.record_many(
        audit.Entry(
            event="payment_order.read",
            by=actor,
            obj=line.order,
            case_id=line.order.case_id,
            person_id=line.order.payee_id,
            is_read=True,
        )
        for line in shown
    )
    context = {
        "waiting": waiting,
        "days": days,
        "others": others,
        "files": payment_lists.files(actor),
        "may_approve": actor.may(Permission.PAYMENT_APPROVE),
        "may_order": actor.may(Permission.PAYMENT_ORDER),
        "fault": fault,
        "shown": payment_lists.SHOWN,
    }
    return render(request, PAGE, context, status=status)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("financial_assistance:payments"))


@require_POST
@staff_required(Permission.PAYMENT_APPROVE)
def create_file(request: HttpRequest) -> HttpResponse:
    """Make the payment file of a pay day."""
    try:
        pay_on = date.fromisoformat(request.POST.get("pay_on", ""))
    except ValueError:
        return _page(request, fault="Välj vilken dags utbetalningar filen gäller.", status=422)
    try:
        made = payment_files.create(pay_on=pay_on, by=actor_for(request))
    except (Invalid, Conflict) as error:
        return _page(request, fault=error.message_sv, status=422)
    notices.add(request, f"Betalfilen {made.message_id} är skapad: {made.count} st, {format_kr(made.total)}.")
    return _back()


@require_POST
@staff_required(Permission.PAYMENT_APPROVE)
def stop(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Stop an approved payment that is not in a file."""
    try:
        payments.stop(order_id=order_id, reason=request.POST.get("reason", ""), by=actor_for(request))
    except (Invalid, Conflict) as error:
        return _page(request, fault=error.message_sv, status=422)
    notices.add(request, "Utbetalningen är stoppad.")
    return _back()


@require_POST
@staff_required(Permission.PAYMENT_ORDER)
def order_again(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Order a stopped payment again."""
    try:
        payments.order_again(order_id=order_id, by=actor_for(request))
    except (Invalid, Conflict) as error:
        return _page(request, fault=error.message_sv, status=422)
    notices.add(request, "Utbetalningen är beställd igen och väntar på att godkännas.")
    return _back()
