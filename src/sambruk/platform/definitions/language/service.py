"""A whole service definition, language version 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as PydanticField
from pydantic import StringConstraints

from sambruk.platform.definitions.language.base import (
    Citation,
    FilePath,
    Id,
    Line,
    Part,
    ServiceId,
    Text,
    Version,
)
from sambruk.platform.definitions.language.fields import InformationField, Parameter
from sambruk.platform.definitions.language.form import (
    Eligibility,
    Login,
    PartyDeclaration,
    Period,
    Signature,
    Step,
)
from sambruk.platform.definitions.language.process import (
    DeadlineDeclaration,
    Flag,
    HandlerDeclaration,
    Handover,
    MessageDeclaration,
    PaymentDeclaration,
    StationDeclaration,
    TaskDeclaration,
)
from sambruk.platform.definitions.language.records import (
    Archive,
    CaseTitle,
    DecisionDeclaration,
    Letter,
    Phrase,
    Retention,
    Secrecy,
)

#: Name of an element in the drawing, such as a BPMN message.
ElementId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class Service(Part):
    """A service: who it is for, its law, form, process, decisions, and how long its cases are kept."""

    language: Literal[1]
    service: ServiceId
    version: Version
    title: Text
    summary: Text
    description: Text
    category: Text
    keywords: Text | None = None
    owner: Line
    audience: Text | None = None
    legal_basis: list[Citation] = []
    login: Login
    channels: list[Literal["web", "telephone", "visit", "paper"]] = PydanticField(min_length=1)
    secrecy: Secrecy
    parameters: dict[Id, Parameter] = {}
    eligibility: Eligibility | None = None
    period: Period | None = None
    steps: list[Step] = PydanticField(min_length=1, max_length=40)
    parties: dict[Id, PartyDeclaration] = {}
    attestations: dict[Id, Text] = {}
    signatures: list[Signature] = []
    case: CaseTitle
    process: FilePath
    flags: dict[Id, Flag] = {}
    tasks: dict[ElementId, TaskDeclaration] = {}
    handlers: dict[ElementId, HandlerDeclaration] = {}
    messages: dict[ElementId, MessageDeclaration] = {}
    deadlines: list[DeadlineDeclaration] = []
    stations: list[StationDeclaration] = PydanticField(min_length=2)
    handover: Handover | None = None
    payment: PaymentDeclaration | None = None
    decisions: dict[Id, DecisionDeclaration] = {}
    letters: dict[Id, Letter] = {}
    phrases: dict[Id, Phrase] = {}
    retention: Retention
    archive: Archive
    receipt: Text

    def fields_by_step(self) -> list[tuple[Step, list[str]]]:
        """Return each step with the ids of the fields directly on it that take an answer."""
        return [
            (step, [field.id for field in step.fields if not isinstance(field, InformationField)])
            for step in self.steps
        ]
