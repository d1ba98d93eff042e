"""Decisions: proposed by one, made by one, told by a letter, received on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.calendar import deadline_after
from sambruk.common.clock import local_date, now, today
from sambruk.common.errors import Conflict, Invalid, NotAllowed
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases import access
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.actions.tasks import finish_task, refuse_reason
from sambruk.platform.cases.events import DecisionMade
from sambruk.platform.cases.models import Case, Deadline, Decision, DecisionReceipt, Task
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import Service, say
from sambruk.platform.definitions.language.records import DecisionDeclaration

MOTIVATION_MAX = 20_000
#: What stands in a log line beside the words around it (`LogEntry.text`).
REASON_MAX = 2_000
#: Where a task of proposing keeps why the last proposal came back, and what it said.
RETURNED = "returned"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What is proposed. `amount` in kronor for the kinds that grant one; `basis` names what it rests on."""

    kind: str
    motivation: str = ""
    phrases: Sequence[str] = ()
    amount: Decimal | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)


def pending(case: Case) -> Decision | None:
    """Return the proposal that waits to be decided, or None."""
    return Decision.objects.filter(case=case, decided_at__isnull=True).order_by("-proposed_at").first()


def latest(case: Case) -> Decision | None:
    """Return the last decision that was made, or None."""
    return Decision.objects.filter(case=case, decided_at__isnull=False).order_by("-decided_at").first()


def _declaration(service: Service, kind: str) -> DecisionDeclaration:
    if kind not in service.decisions:
        raise Invalid({"kind": "Välj vad beslutet gäller."})
    return service.decisions[kind]


def _check(declared: DecisionDeclaration, proposal: Proposal) -> None:
    errors: dict[str, str] = {}
    if declared.own_words == "required" and not proposal.motivation.strip():
        errors["motivation"] = "Skriv skälen med egna ord. Den som får avslag ska förstå varför."
    if len(proposal.motivation) > MOTIVATION_MAX:
        errors["motivation"] = "Motiveringen är för lång."
    if any(phrase not in declared.phrases for phrase in proposal.phrases):
        errors["phrases"] = "En av fraserna hör inte till den här sortens beslut."
    if declared.amount and (proposal.amount is None or proposal.amount <= 0):
        errors["amount"] = "Ett bifall behöver ett belopp över noll. Räkna klart först."
    if not declared.amount and proposal.amount is not None:
        errors["amount"] = "Den här sortens beslut har inget belopp."
    if errors:
        raise Invalid(errors)


def _citations(service: Service, declared: DecisionDeclaration, case: Case) -> list[dict[str, Any]]:
    """Return the law that holds for what the decision concerns: the month applied for, else today."""
    day = case.period or today()
    return [
        {"act": c.act, "section": c.section, "mark": c.mark.value, "source": c.source}
        for c in service.legal_basis
        if c.id in declared.legal_basis and c.holds_on(day)
    ]


@transaction.atomic
def propose(*, case: Case, task: Task, proposal: Proposal, by: Actor) -> Decision:
    """Propose a decision in a locked case, and hand it over to the one who decides.

    Raises Invalid with field errors, NotAllowed, ProcessFault. An earlier proposal is replaced.
    """
    if why := refuse_reason(task, case, by):
        raise NotAllowed(why)
    service = definitions.by_hash(case.definition_hash).service
    declared = _declaration(service, proposal.kind)
    _check(declared, proposal)
    Decision.objects.filter(case=case, decided_at__isnull=True).delete()
    decision = Decision.objects.create(
        case=case,
        kind=proposal.kind,
        outcome=declared.outcome,
        title=say(declared.title),
        amount=proposal.amount,
        period=case.period,
        motivation=proposal.motivation.strip(),
        phrases=list(proposal.phrases),
        legal_basis=_citations(service, declared, case),
        basis=dict(proposal.basis),
        proposed_by_id=by.id,
        proposed_at=now(),
    )
    finish_task(
        case,
        task,
        flags={"decision": proposal.kind, "outcome": declared.outcome},
        by=by,
        text=f"Beslut föreslogs: {decision.title}.",
    )
    return decision


@transaction.atomic
def make(*, case: Case, task: Task, by: Actor, flags: Mapping[str, Any] | None = None) -> Decision:
    """Make the proposed decision in a locked case. Raises Conflict when nothing is proposed, NotAllowed."""
    if why := refuse_reason(task, case, by):
        raise NotAllowed(why)
    decision = pending(case)
    if decision is None:
        raise Conflict("Det finns inget förslag till beslut i ärendet.")
    declared = definitions.by_hash(case.definition_hash).service.tasks[task.element]
    if declared.other_than and decision.proposed_by_id == by.id:
        raise NotAllowed("Du har föreslagit beslutet. En annan person fattar det.")
    decision.decided_by_id = by.id
    decision.decided_by_title = by.name
    decision.decided_at = now()
    decision.save(update_fields=["decided_by", "decided_by_title", "decided_at"])
    finish_task(
        case,
        task,
        flags={"decision": decision.kind, "outcome": decision.outcome, **(flags or {})},
        by=by,
        text=f"Beslut fattades: {decision.title}.",
        visible_to_resident=True,
    )
    events.publish(DecisionMade(case, decision, by))
    return decision


@transaction.atomic
def send_back(*, case: Case, task: Task, reason: str, by: Actor, flags: Mapping[str, Any]) -> None:
    """Send a proposal back to the one who prepares the case, with a reason that the log keeps.

    The task of proposing keeps the reason and what was proposed. Raises Invalid without a reason, NotAllowed.
    """
    if why := refuse_reason(task, case, by):
        raise NotAllowed(why)
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": "Skriv vad som behöver ändras."})
    if len(reason) > REASON_MAX:
        raise Invalid({"reason": f"Skriv högst {REASON_MAX} tecken."})
    proposal = pending(case)
    Decision.objects.filter(case=case, decided_at__isnull=True).delete()
    finish_task(
        case,
        task,
        flags=flags,
        by=by,
        text=f"Förslaget lämnades tillbaka: {reason}",
        reason=reason,
    )
    _hand_back(case, proposal, reason, by)


def _hand_back(case: Case, proposal: Decision | None, reason: str, by: Actor) -> None:
    """Leave the reason, and what was proposed, with the task that the process opened: nothing is retyped."""
    declared = definitions.by_hash(case.definition_hash).service.tasks
    for opened in Task.objects.filter(case=case, state=Task.State.OPEN, done_by_kind=Task.For.STAFF):
        if declared[opened.element].decides != "propose":
            continue
        opened.data = {
            **opened.data,
            RETURNED: {
                "reason": reason,
                "by": by.name,
                "at": now().isoformat(),
                "kind": proposal.kind if proposal else "",
                "motivation": proposal.motivation if proposal else "",
                "phrases": list(proposal.phrases) if proposal else [],
                "amount": str(proposal.amount) if proposal and proposal.amount is not None else "",
            },
        }
        opened.save(update_fields=["data"])


def received(*, decision: Decision, by: Actor) -> Decision:
    """Record that a party read the decision (delfående), and the last day on which that party may appeal.

    Only each one's first time. Reading for somebody by mandate is that person's receiving. In the caller's
    transaction, with the case locked.
    """
    person = access.acting_person(by)
    if person is None or decision.decided_at is None:
        return decision
    if DecisionReceipt.objects.filter(decision=decision, person_id=person).exists():
        return decision
    case, moment = decision.case, now()
    appeal = definitions.by_hash(case.definition_hash).service.decisions[decision.kind].appeal
    until = None
    if appeal is not None:
        until = deadline_after(local_date(moment), days=appeal.days or 0, weeks=appeal.weeks or 0)
    DecisionReceipt.objects.create(decision=decision, person_id=person, at=moment, appeal_until=until)
    if until is not None and until != decision.appeal_until:
        Deadline.objects.create(
            case=case,
            kind="appeal",
            label="Sista dag att överklaga",
            visible_to_resident=True,
            due_on=until,
            source="Förvaltningslagen (2017:900) 44 §",
        )
        decision.appeal_until = until
    decision.delivered_at = decision.delivered_at or moment
    decision.save(update_fields=["delivered_at", "appeal_until"])
    note_event(
        case, event="decision.received", text="Beslutet lästes i Mina sidor.", by=by, visible_to_resident=True
    )
    audit.record(event="decision.delivered", by=by, obj=decision, case_id=case.pk, person_id=person)
    return decision
