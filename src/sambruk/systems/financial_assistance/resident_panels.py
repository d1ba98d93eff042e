"""What Mina sidor shows: how it was calculated, and the payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from django.http import HttpRequest
from django.template.loader import render_to_string

from sambruk.common.calendar import format_date
from sambruk.common.month import Month
from sambruk.platform.cases.actions import decisions
from sambruk.platform.cases.models import Case
from sambruk.platform.cases.panels import resident_panel
from sambruk.platform.ui import formats
from sambruk.platform.ui.components import CalculationRow, Term
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.calculation_rows import GridRow, grid_rows
from sambruk.systems.financial_assistance.models import PaymentOrder
from sambruk.systems.financial_assistance.payment_views import masked_account
from sambruk.systems.financial_assistance.service import SERVICE

STATES = {
    PaymentOrder.State.ORDERED: "Förbereds. En person till kontrollerar den först.",
    PaymentOrder.State.APPROVED: "Godkänd, skickas till banken.",
    PaymentOrder.State.FILED: "Skickad till banken.",
    PaymentOrder.State.OTHERWISE: "Godkänd. Vi betalar på annat sätt och hör av oss.",
}


@resident_panel(id="calculation", label="Så räknade vi", order=20, services=(SERVICE,))
def calculation(request: HttpRequest, case: Case) -> str:
    """Draw the calculation that the decision rests on, line by line; nothing before there is a decision."""
    decision = decisions.latest(case)
    found = queries.decided_version(decision) if decision is not None else None
    if found is None:
        return ""
    result = queries.result_of(found)
    return render_to_string(
        "financial_assistance/resident_calculation.html",
        {
            "rows": [_row(one) for one in grid_rows(result) if one.refused or not one.struck],
            "caption": f"Beräkning för {result.month.label}, {result.norm_label}",
            "result": result,
        },
        request=request,
    )


def _row(one: GridRow) -> CalculationRow:
    kind: Literal["row", "heading", "sum", "total"] = (
        "row" if one.kind == "fixed" or one.kind == "line" else one.kind
    )
    explanation = one.explanation if kind == "row" else ""
    if one.unsure:
        explanation += f" (Källan är {one.unsure}.)"
    return CalculationRow(
        label=one.label,
        # What was applied for and struck counts as nothing: the words say what was applied for.
        amount=Decimal(0) if one.refused else one.amount,
        explanation=explanation,
        source=one.source,
        mark=one.mark,
        kind=kind,
    )


@resident_panel(id="payment", label="Utbetalning", order=30, services=(SERVICE,))
def payment(request: HttpRequest, case: Case) -> str:
    """Draw the case's payment: amount, day, how far it has come, account. Nothing before it is ordered."""
    orders = [
        one
        for one in PaymentOrder.objects.filter(case=case).order_by("-ordered_at")
        if one.state != PaymentOrder.State.STOPPED
    ]
    if not orders:
        return ""
    return render_to_string(
        "financial_assistance/resident_payment.html",
        {"payments": [_terms(one) for one in orders]},
        request=request,
    )


def _terms(one: PaymentOrder) -> list[Term]:
    day = one.file.execution_on if one.file is not None else one.pay_on
    return [
        Term(label="Belopp", value=formats.kr(one.amount)),
        Term(label="Gäller", value=Month.of(one.month).label),
        Term(label="Betalas", value=format_date(day, weekday=True)),
        Term(label="Till", value=masked_account(one)),
        Term(label="Läge", value=STATES[PaymentOrder.State(one.state)]),
    ]
