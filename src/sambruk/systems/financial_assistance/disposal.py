"""What disposal does to ekonomiskt bistånd: what is reckoned and ordered goes with its case."""

from __future__ import annotations

from sambruk.common.events import subscribe
from sambruk.platform.cases.disposal.rules import hold
from sambruk.platform.cases.events import CaseDisposing
from sambruk.platform.cases.models import Case
from sambruk.systems.financial_assistance.actions.payments import OPEN_STATES
from sambruk.systems.financial_assistance.models import PaymentOrder


@hold
def open_payment(case: Case) -> str:
    """A case whose money is not on its way is not finished, whatever the calendar says."""
    if PaymentOrder.objects.filter(case=case, state__in=OPEN_STATES).exists():
        return "Ärendet har en utbetalning som inte är skickad eller stoppad."
    return ""


@subscribe(CaseDisposing)
def on_disposal(event: CaseDisposing) -> None:
    """Remove the orders; calculations go with the case itself.

    The payment file stays: it is the municipality's accounting material, with a retention of its own.
    """
    PaymentOrder.objects.filter(case=event.case).delete()
