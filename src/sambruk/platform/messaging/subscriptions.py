"""What happens in a case that its parties are told of."""

from __future__ import annotations

from sambruk.common.events import subscribe
from sambruk.platform.cases.events import CompletionDelivered, DecisionMade, NewsForParties, TaskOpened
from sambruk.platform.cases.models import Task
from sambruk.platform.messaging import actions
from sambruk.platform.messaging.jobs import notify


@subscribe(DecisionMade)
def on_decision(event: DecisionMade) -> None:
    """A decision was made: every party is told that there is news."""
    notify(case=event.case, occasion="decision")


@subscribe(NewsForParties)
def on_news(event: NewsForParties) -> None:
    """There is something new to read."""
    notify(case=event.case, occasion=event.kind[:40], person_ids=event.person_ids)


@subscribe(TaskOpened)
def on_task(event: TaskOpened) -> None:
    """A resident has something to do: the one it is for, or every party."""
    if event.task.done_by_kind != Task.For.RESIDENT:
        return
    person = event.task.person_id
    notify(case=event.case, occasion="task", person_ids=(person,) if person else ())


@subscribe(CompletionDelivered)
def on_completion(event: CompletionDelivered) -> None:
    """A party sent what was asked for: both sides read it in the conversation."""
    actions.keep_completion(
        case=event.case,
        key=f"completion:{event.task.pk}",
        text=event.text,
        documents=event.documents,
        by=event.by,
    )
