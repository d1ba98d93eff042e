"""One payment: what it rests on, and its approval, also where the case stays closed to the approver."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sambruk.common.actor import Actor
from sambruk.common.calendar import format_date, local_date
from sambruk.common.errors import Invalid, SambrukError
from sambruk.common.money import format_kr
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases.models import Decision
from sambruk.platform.identity import protection
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission, may_in
from sambruk.platform.ui import notices
from sambruk.platform.ui.components import Term
from sambruk.platform.ui.fields import FieldView
from sambruk.platform.ui.form_views import REFUSALS, faults_of
from sambruk.systems.financial_assistance import payment_lists
from sambruk.systems.financial_assistance.actions import payments
from sambruk.systems.financial_assistance.models import PaymentOrder
from sambruk.systems.financial_assistance.payment_lists import PaymentLine

PAGE = "financial_assistance/payment.html"


@require_GET
@staff_required(Permission.PAYMENT_APPROVE, Permission.PAYMENT_ORDER)
def payment(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The payment on one page. That it was read stands in the log."""
    return _page(request, order_id)


def _page(request: HttpRequest, order_id: UUID, fault: SambrukError | None = None) -> HttpResponse:
    actor = actor_for(request)
    line = payment_lists.one(order_id, actor)
    order = line.order
    audit.record_read(
        by=actor, obj=order, event="payment_order.read", case_id=order.case_id, person_id=order.payee_id
    )
    waits = order.state == PaymentOrder.State.ORDERED
    approves = may_in(actor, Permission.PAYMENT_APPROVE, order.case.unit_id)
    why_not = payments.why_not_approve(order.case, order, actor) if waits and approves else ""
    faults = faults_of(fault, "reason") if fault is not None else {}
    hidden = not protection.may_see(order.payee, actor)
    context = {
        "line": line,
        "order": order,
        "terms": _terms(line),
        "hidden": hidden,
        "why_not": why_not,
        "may_approve": waits and approves and not why_not,
        "checked": _checked(request, faults, hidden=hidden) if payments.needs_check(order) else None,
        "may_return": payments.approval_task(order.case) is not None,
        "reason": _reason(request, faults),
        "errors": [(f"id_{name}", text) for name, text in faults.items()],
        "back_url": reverse("financial_assistance:payments"),
    }
    return render(request, PAGE, context, status=422 if faults else 200)


def _terms(line: PaymentLine) -> list[Term]:
    order = line.order
    terms = [
        Term(label=_("Till"), value=line.name),
        Term(label=_("Konto"), value=line.account),
        Term(label=_("Belopp"), value=format_kr(order.amount)),
        Term(label=_("Gäller"), value=line.month),
        Term(label=_("Betalas"), value=format_date(order.pay_on, weekday=True)),
        Term(label=_("Beslut"), value=_decided(order.decision)),
        Term(label=_("Beställd av"), value=order.ordered_by_name),
        Term(label=_("Läge"), value=order.get_state_display()),
    ]
    if order.approved_by_name:
        terms.append(Term(label=_("Godkänd av"), value=order.approved_by_name))
    return terms


def _decided(decision: Decision) -> str:
    amount = format_kr(decision.amount) if decision.amount is not None else ""
    by = decision.decided_by.name if decision.decided_by is not None else ""
    day = format_date(local_date(decision.decided_at)) if decision.decided_at is not None else ""
    return ", ".join(part for part in (amount, by, day) if part)


def _checked(request: HttpRequest, faults: dict[str, str], *, hidden: bool) -> FieldView:
    ask = _("Personens uppgifter är skyddade. Fråga den som handlägger ärendet hur kontot är kontrollerat.")
    return FieldView(
        name="checked",
        label=_("Hur är kontot kontrollerat?"),
        help=ask if hidden else _("Till exempel: ringde den sökande på känt nummer."),
        value=request.POST.get("checked", ""),
        errors=[faults["checked"]] if "checked" in faults else [],
    )


def _reason(request: HttpRequest, faults: dict[str, str]) -> FieldView:
    return FieldView(
        name="reason",
        label=_("Vad behöver rättas?"),
        kind="long_text",
        value=request.POST.get("reason", ""),
        errors=[faults["reason"]] if "reason" in faults else [],
    )


def _require_listed(order_id: UUID, actor: Actor) -> None:
    payment_lists.one(order_id, actor)


@require_POST
@staff_required(Permission.PAYMENT_APPROVE)
def approve(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Approve it, and go back to what waits."""
    by = actor_for(request)
    _require_listed(order_id, by)
    try:
        done = payments.approve(order_id=order_id, by=by, checked=request.POST.get("checked", ""))
    except Invalid as error:
        return _page(request, order_id, error)
    otherwise = done.state == PaymentOrder.State.OTHERWISE
    notices.add(
        request,
        _("Utbetalningen är godkänd. Den betalas på annat sätt än med betalfil.")
        if otherwise
        else _("Utbetalningen är godkänd och kommer med i nästa betalfil."),
    )
    return HttpResponseRedirect(reverse("financial_assistance:payments"))


@require_POST
@staff_required(Permission.PAYMENT_APPROVE)
def give_back(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Send it back with what has to be mended."""
    by = actor_for(request)
    _require_listed(order_id, by)
    try:
        payments.give_back(order_id=order_id, reason=request.POST.get("reason", ""), by=by)
    except REFUSALS as error:
        return _page(request, order_id, error)
    notices.add(request, _("Utbetalningen är lämnad tillbaka och beställs på nytt."))
    return HttpResponseRedirect(reverse("financial_assistance:payments"))
