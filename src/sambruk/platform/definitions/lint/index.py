"""Where everything stands: the path in service.yaml of each step, field and text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sambruk.platform.definitions.findings import Finding, Severity
from sambruk.platform.definitions.language import (
    AnswerField,
    InformationField,
    RepeatingGroupField,
    Step,
)
from sambruk.platform.definitions.load import LoadedService
from sambruk.platform.definitions.yaml_file import Path


@dataclass
class Index:
    """A loaded service with paths by id, and the findings so far."""

    loaded: LoadedService
    paths: dict[str, Path] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    fields: dict[str, AnswerField | InformationField] = field(default_factory=dict)
    step_of: dict[str, str] = field(default_factory=dict)
    group_of: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        path: Path,
        rule: str,
        message: str,
        instead: str = "",
        *,
        warning: bool = False,
        file: str = "service.yaml",
        line: int | None = None,
    ) -> None:
        """Add a finding at a path in service.yaml, or at a line of another file."""
        where = self.loaded.source.line(path) if line is None else line
        severity = Severity.WARNING if warning else Severity.ERROR
        self.findings.append(Finding(file, where, rule, message, instead, severity))

    def path(self, owner: str, *more: str | int) -> Path:
        """Return the path of a step or field, or of something in it."""
        return (*self.paths.get(owner, ()), *more)


def build(loaded: LoadedService) -> Index:
    """Index a service. Ids that are used twice become findings."""
    index = Index(loaded)
    service = loaded.service
    for position, question in enumerate(service.eligibility.questions if service.eligibility else ()):
        _take(index, question.id, ("eligibility", "questions", position))
    for step_position, step in enumerate(service.steps):
        path: Path = ("steps", step_position)
        _take(index, step.id, path)
        index.steps[step.id] = step
        for position, one in enumerate(step.fields):
            place = (*path, "fields", position)
            _take(index, one.id, place)
            index.fields[one.id] = one
            index.step_of[one.id] = step.id
            if isinstance(one, RepeatingGroupField):
                for inner_position, inner in enumerate(one.fields):
                    _take(index, inner.id, (*place, "fields", inner_position))
                    index.fields[inner.id] = inner
                    index.step_of[inner.id] = step.id
                    index.group_of[inner.id] = one.id
    return index


def _take(index: Index, key: str, path: Path) -> None:
    if key in index.paths or key in ("parameters", "context", "flags"):
        index.add(path, "id.taken", f"Id {key} är redan använt.", "Ge ett eget id som aldrig har använts.")
    index.paths.setdefault(key, path)


def texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield every text of a definition as written, with its path."""
    if isinstance(value, dict):
        if "sv" in value and all(isinstance(one, str) for one in value.values()):
            yield path, value
        else:
            for key, inner in value.items():
                yield from texts(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from texts(inner, (*path, position))
