"""Proposing a decision and deciding on it: the form, what it shows, and who may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid
from sambruk.common.money import MoneyError, format_kr, parse_kr
from sambruk.common.month import Month
from sambruk.platform.cases import letters
from sambruk.platform.cases.actions import decisions, tasks
from sambruk.platform.cases.commands import CommandField, Offer
from sambruk.platform.cases.models import Case, Decision, Party, Task
from sambruk.platform.cases.names import party_name
from sambruk.platform.cases.open_tasks import open_staff_tasks
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import Service, say
from sambruk.platform.definitions.language.process import TaskDeclaration
from sambruk.platform.definitions.placeholders import PATTERN
from sambruk.platform.ui import formats
from sambruk.platform.ui.components import Term


@dataclass(frozen=True)
class ProposalSource:
    """What a system knows of a proposal to decide.

    `ground` is given the case, the kind and the amount that the caseworker wrote (kronor, None where
    nothing was); it returns the decision's amount and what it rests on, or raises Invalid. `asks` makes the
    question of the amount, given the proposal that came back (kind, amount; empty where none did); None where
    the ground always gives the amount. `facts` are what the form of proposing shows of the ground, as the
    actor may see it.
    """

    ground: Callable[[Case, str, Decimal | None], tuple[Decimal | None, Mapping[str, Any]]]
    asks: Callable[[Mapping[str, Any]], CommandField] | None = None
    facts: Callable[[Case, Actor], list[Term]] | None = None


#: By service: what its system says that a proposal rests on.
BASIS: dict[str, ProposalSource] = {}


def propose_offer(service: Service, declared: TaskDeclaration, task: Task) -> Offer:
    """Return the command of proposing a decision; what a returned proposal said is filled in."""
    phrases = tuple(
        (phrase, say(service.phrases[phrase].label))
        for phrase in dict.fromkeys(p for d in service.decisions.values() for p in d.phrases)
    )
    before: Mapping[str, Any] = task.data.get(decisions.RETURNED, {})
    fields = [
        CommandField(
            "kind", "Beslut", "choice",
            choices=tuple((k, say(d.title)) for k, d in service.decisions.items()),
            initial=str(before.get("kind", "")),
        ),
        CommandField("motivation", "Motivering med egna ord", "long_text", required=False,
                     help="Krävs när den som har ansökt inte får allt. Skriv så att hen förstår varför.",
                     initial=str(before.get("motivation", ""))),
    ]  # fmt: skip
    if phrases:
        fields.append(
            CommandField(
                "phrases", "Färdiga meningar", "choices", required=False, choices=phrases,
                initial=tuple(before.get("phrases", ())),
                choice_help=tuple(
                    (name, _said(say(service.phrases[name].text), task.case)) for name, _ in phrases
                ),
            )
        )  # fmt: skip
    fields += _amount_fields(service, task.case, before)
    return Offer(
        id=f"propose:{task.element}", label=say(declared.title), order=10, key="f", primary=True,
        fields=tuple(fields), task=task,
    )  # fmt: skip


def _amount_fields(service: Service, case: Case, before: Mapping[str, Any]) -> list[CommandField]:
    """Return the question of the amount: a system asks for what its ground does not give."""
    if source := BASIS.get(case.service_id):
        return [source.asks(before)] if source.asks is not None else []
    if any(d.amount for d in service.decisions.values()):
        amount = str(before.get("amount", ""))
        return [CommandField("amount", "Belopp", "amount", required=False, initial=amount)]
    return []


def _said(text: str, case: Case) -> str:
    """Return a ready-made sentence as far as it is known before there is a proposal."""
    known = {"month": Month.of(case.period).label if case.period else ""}
    return PATTERN.sub(lambda match: known.get(match[1]) or "…", text)


def proposal_from(case: Case, data: Mapping[str, Any]) -> decisions.Proposal:
    """Return the proposal that a form's values stand for. Raises Invalid with field errors."""
    kind = str(data["kind"])
    amount: Decimal | None = None
    basis: Mapping[str, Any] = {}
    if text := str(data.get("amount", "")):
        try:
            amount = parse_kr(text)
        except MoneyError as error:
            raise Invalid({"amount": str(error)}) from error
    if source := BASIS.get(case.service_id):
        amount, basis = source.ground(case, kind, amount)
    return decisions.Proposal(
        kind=kind,
        motivation=str(data.get("motivation", "")),
        phrases=data.get("phrases") or (),
        amount=amount,
        basis=basis,
    )


def facts(case: Case, offer: Offer, actor: Actor) -> list[Term]:
    """Return what the form of proposing or deciding shows: who, month, and what is or can be proposed."""
    verb = offer.id.partition(":")[0]
    if verb not in {"propose", "decide", "send_back"}:
        return []
    parties = Party.objects.filter(case=case).select_related("person").order_by("role", "id")
    found = [Term(label="Gäller", value=" och ".join(filter(None, (party_name(p, actor) for p in parties))))]
    if case.period:
        found.append(Term(label="Månad", value=Month.of(case.period).label))
    if verb == "propose":
        source = BASIS.get(case.service_id)
        return found + (source.facts(case, actor) if source is not None and source.facts is not None else [])
    decision = decisions.pending(case)
    return found if decision is None else found + _proposed(case, decision)


def _proposed(case: Case, decision: Decision) -> list[Term]:
    said = letters.variables(case, decision, definitions.by_hash(case.definition_hash))["phrases"]
    terms = [
        ("Beslut", decision.title),
        ("Belopp", format_kr(decision.amount) if decision.amount is not None else ""),
        ("Motivering", decision.motivation),
        ("Färdiga meningar", said),
        ("Lagrum", "; ".join(f"{law['act']} {law['section']}" for law in decision.legal_basis)),
        ("Föreslaget av", decision.proposed_by.name if decision.proposed_by is not None else ""),
    ]
    shown = [Term(label=label, value=value) for label, value in terms if value]
    return [*shown, Term(label="Föreslaget", value=formats.datum_tid(decision.proposed_at))]


def why_not(case: Case, actor: Actor, command: str) -> str:
    """Return why the actor may not run a command that waits for somebody else; empty where it does not wait.

    The one who proposed reads that another decides, and not that the case has changed.
    """
    element = command.partition(":")[2]
    task = next((one for one in open_staff_tasks(case) if one.element == element), None)
    if task is None or not case.is_open:
        return ""
    declared = definitions.by_hash(case.definition_hash).service.tasks[element]
    proposed = decisions.pending(case)
    if (
        declared.decides == "make"
        and declared.other_than
        and proposed is not None
        and (proposed.proposed_by_id == actor.id)
    ):
        return "Du har föreslagit beslutet. En annan person fattar det."
    return tasks.refuse_reason(task, case, actor)
