"""The commands of ekonomiskt bistånd on the case page: the calculation, and the payment's approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from sambruk.common.actor import Actor
from sambruk.common.calendar import format_date
from sambruk.common.errors import Conflict
from sambruk.common.money import format_kr
from sambruk.common.month import Month
from sambruk.platform.cases.actions.tasks import refuse_reason
from sambruk.platform.cases.commands import CommandField, Offer
from sambruk.platform.cases.models import Case
from sambruk.platform.cases.open_tasks import open_tasks
from sambruk.platform.identity.permissions import Permission, may_in
from sambruk.systems.financial_assistance.actions import payments
from sambruk.systems.financial_assistance.models import PaymentOrder
from sambruk.systems.financial_assistance.payment_views import account_text
from sambruk.systems.financial_assistance.service import CALCULATE


def panel_url(case: Case) -> str:
    """Return the address of the calculation on the case page."""
    return f"{reverse('cases:case', args=[case.pk])}?flik=calculation"


def offer(case: Case, actor: Actor) -> list[Offer]:
    """Return what the actor can do with the case's calculation and payment now."""
    return [*_calculation(case, actor), *_payment(case, actor)]


def _calculation(case: Case, actor: Actor) -> list[Offer]:
    task = next((one for one in open_tasks(case) if one.element == CALCULATE), None)
    if task is None or refuse_reason(task, case, actor):
        return []
    return [
        Offer(
            id="calculate",
            label="Gör beräkningen",
            order=10,
            key="r",
            primary=True,
            url=panel_url(case),
            task=task,
        )
    ]


def _payment(case: Case, actor: Actor) -> list[Offer]:
    found = PaymentOrder.objects.filter(case=case, state=PaymentOrder.State.ORDERED).first()
    if found is None or not actor.is_staff:
        return []
    offers: list[Offer] = []
    if may_in(actor, Permission.PAYMENT_APPROVE, case.unit_id) and not payments.why_not_approve(
        case, found, actor
    ):
        offers += _approval(case, found, actor)
    if may_in(actor, Permission.PAYMENT_ORDER, case.unit_id):
        offers.append(_account())
    return offers


def _approval(case: Case, found: PaymentOrder, actor: Actor) -> list[Offer]:
    checked = CommandField(
        "checked", "Hur har du kontrollerat kontot?", help="Till exempel: ringde den sökande på känt nummer."
    )
    offers = [
        Offer(
            id="approve_payment",
            label="Godkänn utbetalningen",
            order=10,
            key="g",
            primary=True,
            fields=(checked,) if payments.needs_check(found) else (),
            consequence=_consequence(found, actor),
        )
    ]
    if payments.approval_task(case) is not None:
        offers.append(
            Offer(
                id="return_payment",
                label="Lämna tillbaka utbetalningen",
                order=20,
                fields=(CommandField("reason", "Vad behöver rättas?", "long_text"),),
            )
        )
    return offers


def _consequence(found: PaymentOrder, actor: Actor) -> str:
    warnings = " ".join(str(warning["text"]) for warning in found.warnings)
    return (
        f"{format_kr(found.amount)} för {Month.of(found.month).label} till {account_text(found, actor)}, "
        f"{format_date(found.pay_on, weekday=True)}. {warnings}"
    ).strip()


def _account() -> Offer:
    return Offer(
        id="change_account",
        label="Ändra konto för utbetalningen",
        order=60,
        fields=(
            CommandField("clearing", "Clearingnummer"),
            CommandField("account", "Kontonummer"),
            CommandField("reason", "Varför ändras kontot?", "long_text"),
        ),
        consequence="Utbetalningen beställs på nytt till kontot. En annan person godkänner den.",
    )


def run(case: Case, chosen: Offer, data: Mapping[str, Any], by: Actor) -> str:
    """Run an offered command; return the sentence that tells what happened."""
    if chosen.id == "calculate":
        raise Conflict("Beräkningen görs på fliken Beräkning.")
    found = PaymentOrder.objects.filter(case=case, state=PaymentOrder.State.ORDERED).first()
    if found is None:
        raise Conflict("Utbetalningen väntar inte längre på att godkännas.")
    if chosen.id == "approve_payment":
        done = payments.approve(order_id=found.pk, by=by, checked=str(data.get("checked", "")))
        if done.state == PaymentOrder.State.OTHERWISE:
            return "Utbetalningen är godkänd. Den betalas på annat sätt än med betalfil."
        return "Utbetalningen är godkänd och kommer med i nästa betalfil."
    if chosen.id == "return_payment":
        payments.give_back(order_id=found.pk, reason=str(data["reason"]), by=by)
        return "Utbetalningen är lämnad tillbaka och beställs på nytt."
    payments.change_account(
        order_id=found.pk,
        clearing=str(data["clearing"]),
        account=str(data["account"]),
        reason=str(data["reason"]),
        by=by,
    )
    return "Kontot är ändrat. En annan person godkänner utbetalningen."
