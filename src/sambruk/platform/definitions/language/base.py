"""What every part of the language is made of: strict models, ids, texts, citations."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

#: Languages that a text may be written in. Swedish always stands; the others fall back to it.
LANGUAGES = ("sv", "en", "fi", "ar", "so", "uk", "pl", "fa", "ti", "se")


class Part(BaseModel):
    """A part of a definition: unknown keys are refused, values are never converted, nothing is changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
ServiceId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=80)]
Version: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$", max_length=30)
]
FilePath: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9_-]+(/[a-z0-9_-]+)*\.[a-z0-9]+$", max_length=120)
]
#: A condition or computed value in CEL; `docs/services.md` says what it may name.
Cel: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Line: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=300)]


def _text(value: dict[str, str]) -> dict[str, str]:
    if "sv" not in value:
        raise ValueError("texten saknar svenska, skriv den under sv")
    if unknown := sorted(set(value) - set(LANGUAGES)):
        raise ValueError(f"okänt språk {', '.join(unknown)}")
    if empty := sorted(lang for lang, text in value.items() if not text.strip()):
        raise ValueError(f"texten är tom på {', '.join(empty)}")
    return value


#: A text in one or more languages, Swedish among them.
Text: TypeAlias = Annotated[
    dict[str, Annotated[str, StringConstraints(max_length=8000)]], AfterValidator(_text)
]


def say(text: dict[str, str] | None, language: str = "sv") -> str:
    """Return a text in a language, else in Swedish; an empty string for no text."""
    if text is None:
        return ""
    return text.get(language) or text["sv"]


class Mark(StrEnum):
    """How sure a citation or figure is."""

    VERIFIED = "verified"
    THIRD_PARTY = "third_party"
    UNVERIFIED = "unverified"


class Citation(Part):
    """A place in the law, and the days on which it counts. `mark` says whether it was read at its source."""

    id: Id
    act: Line
    section: Line
    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(default=None, alias="to")
    source: Line
    mark: Mark
    about: Text | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether the citation counts on a day (both ends inclusive)."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class ParameterRef(Part):
    """A value that each municipality sets: the id of a parameter."""

    parameter: Id


#: A whole number, or the parameter that holds it.
Count: TypeAlias = Annotated[int, Field(ge=0, le=100000)] | ParameterRef


class Term(Part):
    """A length of time: exactly one unit. Legal times are counted by `common.calendar.deadline_after`."""

    days: Count | None = None
    working_days: Count | None = None
    weeks: Count | None = None
    months: Count | None = None

    def model_post_init(self, context: object, /) -> None:
        """Refuse none or several units."""
        if (
            len(
                [unit for unit in (self.days, self.working_days, self.weeks, self.months) if unit is not None]
            )
            != 1
        ):
            raise ValueError("ange exakt en av days, working_days, weeks, months")
