"""From a draft to a case: one transaction, the case number its last statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now, today
from sambruk.common.errors import Conflict, NotFound
from sambruk.common.month import Month
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases import numbers
from sambruk.platform.cases.actions import opening
from sambruk.platform.cases.models import Case
from sambruk.platform.cases.process.running import due_date
from sambruk.platform.definitions.display import text_of
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import InformationField, RepeatingGroupField, say
from sambruk.platform.exchange.failpoints import declare, failpoint
from sambruk.platform.forms import access, codes, jobs, periods, signers, wishes, working
from sambruk.platform.forms.access import GONE, owned
from sambruk.platform.forms.actions.freezing import freeze
from sambruk.platform.forms.actions.signing import all_signed
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.forms.placeholders import fill
from sambruk.platform.forms.working import Working
from sambruk.platform.identity.models import Unit
from sambruk.platform.tenancy.batch import update_row
from sambruk.platform.tenancy.compiled import Compiled

BEFORE_CASE = declare(
    "submission.before_case", "the draft is whole and locked, nothing of the case is written"
)
AFTER_CASE = declare("submission.after_case", "the case is written, the draft is not marked as sent")
BEFORE_NUMBER = declare("submission.before_number", "all is written but the case's number")
AFTER_NUMBER = declare("submission.after_number", "the number is taken, nothing is committed")

#: When no task of the staff has a term of its own. Source: our own choice, docs/operations.md.
DUE_DAYS = 30
SIGNER_NEEDED = "Alla har inte skrivit under än. Ansökan skickas in så snart den sista har skrivit under."


def submit(draft_id: UUID, *, by: Actor, browser: str = "", locked: Draft | None = None) -> Case:
    """Make the case of a draft and return it with its number; sent already, return the same case.

    By the draft's owner, or by one of those who sign it (the last signature sends it). ``locked`` is the
    draft as the caller has locked it in the same transaction, for this actor. What double click, two tabs,
    the back button and a retry lead to is one case. Raises Invalid (errors by address), Conflict (a signature
    is missing, or the month has an application already), NotFound. Nothing may be written after it in the
    same transaction: the number is its last statement.
    """
    try:
        with transaction.atomic():
            return _submit(locked or _locked(draft_id, by, browser), by, browser)
    except IntegrityError as error:
        return _explain(draft_id, error)


def _submit(draft: Draft, by: Actor, browser: str) -> Case:
    if draft.state == Draft.State.SUBMITTED and draft.case is not None:
        return draft.case
    if draft.state == Draft.State.OPEN:
        draft = freeze(draft_id=draft.pk, by=by, browser=browser)
    places = signers.places_of(draft)
    if not all_signed(draft, places):
        raise Conflict(SIGNER_NEEDED, "not_signed")
    work = working.load(draft)
    new = _new_case(work, json.loads(draft.frozen["text"]), places)
    failpoint(BEFORE_CASE)
    # Before the case, whose first news may be told at once.
    wishes.follow(draft.person, work.service, new.answers, by=by)
    case = opening.open_case(new, by=by)
    failpoint(AFTER_CASE)
    draft.state, draft.case, draft.updated_at = Draft.State.SUBMITTED, case, now()
    update_row(draft, "state", "case", "updated_at")
    audit.record(
        event="draft.submitted",
        by=by,
        obj=draft,
        case_id=case.pk,
        person_id=draft.person_id,
        fields={"content": draft.frozen_hash},
    )
    jobs.write_receipt.defer(draft.pk, key=f"receipt:{draft.pk}")
    failpoint(BEFORE_NUMBER)
    numbers.assign_number(case)
    failpoint(AFTER_NUMBER)
    return case


_UNIT = Compiled(lambda key: Unit.objects.filter(pk=key), UUID)


def _locked(draft_id: UUID, by: Actor, browser: str) -> Draft:
    """Lock the draft's row and return it to its owner or one of its signers; others find nothing."""
    found = access.locked(draft_id)
    if found is None or not (
        signers.own_place(found, by) is not None
        or Draft.objects.filter(owned(by, browser), pk=draft_id).exists()
    ):
        raise NotFound(GONE)
    return found


def _explain(draft_id: UUID, error: IntegrityError) -> Case:
    """Say what a refused row means. Raises Conflict, or the error where it is none that we know."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if "one_application_a_period" in constraint:
        draft = Draft.objects.filter(pk=draft_id).first()
        month = Month.of(draft.period).label if draft and draft.period else "månaden"
        raise Conflict(
            f"Det finns redan en ansökan för {month}. Vill du lägga till något, "
            "öppna ärendet på Mina sidor: under Meddelanden står hur du gör.",
            "period_taken",
        ) from error
    raise error


def _new_case(work: Working, content: Mapping[str, Any], places: Sequence[DraftSigner]) -> opening.NewCase:
    draft, service, effective = work.draft, work.service, work.effective
    if draft.period and (sentence := periods.window_fault(work, draft.period)):
        raise Conflict(sentence, "period_closed")
    answers = content["answers"]
    unit = _UNIT.first(effective.unit_id) if effective.unit_id is not None else None
    if unit is None:
        raise Conflict("E-tjänsten har ingen mottagare just nu. Kontakta kommunen.", "no_unit")
    code_hash = ""
    if draft.person_id is None:
        code_hash = codes.hashes_of(codes.code_of(draft.pk))[0]
    words = _words(work, answers)
    return opening.NewCase(
        effective=effective,
        title=fill(say(service.case.title), words),
        unit_id=unit.pk,
        authority_id=unit.authority_id,
        secrecy=service.secrecy.level,
        due_on=_due_on(effective),
        parties=_parties(work, content, places),
        submission_key=draft.pk,
        answers=answers,
        content_hash=draft.frozen_hash,
        signatures=_signatures(places),
        documents=_documents(work, answers),
        period=draft.period,
        channel=draft.channel,
        filled_in_by=draft.filled_in_by.name if draft.filled_in_by is not None else draft.prepared_by,
        search_words=" ".join(words[key] for key in service.case.search if words.get(key)),
        code_hash=code_hash,
        flags=draft.frozen["flags"],
    )


def _due_on(effective: Effective) -> date:
    """When the first task of the staff that has a term must be done, else in thirty days."""
    for task in effective.service.tasks.values():
        if task.done_by == "staff" and task.due is not None:
            return due_date(task.due, effective.parameters)
    return today() + timedelta(days=DUE_DAYS)


def _words(work: Working, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers as words for the title and the search; sensitive ones are never among them."""
    words: dict[str, str] = {}
    for step in work.service.steps:
        for field in step.fields:
            if isinstance(field, InformationField | RepeatingGroupField) or field.type == "file":
                continue
            if not answers.get(field.id):
                continue
            if field.sensitivity == "sensitive":
                continue
            value = answers[field.id]
            if field.type == "place":
                words[field.id] = str(value.get("address") or value.get("description") or "position på karta")
            else:
                words[field.id] = text_of(field, value)
    return words


def _parties(
    work: Working, content: Mapping[str, Any], signed: Sequence[DraftSigner]
) -> list[opening.NewParty]:
    found: list[opening.NewParty] = []
    places = {one.party: one for one in signed}
    # Who takes part is what the parties have signed, not what the conditions would say today.
    signed_for = [str(one["party"]) for one in content["parties"]]
    people = signers.parts_among(work.service, content["answers"], signed_for)
    for part in people:
        if part.is_owner:
            found.append(_owner(work, part, content["answers"]))
            continue
        place = places.get(part.party)
        person = place.person if place is not None else signers.find_by_number(part.number)
        found.append(
            opening.NewParty(
                role=part.party,
                person_id=person.pk if person is not None else None,
                name=person.full_name if person is not None else part.name,
                protected=bool(person is not None and person.is_protected),
            )
        )
    return found


def _owner(work: Working, part: signers.Part, answers: Mapping[str, Any]) -> opening.NewParty:
    draft = work.draft
    person, mandate = draft.person, draft.mandate
    if person is None:
        contact = _contact(work, answers)
        name = part.name or (part.label if contact else "Anonym")
        return opening.NewParty(role=part.party, name=name, contact=contact)
    return opening.NewParty(
        role=part.party,
        person_id=person.pk,
        name=person.full_name,
        mandate_id=draft.mandate_id,
        represented_by=mandate.holder.full_name if mandate is not None else "",
        protected=person.is_protected,
    )


def _contact(work: Working, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return how somebody who has not logged in wants to be reached: e-mail and telephone as answered."""
    found: dict[str, Any] = {}
    for step in work.service.steps:
        for field in step.fields:
            value = answers.get(field.id)
            if not value:
                continue
            if field.type in ("email", "phone"):
                found.setdefault(field.type, value)
    return found


def _signatures(places: Sequence[DraftSigner]) -> list[opening.NewSignature]:
    return [
        opening.NewSignature(
            person_id=one.person_id,
            party=one.party,
            content_hash=one.signed_hash,
            evidence=one.evidence,
            assurance=one.assurance,
            signed_at=one.signed_at,
        )
        for one in sorted(places, key=lambda place: (place.signed_at is None, place.signed_at))
        if one.person_id is not None and one.signed_at is not None
    ]


def _documents(work: Working, answers: Mapping[str, Any]) -> list[opening.NewDocument]:
    """Only files that stand in what was sent: those of a question that is no longer asked stay behind."""
    sent = json.dumps(answers)
    return [
        opening.NewDocument(document_id=one.document.pk, title=one.document.name, field=one.field)
        for one in work.files
        if str(one.document.pk) in sent
    ]
