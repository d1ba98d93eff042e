"""The calculation (normberäkning): prepared, worked on, read again, approved, opened again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.content_hash import content_hash
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.platform.cases.actions.decisions import latest, pending
from sambruk.platform.cases.actions.logging import note_event
from sambruk.platform.cases.actions.tasks import finish_task, refuse_reason
from sambruk.platform.cases.actions.work import locked
from sambruk.platform.cases.models import Case, Task
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.exchange.failpoints import declare, failpoint
from sambruk.systems.financial_assistance import authority_incomes, household_changes, queries
from sambruk.systems.financial_assistance.calculation.household import Household
from sambruk.systems.financial_assistance.household_changes import Changes
from sambruk.systems.financial_assistance.household_from_application import Translated, translate
from sambruk.systems.financial_assistance.models import CalculationVersion, WorkingCalculation
from sambruk.systems.financial_assistance.queries import Working
from sambruk.systems.financial_assistance.service import CALCULATE, SERVICE

PREPARED = declare("financial_assistance.prepared", "beräkningen är förberedd, ärendet har inte gått vidare")
KEPT = declare("financial_assistance.kept", "en version är sparad, beräkningen är inte låst")
#: Warnings of the calculation that must be met before it is approved.
BLOCKING = frozenset({"refusal_without_reason"})


class ChangedMeanwhile(Conflict):
    """Somebody saved the calculation after the page was opened."""

    code = "changed_meanwhile"


def _translated(case: Case) -> Translated:
    """Return the application as a household, with what the authorities say beside it."""
    made = translate(
        queries.answers_of(case),
        queries.month_of(case),
        parameters=definitions.by_hash(case.definition_hash).parameters,
        job_stimulus=queries.job_stimulus_of(case),
    )
    authority_incomes.ask(case)
    household, differences = authority_incomes.beside(made.household, authority_incomes.told(case))
    return Translated(household, [*made.remarks, *differences])


@transaction.atomic
def prepare(*, case: Case, by: Actor) -> WorkingCalculation:
    """Make the working calculation from the application, once; an existing one is returned as it is.

    The case is locked by the caller: it is a step of its process.
    """
    found = WorkingCalculation.objects.filter(case=case).first()
    if found is not None:
        return found
    made = _translated(case)
    row = WorkingCalculation.objects.create(
        case=case,
        month=queries.month_of(case).first,
        household=made.household.model_dump(mode="json"),
        remarks=made.remarks,
        updated_at=now(),
        updated_by=by.name,
    )
    failpoint(PREPARED)
    note_event(
        case,
        event="calculation.prepared",
        text="Beräkningen förbereddes från ansökan.",
        by=by,
        fields={"calculation": str(row.pk)},
    )
    return row


def _open(case_id: UUID, by: Actor, expected_revision: int | None) -> tuple[Case, WorkingCalculation]:
    """Return the locked case and its calculation for a change. Raises NotFound, NotAllowed, Conflict."""
    case = _locked_case(case_id, by)
    row = WorkingCalculation.objects.select_for_update().filter(case=case).first()
    if row is None:
        raise Conflict("Beräkningen är inte förberedd ännu. Granska ansökan först.")
    if expected_revision is not None and row.revision != expected_revision:
        who = row.updated_by or "Någon annan"
        raise ChangedMeanwhile(
            f"{who} har ändrat beräkningen sedan du öppnade den. Läs vad som är nytt och gör om din ändring."
        )
    return case, row


def _locked_case(case_id: UUID, by: Actor) -> Case:
    case = locked(case_id, by)
    if case.service_id != SERVICE:
        raise NotFound("Ärendet har ingen beräkning.")
    if not case.is_open:
        raise Conflict("Ärendet är avslutat.")
    if queries.hidden_from(case, by):
        raise NotAllowed("Öppna de skyddade uppgifterna först, med ett skäl.")
    return case


def _require_unlocked(row: WorkingCalculation) -> None:
    if row.locked_version is not None:
        raise Conflict("Beräkningen är godkänd. Öppna den igen för att ändra.")


def _store(case: Case, row: WorkingCalculation, household: Household, by: Actor) -> Working:
    row.household = household.model_dump(mode="json")
    row.revision += 1
    row.updated_at = now()
    row.updated_by = by.name
    found = queries.computed(case, row)
    row.save(update_fields=["household", "remarks", "revision", "updated_at", "updated_by"])
    return found


@transaction.atomic
def change(*, case_id: UUID, changes: Changes, by: Actor, expected_revision: int | None = None) -> Working:
    """Change rows, persons and dwelling; what changed stands in the log, values in the audit.

    Raises NotFound, NotAllowed, Conflict (approved, closed, or changed by another meanwhile), Invalid with
    sentences by row or person id.
    """
    case, row = _open(case_id, by, expected_revision)
    _require_unlocked(row)
    before = Household.model_validate(row.household)
    after = household_changes.apply(before, changes)
    changed = household_changes.differences(before, after)
    if not changed:
        return queries.computed(case, row)
    found = _store(case, row, after, by)
    _note_changes(case, "calculation.changed", "Beräkningen ändrades", changed, by)
    return found


@transaction.atomic
def refresh(*, case_id: UUID, by: Actor, expected_revision: int | None = None) -> Working:
    """Read the application again and ask the authorities; what the caseworker did to the rows stays.

    An authority that does not answer takes nothing away: what it said before stays. Raises as `change`.
    """
    case, row = _open(case_id, by, expected_revision)
    _require_unlocked(row)
    made = _translated(case)
    before = Household.model_validate(row.household)
    asked = authority_incomes.answered_since(before, made.household)
    after = household_changes.refreshed(asked, made.household)
    row.remarks = made.remarks
    found = _store(case, row, after, by)
    changed = household_changes.differences(before, after)
    _note_changes(case, "calculation.refreshed", "Ansökan lästes in i beräkningen igen", changed, by)
    return found


def _note_changes(case: Case, event: str, what: str, changed: Mapping[str, Any], by: Actor) -> None:
    noun = "post" if len(changed) == 1 else "poster"
    note_event(case, event=event, text=f"{what} ({len(changed)} {noun}).", by=by, fields=changed)


def why_not_approved(found: Working) -> list[str]:
    """Return what must be done before the calculation can be approved, as sentences; empty when nothing."""
    return [
        *(gap.text for gap in found.result.gaps),
        *(warning.text for warning in found.result.warnings if warning.code in BLOCKING),
    ]


@transaction.atomic
def approve(*, case_id: UUID, by: Actor, expected_revision: int | None = None) -> CalculationVersion:
    """Approve the calculation: an immutable version is kept, and the process goes on.

    Raises Invalid while figures or reasons are missing, otherwise as `change`.
    """
    case, row = _open(case_id, by, expected_revision)
    _require_unlocked(row)
    if by.id is None or not by.is_staff:
        raise NotAllowed("Beräkningen godkänns av en handläggare.")
    found = queries.computed(case, row)
    if missing := why_not_approved(found):
        raise Invalid(f"Beräkningen kan inte godkännas ännu. {' '.join(missing)}")
    task = _task(case, by)
    kept = _keep(case, found, by)
    failpoint(KEPT)
    row.locked_version = kept.version
    row.revision += 1
    row.updated_at, row.updated_by = now(), by.name
    row.save(update_fields=["locked_version", "revision", "updated_at", "updated_by"])
    note_event(
        case,
        event="calculation.approved",
        text=f"Beräkningen godkändes (version {kept.version}).",
        by=by,
        fields={"version": kept.version, "amount": str(kept.amount), "content": kept.content_hash},
    )
    if task is not None:
        finish_task(case, task, flags={}, by=by, text="Beräkning: klart.")
    return kept


def _task(case: Case, by: Actor) -> Task | None:
    """Return the open task that approving does; None where it was done before (reopened since)."""
    task = Task.objects.filter(case=case, element=CALCULATE, state=Task.State.OPEN).first()
    if task is None:
        return None
    task.case = case
    if why := refuse_reason(task, case, by):
        raise NotAllowed(why)
    return task


def _keep(case: Case, found: Working, by: Actor) -> CalculationVersion:
    last = CalculationVersion.objects.filter(case=case).order_by("-version").first()
    text = found.result.to_json()
    assert found.result.amount is not None and by.id is not None  # noqa: S101 - complete, and staff
    return CalculationVersion.objects.create(
        case=case,
        version=last.version + 1 if last else 1,
        month=found.row.month,
        household=found.row.household,
        result=text,
        amount=found.result.amount,
        rules_version=found.result.rules_version,
        content_hash=content_hash(json.loads(text)),
        approved_by_id=by.id,
        approved_at=now(),
    )


@transaction.atomic
def reopen(*, case_id: UUID, reason: str, by: Actor, expected_revision: int | None = None) -> Working:
    """Open an approved calculation again, with a reason; the approved version stays in the file.

    Raises Conflict when a decision is proposed or made on it, Invalid without a reason.
    """
    case, row = _open(case_id, by, expected_revision)
    if row.locked_version is None:
        raise Conflict("Beräkningen är redan öppen.")
    if latest(case) is not None:
        raise Conflict("Beslutet är fattat. Beräkningen som det bygger på kan inte ändras.")
    if pending(case) is not None:
        raise Conflict("Ett förslag till beslut bygger på beräkningen. Det behöver lämnas tillbaka först.")
    if not reason.strip():
        raise Invalid({"reason": "Skriv varför beräkningen öppnas igen."})
    was, row.locked_version = row.locked_version, None
    row.revision += 1
    row.updated_at, row.updated_by = now(), by.name
    row.save(update_fields=["locked_version", "revision", "updated_at", "updated_by"])
    note_event(
        case,
        event="calculation.reopened",
        text=f"Beräkningen öppnades igen (version {was} gäller inte längre).",
        by=by,
        fields={"version": was},
        reason=reason.strip()[:1000],
    )
    return queries.computed(case, row)
