"""What can be done with a case: one registry for the page, the keyboard, the palette and the API.

A command is offered only where its preconditions hold, and the same check guards its running.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.errors import Conflict, Invalid
from sambruk.platform.cases import access
from sambruk.platform.cases.models import Case, Task

FieldKind = Literal["text", "long_text", "date", "choice", "choices", "amount", "items", "hidden"]


@dataclass(frozen=True)
class CommandField:
    """A field of a command's form. `choices` and `choice_help` are by value: label and help."""

    id: str
    label: str
    kind: FieldKind = "text"
    required: bool = True
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    initial: str | tuple[str, ...] = ""
    choice_help: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Offer:
    """A command that can be run now: what the page shows under *Gör nu*.

    `consequence` says what will happen, for what cannot be taken back. `url` leads to a page of its own
    where a form is not enough (the calculation); such a command is run there.
    """

    id: str
    label: str
    order: int = 50
    key: str = ""
    primary: bool = False
    fields: tuple[CommandField, ...] = ()
    consequence: str = ""
    url: str = ""
    task: Task | None = None


Offering = Callable[[Case, Actor], "list[Offer]"]
Running = Callable[[Case, Offer, Mapping[str, Any], Actor], str]


@dataclass(frozen=True)
class CommandSet:
    """Related commands. `offer` lists those that can be run now; `run` runs one and returns a sentence."""

    name: str
    offer: Offering
    run: Running
    services: tuple[str, ...] = field(default=())


_sets: dict[str, CommandSet] = {}
_claimed: set[tuple[str, str]] = set()


def claim_task(service_id: str, element: str) -> None:
    """Say that a system offers this task itself: doing it is more than filling in a form."""
    _claimed.add((service_id, element))


def is_claimed(service_id: str, element: str) -> bool:
    """Return whether a system offers the task itself."""
    return (service_id, element) in _claimed


def register(commands: CommandSet) -> None:
    """Add a set of commands. Raises ValueError for a name that is taken by another."""
    if commands.name in _sets and _sets[commands.name] != commands:
        raise ValueError(f"commands {commands.name!r} are registered twice")
    _sets[commands.name] = commands


def offers(case: Case, actor: Actor) -> list[Offer]:
    """Return what the actor can do with the case now, in the order in which it is usually done."""
    found = [offer for _, offer in _offered(case, actor)]
    return sorted(found, key=lambda offer: (offer.order, offer.label))


def _offered(case: Case, actor: Actor) -> list[tuple[CommandSet, Offer]]:
    return [
        (commands, offer)
        for commands in _sets.values()
        if not commands.services or case.service_id in commands.services
        for offer in commands.offer(case, actor)
    ]


@transaction.atomic
def run(
    *, case_id: UUID, command: str, data: Mapping[str, Any], by: Actor, expected_revision: int | None = None
) -> str:
    """Run a command and return the sentence that tells what happened.

    Raises NotFound for a case that the actor may not see, Conflict where the command is not offered (any
    longer) or somebody changed the case meanwhile, Invalid with the form's field errors.
    """
    case = access.require_case(case_id, by, lock=True)
    for commands, offer in _offered(case, by):
        if offer.id == command:
            if expected_revision is not None and case.revision != expected_revision:
                raise Conflict(
                    "Någon annan har ändrat i ärendet sedan du öppnade det. "
                    "Läs vad som är nytt och försök igen.",
                    code="changed_meanwhile",
                )
            return commands.run(case, offer, _checked(offer, data), by)
    raise Conflict("Det går inte att göra just nu. Ärendet kan ha gått vidare sedan du öppnade sidan.")


def _checked(offer: Offer, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's values, stripped. Raises Invalid with a sentence at each field without its answer."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for spec in offer.fields:
        value = data.get(spec.id, "")
        if isinstance(value, str):
            value = value.strip()
        if spec.kind == "choices" and not isinstance(value, list):
            value = [value] if value else []
        if spec.required and not value:
            errors[spec.id] = f"Fyll i ”{spec.label}”."
        allowed = {choice for choice, _ in spec.choices}
        chosen = value if isinstance(value, list) else [value] if value else []
        if spec.kind in {"choice", "choices"} and any(item not in allowed for item in chosen):
            errors[spec.id] = f"Välj ett av alternativen i ”{spec.label}”."
        values[spec.id] = value
    if errors:
        raise Invalid(errors)
    return values
