"""The commands that every case has: those of work, and those that its process asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid
from sambruk.platform.cases import access
from sambruk.platform.cases.actions import decisions, tasks, work
from sambruk.platform.cases.commands import CommandField, CommandSet, Offer, is_claimed, register
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.cases.open_tasks import open_staff_tasks
from sambruk.platform.cases.proposals import proposal_from, propose_offer
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import Service, say
from sambruk.platform.definitions.language.process import Flag, Handover, TaskDeclaration

YES_NO = (("yes", "Ja"), ("no", "Nej"))
#: The field of a task's form for words to the one who sent the case.
MESSAGE = "message"


def _work_offers(case: Case, actor: Actor) -> list[Offer]:
    # A case is taken, and its journal written, by a person (as access.require_work says).
    if not case.is_open or not access.may_work(case, actor):
        return []
    found = [
        Offer(
            id="note",
            label="Skriv anteckning",
            order=80,
            key="n",
            fields=(CommandField("text", "Anteckning", "long_text"),),
        )
    ]
    if case.assignee_id is None:
        found.append(Offer(id="take", label="Ta ärendet", order=1, key="t", primary=True))
    elif case.assignee_id == actor.id:
        found.append(Offer(id="release", label="Lägg tillbaka i listan", order=90))
    return found


def _work_run(case: Case, offer: Offer, data: Mapping[str, Any], by: Actor) -> str:
    if offer.id == "take":
        work.take(case_id=case.pk, by=by)
        return "Du har tagit ärendet."
    if offer.id == "release":
        work.release(case_id=case.pk, by=by)
        return "Ärendet ligger åter i enhetens lista."
    work.add_note(case_id=case.pk, text=str(data["text"]), by=by)
    return "Anteckningen är sparad."


def _task_offers(case: Case, actor: Actor) -> list[Offer]:
    """Offer each open staff task that the actor may do now, as one or more commands."""
    if not case.is_open:
        return []
    service = definitions.by_hash(case.definition_hash).service
    found: list[Offer] = []
    for task in open_staff_tasks(case):
        if is_claimed(case.service_id, task.element) or tasks.refuse_reason(task, case, actor):
            continue
        found += _offers_of(service, task)
    return found


def _offers_of(service: Service, task: Task) -> list[Offer]:
    declared = service.tasks[task.element]
    if service.handover is not None and service.handover.task == task.element:
        return _handover_offers(service.handover, task)
    if declared.decides == "propose":
        return [propose_offer(service, declared, task)]
    if declared.decides == "make":
        return _decision_offers(declared, task)
    return [
        Offer(
            id=f"do:{task.element}",
            label=say(declared.title),
            order=10,
            primary=True,
            fields=(
                *(_flag_field(name, service.flags[name]) for name in declared.sets if name in service.flags),
                _message_field(declared),
            ),
            consequence=say(declared.help) if declared.help else "",
            task=task,
        )
    ]


def _handover_offers(handover: Handover, task: Task) -> list[Offer]:
    reason = CommandField("reason", "Varför", "long_text", required=handover.reason_required)
    accept, give_back = say(handover.accept), say(handover.give_back)
    return [
        Offer(id=f"accept:{task.element}", label=accept, order=10, key="a", primary=True, task=task),
        Offer(id=f"return:{task.element}", label=give_back, order=20, fields=(reason,), task=task),
    ]


def _decision_offers(declared: TaskDeclaration, task: Task) -> list[Offer]:
    decide = Offer(
        id=f"decide:{task.element}",
        label="Fatta beslutet",
        order=10,
        key="b",
        primary=True,
        consequence="Beslutet skickas till den som har ansökt. Det kan inte tas tillbaka.",
        task=task,
    )
    if not declared.sets:
        return [decide]
    reason = CommandField("reason", "Vad behöver ändras?", "long_text")
    return [
        decide,
        Offer(id=f"send_back:{task.element}", label="Lämna tillbaka", order=20, fields=(reason,), task=task),
    ]


def _message_field(declared: TaskDeclaration) -> CommandField:
    required = declared.message == "required"
    return CommandField(
        MESSAGE,
        "Svar till den som har skickat ärendet"
        if required
        else "Meddelande till den som har skickat ärendet",
        "long_text",
        required=required,
        help="Visas i Mina sidor, eller med koden. Skriv här vad du svarar eller ber om.",
    )


def _flag_field(name: str, flag: Flag) -> CommandField:
    if flag.type == "yes_no":
        return CommandField(name, say(flag.label), "choice", choices=YES_NO, required=False)
    if flag.type == "choice":
        return CommandField(
            name, say(flag.label), "choice", choices=tuple((o.id, say(o.label)) for o in flag.options or [])
        )
    return CommandField(name, say(flag.label), "text")


def flags_from(service: Service, names: list[str], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that a form's values stand for. Raises Invalid for a number that is none."""
    flags: dict[str, Any] = {}
    for name in names:
        flag = service.flags.get(name)
        value = data.get(name, "")
        if flag is None or value == "":
            continue
        if flag.type == "yes_no":
            flags[name] = value == "yes"
        elif flag.type == "number":
            try:
                flags[name] = int(value)
            except ValueError:
                raise Invalid({name: "Skriv ett heltal."}) from None
        else:
            flags[name] = value
    return flags


def _task_run(case: Case, offer: Offer, data: Mapping[str, Any], by: Actor) -> str:
    task = offer.task
    if task is None:
        raise LookupError(offer.id)
    task.case = case
    service = definitions.by_hash(case.definition_hash).service
    declared = service.tasks[task.element]
    verb = offer.id.partition(":")[0]
    if verb == "propose":
        decisions.propose(case=case, task=task, proposal=proposal_from(case, data), by=by)
        return "Förslaget är skickat till den som beslutar."
    if verb == "decide":
        decisions.make(case=case, task=task, by=by, flags=_send_back_flags(service, declared, back=False))
        return "Beslutet är fattat. Brevet skrivs nu."
    if verb == "send_back":
        decisions.send_back(
            case=case,
            task=task,
            reason=str(data["reason"]),
            by=by,
            flags=_send_back_flags(service, declared, back=True),
        )
        return "Förslaget är lämnat tillbaka."
    if verb in {"accept", "return"}:
        flags = {"handover": "accepted" if verb == "accept" else "returned"}
        reason = str(data.get("reason", ""))
        text = offer.label if not reason else f"{offer.label}: {reason[:400]}"
        tasks.do_task(case_id=case.pk, task_id=task.pk, flags=flags, by=by, text=text, reason=reason)
        return f"{offer.label}: klart."
    tasks.do_task(
        case_id=case.pk,
        task_id=task.pk,
        flags=flags_from(service, declared.sets, data),
        by=by,
        message=str(data.get(MESSAGE, "")),
    )
    return f"{offer.label}: klart."


def _send_back_flags(service: Service, declared: TaskDeclaration, *, back: bool) -> dict[str, Any]:
    """A deciding task's yes/no flags say whether the proposal goes back."""
    return {
        name: back for name in declared.sets if name in service.flags and service.flags[name].type == "yes_no"
    }


register(CommandSet("work", _work_offers, _work_run))
register(CommandSet("tasks", _task_offers, _task_run))
