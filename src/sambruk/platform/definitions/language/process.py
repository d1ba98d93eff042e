"""What stands beside the drawing of the process: who does the tasks, what the system does, what is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as PydanticField
from pydantic import StringConstraints

from sambruk.platform.definitions.language.base import Cel, Count, Id, Line, Part, Term, Text
from sambruk.platform.definitions.language.fields import Option

#: Set by the platform itself, and free to name in the process's conditions.
BUILT_IN_FLAGS = {
    "decision": "choice",  # id of the decision that was made
    "outcome": "choice",  # grant, partial, refuse, dismiss
    "handover": "choice",  # accepted, returned
}


class Flag(Part):
    """A fact that steers the process: set by the form at start (`is`), by a task or by a handler.

    Flags and ids are all that a process remembers; what people wrote is never among them.
    """

    type: Literal["yes_no", "choice", "number"]
    label: Text
    options: list[Option] | None = None
    computed: Cel | None = PydanticField(default=None, alias="is")


class TaskDeclaration(Part):
    """A task of the drawing, by its element id.

    `done_by` a role of the staff or the resident; `due` counts from when it opens; `sets` the flags that
    whoever does it chooses; `other_than` the task that somebody else must have done (four eyes);
    `decides`: "propose" or "make" a decision, by which the flags `decision` and `outcome` are set;
    `message: required` where the task is to answer the one who sent the case: it is not done without words.
    """

    title: Text
    help: Text | None = None
    done_by: Literal["staff", "resident"] = PydanticField(alias="for")
    role: Id | None = None
    due: Term | None = None
    sets: list[Id] = []
    other_than: Id | None = None
    decides: Literal["propose", "make"] | None = None
    message: Literal["required"] | None = None


class HandlerDeclaration(Part):
    """A service task of the drawing: which registered handler does it, and the flags that it returns."""

    handler: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    title: Text
    sets: list[Id] = []


class MessageDeclaration(Part):
    """A message that the process waits for, by its name in the drawing."""

    label: Text
    sent_by: Literal["resident", "staff", "deadline"]


class DeadlineDeclaration(Part):
    """A date by which something must be done: counted from the case's opening or from when a task opens.

    When it passes, `sends` is given to the process; without it, people are only told.
    """

    id: Id
    label: Text
    starts: Id
    term: Term
    sends: Id | None = None
    source: Line
    visible_to_resident: bool = False


StationId = Literal["submitted", "in_progress", "waiting", "decided", "payment", "closed"]


class StationDeclaration(Part):
    """A station on the resident's line: its name, what happens next, and the elements that stand there."""

    id: StationId
    label: Text
    next: Text
    elements: list[str] = []


class Handover(Part):
    """Another function takes the matter over, or returns it with a reason: sets the flag `handover`."""

    task: Id
    role: Id
    accept: Text
    give_back: Text = PydanticField(alias="return")
    reason_required: bool = True


class PaymentDeclaration(Part):
    """That the service pays money, and the task that approves it (by another person than who ordered it)."""

    approve_task: Id
    pay_day: Count
