"""What other systems are told of a case: opened, decided, closed. Never of a protected one."""

from __future__ import annotations

from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.events import subscribe
from sambruk.platform.api.webhooks import types
from sambruk.platform.api.webhooks.emitting import emit
from sambruk.platform.cases import access
from sambruk.platform.cases.events import CaseClosed, CaseOpened, DecisionMade
from sambruk.platform.cases.models import Case
from sambruk.platform.cases.models.case import Secrecy
from sambruk.platform.identity.permissions import Permission

OPENED, CLOSED, DECIDED = "case.opened", "case.closed", "decision.made"


def _visible(case_id: UUID, actor: Actor) -> bool:
    return access.visible(actor).filter(pk=case_id).exists()


for _name in (OPENED, CLOSED, DECIDED):
    types.register(types.EventType(_name, Permission.CASE_READ, _visible))


def _tell(name: str, case: Case, **ids: UUID) -> None:
    if case.secrecy != Secrecy.PROTECTED:
        emit(name, subject_id=case.pk, unit_id=case.unit_id, ids={"caseId": case.pk, **ids})


@subscribe(CaseOpened)
def opened(event: CaseOpened) -> None:
    """Tell that a case came in."""
    _tell(OPENED, event.case)


@subscribe(CaseClosed)
def closed(event: CaseClosed) -> None:
    """Tell that a case ended."""
    _tell(CLOSED, event.case)


@subscribe(DecisionMade)
def decided(event: DecisionMade) -> None:
    """Tell that a decision was made; which, is read in the case."""
    _tell(DECIDED, event.case, decisionId=event.decision.pk)
