"""What the system does by itself in the process of a case."""

from __future__ import annotations

from sambruk.common.actor import Actor, system_actor
from sambruk.common.errors import Conflict
from sambruk.platform.cases import letters
from sambruk.platform.cases.actions import decisions
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.cases.process.handlers import handler
from sambruk.systems.financial_assistance.actions import calculation, payments


def _by(case: Case, name: str) -> Actor:
    return system_actor(case.tenant_id, name)


@handler("financial_assistance.prepare_calculation", label="Förbered normberäkning", inline=True)
def prepare_calculation(case: Case, task: Task) -> None:
    """Make the working calculation from the application: at once, so that it is there on the next page."""
    calculation.prepare(case=case, by=_by(case, "Förbered normberäkning"))


@handler("financial_assistance.letter", label="Skriv och lämna ut beslutet")
def write_letter(case: Case, task: Task) -> None:
    """Write the letter of the decision. A job of its own: it takes time and needs the store."""
    decision = decisions.latest(case)
    if decision is None:
        raise Conflict("Det finns inget beslut att skriva brev om.")
    letters.write(case, decision, by=_by(case, "Beslutsbrev"))


@handler("financial_assistance.order_payment", label="Beställ utbetalning")
def order_payment(case: Case, task: Task) -> None:
    """Order the payment of the latest decision, in the name of the one who made it."""
    decision = decisions.latest(case)
    if decision is None:
        raise Conflict("Det finns inget beslut att betala ut.")
    payments.order(case=case, decision=decision)
