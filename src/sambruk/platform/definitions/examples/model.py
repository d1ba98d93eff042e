"""An example: a filled-in application, what is done with it, and what is expected. `examples/*.yaml`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import Field as PydanticField
from pydantic import ValidationError

from sambruk.platform.definitions.findings import DefinitionError
from sambruk.platform.definitions.language import Part
from sambruk.platform.definitions.load import LoadedService, schema_findings
from sambruk.platform.definitions.yaml_file import Source, read_yaml

FOLDER = "examples/"


class GateExample(Part):
    """The gate's answers, and the rules that are expected to hold."""

    answers: dict[str, Any] = {}
    stop: list[str] = []
    advise: list[str] = []


class Expectation(Part):
    """What the form is expected to do. Lists name fields that must be among; `errors` is complete."""

    visible: list[str] = []
    hidden: list[str] = []
    required: list[str] = []
    computed: dict[str, str | int | bool | None] = {}
    flags: dict[str, str | int | bool | None] = {}
    errors: dict[str, str] = {}


class LetterExample(Part):
    """What the decision's letter must hold, with values for what the service's system fills in."""

    values: dict[str, str] = {}
    contains: list[str] = []


class Move(Part):
    """One thing done in the case: a task finished, or a message given; and what is open afterwards.

    `decision` for a task that decides (`propose` too), with the chosen `phrases`; `handover` accepted or
    returned. Service tasks are done at once, with `handlers` of the example as their result.
    """

    task: str | None = None
    message: str | None = None
    sets: dict[str, str | int | bool] = {}
    decision: str | None = None
    phrases: list[str] = []
    own_words: str | None = None
    handover: str | None = None
    letter: LetterExample | None = None
    opens: list[str] = []


class Example(Part):
    """One example. `today` is the day on which it is filled in; `ended` whether the process should end."""

    title: str
    today: date
    channel: str = "web"
    parameters: dict[str, Any] = {}
    context: dict[str, Any] = {}
    gate: GateExample | None = None
    answers: dict[str, Any] = {}
    expect: Expectation = PydanticField(default_factory=Expectation)
    opens: list[str] = []
    handlers: dict[str, dict[str, str | int | bool]] = {}
    process: list[Move] = []
    ended: bool = True


@dataclass(frozen=True)
class NamedExample:
    """An example with its file."""

    file: str
    example: Example
    source: Source


def read_examples(loaded: LoadedService) -> list[NamedExample]:
    """Read a service's examples in order of name. Raises DefinitionError with lines."""
    found = []
    for name in sorted(loaded.files):
        if name.startswith(FOLDER) and name.endswith(".yaml"):
            source = read_yaml(loaded.files[name], name)
            try:
                example = Example.model_validate_json(json.dumps(source.value))
            except ValidationError as error:
                raise DefinitionError(schema_findings(error, source)) from error
            found.append(NamedExample(name, example, source))
    return found
