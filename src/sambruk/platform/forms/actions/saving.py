"""A step is saved: what could be read, what could not, and what must be mended before one goes on."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, NotFound, SambrukError
from sambruk.common.month import Month
from sambruk.platform.audit import actions as audit
from sambruk.platform.definitions.answers import is_unanswered, parse_step
from sambruk.platform.definitions.language import RepeatingGroupField, Step
from sambruk.platform.forms import periods, working
from sambruk.platform.forms.access import require_draft
from sambruk.platform.forms.actions.begin import draft_life
from sambruk.platform.forms.actions.freezing import melt
from sambruk.platform.forms.disposal import dispose_of
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.working import Working

MAX_KEPT = 20_000

FormData = Mapping[str, Sequence[str]]


class Outdated(Conflict):
    """The draft was changed elsewhere (another tab, another device) since the page was shown."""

    code = "draft_outdated"

    def __init__(self) -> None:
        super().__init__(
            "Ansökan har ändrats i ett annat fönster sedan du öppnade sidan. "
            "Det du skrev står kvar här. Läs igenom och spara igen."
        )


@dataclass
class Saved:
    """The draft as it was saved; `errors` by address; `unsigned` when signatures were dropped."""

    work: Working
    errors: dict[str, str]
    unsigned: bool = False


def open_for_change(draft_id: UUID, by: Actor, browser: str) -> tuple[Draft, bool]:
    """Lock a draft and take it back from signing; returns it and whether signatures were dropped.

    Raises NotFound, Conflict for one that is sent.
    """
    draft = require_draft(draft_id, by, browser, lock=True)
    if draft.state == Draft.State.SUBMITTED:
        raise Conflict("Ansökan är redan inskickad och går inte att ändra. Skriv ett meddelande i ärendet.")
    return draft, melt(draft, by) if draft.state == Draft.State.SIGNING else False


@transaction.atomic
def save_step(
    *,
    draft_id: UUID,
    step_id: str,
    data: FormData,
    by: Actor,
    browser: str = "",
    revision: int | None = None,
    leave: bool = True,
) -> Saved:
    """Save a step's fields as typed. With ``leave`` the step must be whole to count as done.

    What cannot be read is kept as it was typed. ``revision`` is that of the page which was filled in: raises
    Outdated when the draft has changed since. Raises NotFound, Conflict (sent already).
    """
    draft, unsigned = open_for_change(draft_id, by, browser)
    if is_outdated(draft, step_id, revision):
        raise Outdated
    work = working.load(draft)
    step = work.step(step_id)
    errors = merge(work, step, data)
    work = working.load(draft)
    if step_id in {one.id for one in work.steps}:
        checked = work.validate(step_id, complete=leave)
        errors = {**checked.errors, **errors}
        if leave:
            errors |= {key: text for key, text in periods.errors(work, step).items() if key not in errors}
    done = [one for one in draft.steps_done if one != step_id]
    draft.steps_done = [*done, step_id] if leave and not errors else done
    draft.step = step_id
    keep(draft, step_id)
    audit.record(event="draft.saved", by=by, obj=draft, person_id=draft.person_id, fields={"step": step_id})
    return Saved(work, errors, unsigned)


def is_outdated(draft: Draft, step_id: str, seen: int | None) -> bool:
    """Return whether the step has changed since the page with this revision was shown."""
    last = draft.step_revisions.get(step_id, 0)
    return seen is not None and seen < (last if isinstance(last, int) else 0)


@transaction.atomic
def autosave(
    *, draft_id: UUID, step_id: str, data: FormData, by: Actor, browser: str = "", revision: int | None = None
) -> Draft:
    """Save a step while it is being filled in: nothing is checked, and nothing written that is as it was.

    A step that was done must be passed again once it has changed. Raises Outdated as `save_step`, Conflict
    for a draft that waits for signatures or is sent (a page left open costs no signature), NotFound.
    """
    draft = require_draft(draft_id, by, browser, lock=True)
    if draft.state != Draft.State.OPEN:
        raise Conflict("Ansökan går inte att ändra här längre. Läs om sidan.", "draft_not_open")
    if is_outdated(draft, step_id, revision):
        raise Outdated
    work = working.load(draft)
    step = work.step(step_id)
    before = _said(draft.answers), draft.typed
    merge(work, step, data)
    if (_said(draft.answers), draft.typed) == before:
        return draft
    draft.steps_done = [one for one in draft.steps_done if one != step_id]
    draft.step = step_id
    keep(draft, step_id)
    audit.record(
        event="draft.autosaved", by=by, obj=draft, person_id=draft.person_id, fields={"step": step_id}
    )
    return draft


def _said(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is answered: unanswered is unanswered, however it is written."""
    return {key: value for key, value in answers.items() if not is_unanswered(value)}


def merge(work: Working, step: Step, data: FormData) -> dict[str, str]:
    """Put what was sent into the draft, unsaved; returns the sentences for what could not be read."""
    draft = work.draft
    parsed = parse_step(step, data)
    answers = dict(draft.answers)
    for field_id, value in parsed.answers.items():
        if field_id in draft.known_from and not same(answers.get(field_id), value):
            draft.known_from = {k: v for k, v in draft.known_from.items() if k != field_id}
        answers[field_id] = value
    own = {field.id for field in step.fields}
    typed = {key: text for key, text in draft.typed.items() if key.split(".")[0] not in own}
    sent = renumbered(step, data)
    typed |= {key: sent[key][-1][:MAX_KEPT] for key in parsed.errors if sent.get(key)}
    for address in parsed.errors:
        _drop(answers, address)
    draft.answers, draft.typed = answers, typed
    draft.period = period_of(work, answers)
    return dict(parsed.errors)


def same(before: Any, after: Any) -> bool:
    """Return whether two answers say the same; unanswered is unanswered, however it is written."""
    return before == after or (is_unanswered(before) and is_unanswered(after))


def _drop(answers: dict[str, Any], address: str) -> None:
    """Remove the earlier answer of a simple field whose new one cannot be read."""
    if "." not in address:
        answers.pop(address, None)


def renumbered(step: Step, data: FormData) -> dict[str, Sequence[str]]:
    """Return what was sent with a group's rows numbered from 0 without gaps, as their answers are."""
    found = dict(data)
    for group in step.fields:
        if not isinstance(group, RepeatingGroupField):
            continue
        pattern = re.compile(rf"{re.escape(group.id)}\.([0-9]{{1,4}})\.(.+)")
        matches = [match for name in data if (match := pattern.fullmatch(name))]
        places = {n: i for i, n in enumerate(sorted({int(match[1]) for match in matches}))}
        for match in matches:
            found.pop(match[0], None)
        found |= {f"{group.id}.{places[int(m[1])]}.{m[2]}": data[m[0]] for m in matches}
    return found


def period_of(work: Working, answers: Mapping[str, Any]) -> date | None:
    """Return the first day of the month that the application concerns, once it is answered."""
    period = work.service.period
    if period is None or not answers.get(period.field):
        return None
    try:
        return Month.parse(str(answers[period.field])).first
    except SambrukError:
        return None


def keep(draft: Draft, step_id: str = "") -> None:
    """Save a changed draft: it lives on from now.

    The revision tells a page of the step that its answers are old. A file sent from the page beside them
    changes none (no ``step_id``).
    """
    if step_id:
        draft.revision += 1
        draft.step_revisions = {**draft.step_revisions, step_id: draft.revision}
    draft.updated_at = now()
    draft.expires_at = draft.updated_at + draft_life()
    draft.save()


@transaction.atomic
def add_row(*, draft_id: UUID, group_id: str, by: Actor, browser: str = "") -> Draft:
    """Add an empty row to a repeating group. Raises NotFound, Conflict (full, or sent already)."""
    draft, _ = open_for_change(draft_id, by, browser)
    step, group = _group(working.load(draft), group_id)
    rows = list(draft.answers.get(group_id) or [])
    if len(rows) >= group.max_rows:
        raise Conflict(f"Det får vara högst {group.max_rows} rader.", "too_many_rows")
    draft.answers = {**draft.answers, group_id: [*rows, {"row": secrets.token_hex(4)}]}
    keep(draft, step.id)
    audit.record(event="draft.row_added", by=by, obj=draft, fields={"field": group_id})
    return draft


@transaction.atomic
def remove_row(*, draft_id: UUID, group_id: str, place: int, by: Actor, browser: str = "") -> Draft:
    """Remove a row (counted from 0) and its files. One that is gone already is no error."""
    draft, _ = open_for_change(draft_id, by, browser)
    work = working.load(draft)
    step, _ = _group(work, group_id)
    rows = list(draft.answers.get(group_id) or [])
    if 0 <= place < len(rows):
        prefix = f"{group_id}.{rows[place].get('row')}."
        gone = [one for one in work.files if one.field.startswith(prefix)]
        for one in gone:
            one.delete()
        dispose_of([one.document for one in gone])
        del rows[place]
        draft.answers = {**draft.answers, group_id: rows or None}
        # What could not be read in the rows after it has other addresses now.
        draft.typed = {k: v for k, v in draft.typed.items() if not k.startswith(f"{group_id}.")}
        keep(draft, step.id)
        audit.record(event="draft.row_removed", by=by, obj=draft, fields={"field": group_id})
    return draft


def _group(work: Working, group_id: str) -> tuple[Step, RepeatingGroupField]:
    for step in work.steps:
        for field in step.fields:
            if isinstance(field, RepeatingGroupField) and field.id == group_id:
                return step, field
    raise NotFound("Den frågan finns inte i ansökan.")
