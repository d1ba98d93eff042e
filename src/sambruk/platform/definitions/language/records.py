"""Decisions, letters, phrases; how long it is kept, and how it is archived."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as PydanticField

from sambruk.platform.definitions.language.base import FilePath, Id, Line, Mark, Part, Text

Outcome = Literal["grant", "partial", "refuse", "dismiss"]


class Appeal(Part):
    """How long one may appeal, counted from when the decision was received, and to whom."""

    days: int | None = PydanticField(default=None, ge=1, le=365)
    weeks: int | None = PydanticField(default=None, ge=1, le=52)
    to: Id
    source: Id

    def model_post_init(self, context: object, /) -> None:
        """Refuse none or both units."""
        if (self.days is None) == (self.weeks is None):
            raise ValueError("ange antingen days eller weeks")


class DecisionDeclaration(Part):
    """A kind of decision. `legal_basis` are ids of citations; those that hold on the day are cited."""

    title: Text
    outcome: Outcome
    letter: Id
    phrases: list[Id] = []
    own_words: Literal["required", "optional", "none"] = "optional"
    appeal: Appeal | None = None
    legal_basis: list[Id] = []
    amount: bool = False


class Letter(Part):
    """A letter: Markdown with {placeholders}, in a file of the folder.

    `variables` are the placeholders that the service's system fills in, beside the platform's own.
    """

    title: Text
    file: FilePath
    variables: list[Id] = []


class Phrase(Part):
    """A ready sentence for a decision, with {placeholders} that the one who decides fills in."""

    label: Text
    text: Text
    group: Text | None = None
    legal_basis: list[Id] = []


class RetentionException(Part):
    """Who or what is kept otherwise. One ground each: day of birth, a flag of the case, a parameter."""

    id: Id
    label: Text
    born_on_days: list[int] | None = None
    flag: Id | None = None
    parameter: Id | None = None
    years: int | None = PydanticField(default=None, ge=0, le=500)
    then: Literal["dispose", "archive"]
    source: Line
    mark: Mark

    def model_post_init(self, context: object, /) -> None:
        """Refuse none or several grounds."""
        if (
            len([ground for ground in (self.born_on_days, self.flag, self.parameter) if ground is not None])
            != 1
        ):
            raise ValueError("ange exakt en av born_on_days, flag, parameter")


class Retention(Part):
    """How long a case is kept. `finish` is how long after the date that disposal must be done."""

    starts: Literal["case.closed", "case.last_entry", "decision.delivered"] = PydanticField(alias="from")
    years: int = PydanticField(ge=0, le=500)
    then: Literal["dispose", "archive"]
    finish: Literal["at_once", "end_of_following_year"] = "at_once"
    source: Line
    mark: Mark
    exceptions: list[RetentionException] = []


class Archive(Part):
    """What the archive needs to know: series, classification, and the case's title there."""

    series: Line
    classification: Line
    title: Text
    format: Literal["pdfa", "original"] = "pdfa"


class Secrecy(Part):
    """The secrecy class of the cases, and its ground in offentlighets- och sekretesslagen."""

    level: Literal["public", "social"] = PydanticField(alias="class")
    legal_basis: list[Id] = []


class CaseTitle(Part):
    """What a case is called in lists, with {placeholders}, and which fields staff may search in."""

    title: Text
    search: list[Id] = []
