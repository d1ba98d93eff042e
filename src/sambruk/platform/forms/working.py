"""A draft with its definition and what its answers lead to: read once, used by actions and pages."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sambruk.common.errors import NotFound
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.answers import Validated, validate
from sambruk.platform.definitions.conditions import Evaluation
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import RepeatingGroupField, Service, Step
from sambruk.platform.forms import facts
from sambruk.platform.forms.models import Draft, DraftFile
from sambruk.platform.tenancy.compiled import Compiled


@dataclass
class Working:
    """The draft, its definition, its files by field, and the answers with the files among them."""

    draft: Draft
    effective: Effective
    files: list[DraftFile]
    facts: dict[str, Any] | None = None

    @cached_property
    def context(self) -> dict[str, Any]:
        """What the platform itself knows; read when a condition is first evaluated, or as it was given."""
        return facts.for_draft(self.draft, self.effective) if self.facts is None else self.facts

    @property
    def service(self) -> Service:
        """The definition."""
        return self.effective.service

    def answers_with_files(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of answers in which each file field holds the draft's files."""
        found = copy.deepcopy(dict(answers))
        by_field: dict[str, list[dict[str, Any]]] = {}
        for one in self.files:
            by_field.setdefault(one.field, []).append(as_answer(one))
        for step in self.service.steps:
            for field in step.fields:
                if field.type == "file":
                    found[field.id] = by_field.get(field.id) or None
                elif isinstance(field, RepeatingGroupField):
                    _fill_rows(field, found.get(field.id) or [], by_field)
        return found

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The draft's answers with its files."""
        return self.answers_with_files(self.draft.answers)

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the draft's answers show, ask for and compute."""
        return self.evaluate(self.answers)

    def evaluate(self, answers: Mapping[str, Any]) -> Evaluation:
        """Evaluate other answers than the saved."""
        return self.effective.conditions.evaluate(answers, self.effective.parameters, self.context)

    def validate(self, step: str | None = None, *, complete: bool = True) -> Validated:
        """Check the saved answers, a step or all. What was typed and could not be read is an error too."""
        return validate(
            self.effective.conditions,
            self.answers,
            self.effective.parameters,
            self.context,
            step=step,
            complete=complete,
        )

    @property
    def steps(self) -> list[Step]:
        """The steps that these answers lead through, in order."""
        return [step for step in self.service.steps if step.id in self.evaluation.steps]

    def step(self, step_id: str) -> Step:
        """Return a step that is asked. Raises NotFound."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise NotFound("Det steget finns inte i din ansökan. Gå tillbaka till ansökan och fortsätt därifrån.")

    def after(self, step_id: str) -> str:
        """Return the step that follows, or an empty string when the review does."""
        ids = [step.id for step in self.steps]
        place = ids.index(step_id) + 1 if step_id in ids else 0
        return ids[place] if place < len(ids) else ""

    def before(self, step_id: str) -> str:
        """Return the step before, or an empty string."""
        ids = [step.id for step in self.steps]
        place = ids.index(step_id) if step_id in ids else 0
        return ids[place - 1] if place else ""

    @property
    def next_step(self) -> str:
        """The first step that is not done, or an empty string when all are."""
        return next((step.id for step in self.steps if step.id not in self.draft.steps_done), "")


def as_answer(one: DraftFile) -> dict[str, Any]:
    """Return a file in the wire format of answers."""
    document = one.document
    return {
        "id": str(document.pk),
        "name": document.name,
        "size": document.size,
        "mime": document.mime,
        "sha256": document.sha256,
    }


def _fill_rows(
    group: RepeatingGroupField, rows: list[dict[str, Any]], by_field: dict[str, list[dict[str, Any]]]
) -> None:
    names = [inner.id for inner in group.fields if inner.type == "file"]
    for row in rows:
        for name in names:
            # By the row's own id: rows move, their files go with them.
            row[name] = by_field.get(f"{group.id}.{row.get('row')}.{name}") or None


_FILES = Compiled(
    lambda draft_id: (
        DraftFile.objects.filter(draft_id=draft_id).select_related("document").order_by("added_at", "id")
    ),
    UUID,
)


def load(draft: Draft) -> Working:
    """Read what belongs to a draft. Raises NotFound when its definition is gone."""
    files = _FILES.all(draft.pk)
    effective = definitions.by_hash(draft.definition_hash)
    return Working(draft, effective, files)
