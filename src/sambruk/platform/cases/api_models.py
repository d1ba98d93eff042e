"""What the API tells of a case. No personal number, and no name that is protected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from sambruk.common.actor import Actor
from sambruk.platform.api.base import ApiModel
from sambruk.platform.cases.commands import Offer
from sambruk.platform.cases.models import Case, Party, Task
from sambruk.platform.cases.names import party_name


class NamedRef(ApiModel):
    """Something with an id and a name."""

    id: UUID
    name: str


class CaseSummary(ApiModel):
    """A case in a list."""

    id: UUID
    number: Annotated[str, Field(description="Ärendenumret, som 2026-000123.")]
    service_id: str
    title: str
    station: Annotated[str, Field(description="Var i handläggningen ärendet står.")]
    station_label: str
    secrecy: str
    channel: str
    period: date | None
    opened_at: datetime
    due_on: date
    closed_at: datetime | None
    outcome: str
    unit: NamedRef
    authority: NamedRef | None
    revision: Annotated[int, Field(description="Räknas upp vid varje ändring.")]


class PartyOut(ApiModel):
    """A party of the case."""

    role: str
    person_id: UUID | None
    name: str
    represented_by: str


class CaseDetail(CaseSummary):
    """A case with its parties and decisions."""

    definition_hash: str
    assignee: NamedRef | None
    disposal_on: date | None
    parties: list[PartyOut]


class CasePage(ApiModel):
    """A page of cases, in the order in which they came in."""

    items: list[CaseSummary]
    next: str | None


class LogEntryOut(ApiModel):
    """Something that happened."""

    id: UUID
    at: datetime
    kind: str
    text: str
    by_name: str
    by_kind: str
    visible_to_resident: bool


class LogPage(ApiModel):
    """A page of the log, oldest first."""

    items: list[LogEntryOut]
    next: str | None


class TaskOut(ApiModel):
    """Something to do, or done."""

    id: UUID
    element: Annotated[str, Field(description="Uppgiftens id i tjänstens definition.")]
    title: str
    done_by_kind: Annotated[str, Field(description="staff, resident eller system")]
    role: str
    unit_id: UUID | None
    state: str
    opened_at: datetime
    due_on: date | None
    done_at: datetime | None


class TaskPage(ApiModel):
    """A page of tasks, in the order in which they came."""

    items: list[TaskOut]
    next: str | None


class ChoiceOut(ApiModel):
    """One of the values that a field may have."""

    value: str
    label: str


class CommandFieldOut(ApiModel):
    """A value that a command asks for."""

    id: str
    label: str
    kind: str
    required: bool
    help: str
    choices: list[ChoiceOut]


class CommandOut(ApiModel):
    """Something that the system can do with the case now."""

    id: str
    label: str
    consequence: str
    task_id: UUID | None
    fields: list[CommandFieldOut]


class CommandList(ApiModel):
    """What can be done, and the revision that it was looked at."""

    items: list[CommandOut]
    revision: int


FieldName = Annotated[str, Field(max_length=120)]
FieldText = Annotated[str, Field(max_length=20_000)]
FieldValue = FieldText | Annotated[list[FieldText], Field(max_length=200)]


class CommandRun(ApiModel):
    """The values of a command's fields. With ``revision`` it is refused if the case has changed since."""

    fields: Annotated[dict[FieldName, FieldValue], Field(max_length=100)] = {}
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class CommandDone(ApiModel):
    """What happened. ``case`` is null where the system no longer sees it."""

    message: str
    case: CaseDetail | None


def _ref(named: Any) -> NamedRef | None:
    return NamedRef(id=named.pk, name=named.name) if named is not None else None


def _summary_values(case: Case) -> dict[str, Any]:
    return {
        "id": case.pk,
        "number": case.number,
        "service_id": case.service_id,
        "title": case.title,
        "station": case.station,
        "station_label": case.get_station_display(),
        "secrecy": case.secrecy,
        "channel": case.channel,
        "period": case.period,
        "opened_at": case.opened_at,
        "due_on": case.due_on,
        "closed_at": case.closed_at,
        "outcome": case.outcome,
        "unit": _ref(case.unit),
        "authority": _ref(case.authority),
        "revision": case.revision,
    }


def summary(case: Case) -> CaseSummary:
    """Return a case for a list (unit and authority read with it)."""
    return CaseSummary(**_summary_values(case))


def detail(case: Case, actor: Actor) -> CaseDetail:
    """Return a case with its parties, named as the client may see them."""
    parties = Party.objects.filter(case=case).select_related("person").order_by("role", "id")
    return CaseDetail(
        **_summary_values(case),
        definition_hash=case.definition_hash,
        assignee=_ref(case.assignee),
        disposal_on=case.disposal_on,
        parties=[
            PartyOut(
                role=party.role,
                person_id=party.person_id,
                name=party_name(party, actor),
                represented_by=party.represented_by,
            )
            for party in parties
        ],
    )


def task_out(task: Task) -> TaskOut:
    """Return a task without what was written in it."""
    return TaskOut.model_validate(task)


def command_out(offer: Offer) -> CommandOut:
    """Return an offer with its form."""
    return CommandOut(
        id=offer.id,
        label=offer.label,
        consequence=offer.consequence,
        task_id=offer.task.pk if offer.task is not None else None,
        fields=[
            CommandFieldOut(
                id=one.id,
                label=one.label,
                kind=one.kind,
                required=one.required,
                help=one.help,
                choices=[ChoiceOut(value=value, label=label) for value, label in one.choices],
            )
            for one in offer.fields
        ],
    )
