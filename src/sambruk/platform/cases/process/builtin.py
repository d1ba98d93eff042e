"""The platform's own handlers, which any service may name."""

from __future__ import annotations

from sambruk.common.actor import system_actor
from sambruk.common.errors import Conflict
from sambruk.platform.cases import letters
from sambruk.platform.cases.actions import closing, decisions
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.cases.process.handlers import handler


@handler("cases.letter", label="Skriv beslutsbrevet")
def write_letter(case: Case, task: Task) -> None:
    """Write the latest decision's letter. A job of its own: it takes time and needs the store."""
    decision = decisions.latest(case)
    if decision is None:
        raise Conflict("Det finns inget beslut att skriva brev om.")
    letters.write(case, decision, by=system_actor(case.tenant_id, "Beslutsbrev"))


@handler("cases.close", label="Avsluta ärendet", inline=True)
def close_case(case: Case, task: Task) -> None:
    """Close the case."""
    if case.is_open:
        closing.close(case, by=system_actor(case.tenant_id, "Avslut"))
