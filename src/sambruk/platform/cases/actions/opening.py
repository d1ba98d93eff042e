"""A case is made: everything that it consists of from the first moment, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from sambruk.common import events
from sambruk.common.actor import Actor
from sambruk.common.clock import local_date, now
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases.actions.logging import display_name
from sambruk.platform.cases.events import CaseOpened
from sambruk.platform.cases.models import (
    Application,
    Case,
    CaseDocument,
    LogEntry,
    Party,
    PeriodClaim,
    SignatureRecord,
)
from sambruk.platform.cases.process import running
from sambruk.platform.cases.search_text import joined
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.tenancy.batch import insert_together


@dataclass(frozen=True, kw_only=True)
class NewParty:
    """A party to be: a known person, or a name and a way to be reached."""

    role: str
    person_id: UUID | None = None
    name: str = ""
    contact: Mapping[str, Any] = field(default_factory=dict)
    mandate_id: UUID | None = None
    represented_by: str = ""
    protected: bool = False


@dataclass(frozen=True, kw_only=True)
class NewSignature:
    """A signature that was made, over the bytes whose hash it carries."""

    person_id: UUID
    party: str
    content_hash: str
    evidence: Mapping[str, Any]
    assurance: int
    signed_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewDocument:
    """A stored document that belongs to the case from the beginning."""

    document_id: UUID
    title: str
    category: str = "attachment"
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """All that a case is made of. `flags` are what the process's branches read: never free text."""

    effective: Effective
    title: str
    unit_id: UUID
    authority_id: UUID | None
    secrecy: str
    due_on: date
    parties: Sequence[NewParty]
    submission_key: UUID
    answers: Mapping[str, Any]
    content_hash: str
    signatures: Sequence[NewSignature] = ()
    documents: Sequence[NewDocument] = ()
    period: date | None = None
    channel: str = "web"
    filled_in_by: str = ""
    search_words: str = ""
    code_hash: str = ""
    flags: Mapping[str, Any] = field(default_factory=dict)


def open_case(new: NewCase, *, by: Actor) -> Case:
    """Make the case, start its process, tell the floors above; return it without its number.

    Runs in the caller's transaction, which ends with `numbers.assign_number(case)`. Raises IntegrityError
    when the same submission, or another application for the same person and period, is there already.
    """
    moment = now()
    case = _case(new, moment)
    started = running.start(case, new.effective, new.flags)
    rows: list[models.Model] = [case, *_application(case, new, moment), *_parties(case, new)]
    rows += [*_documents(case, new, moment, by), *started.tasks, *started.deadlines]
    rows.append(
        LogEntry(
            case=case,
            at=moment,
            kind="case.opened",
            text="Ansökan kom in." if new.signatures else "Ärendet kom in.",
            by_name=display_name(by),
            by_kind=str(by.kind),
            visible_to_resident=True,
        )
    )
    insert_together(rows)
    audit.record_many(_audit_entries(case, new, by))
    running.announce(case, started)
    events.publish(CaseOpened(case, by))
    return case


def _case(new: NewCase, moment: datetime) -> Case:
    case = Case(
        year=local_date(moment).year,
        service_id=new.effective.service.service,
        title=new.title[:200],
        definition_hash=new.effective.hash,
        authority_id=new.authority_id,
        unit_id=new.unit_id,
        secrecy="protected" if any(p.protected for p in new.parties) else new.secrecy,
        channel=new.channel,
        period=new.period,
        opened_at=moment,
        due_on=new.due_on,
        code_hash=new.code_hash,
    )
    case.search_text = joined(case, new.search_words, [p.name for p in new.parties])
    return case


def _application(case: Case, new: NewCase, moment: datetime) -> list[models.Model]:
    """The answers as they were sent, and each signature over them."""
    application = Application(
        case=case,
        definition_hash=new.effective.hash,
        answers=dict(new.answers),
        content_hash=new.content_hash,
        submitted_at=moment,
        submission_key=new.submission_key,
        filled_in_by=new.filled_in_by,
    )
    signed = [
        SignatureRecord(
            application=application,
            case=case,
            person_id=s.person_id,
            party_role=s.party,
            content_hash=s.content_hash,
            evidence=dict(s.evidence),
            assurance=s.assurance,
            signed_at=s.signed_at,
        )
        for s in new.signatures
    ]
    return [application, *signed]


def _documents(case: Case, new: NewCase, moment: datetime, by: Actor) -> list[models.Model]:
    return [
        CaseDocument(
            case=case,
            document_id=d.document_id,
            category=d.category,
            title=d.title[:200],
            field=d.field,
            added_at=moment,
            added_by=display_name(by),
        )
        for d in new.documents
    ]


def _parties(case: Case, new: NewCase) -> list[models.Model]:
    rows: list[models.Model] = [
        Party(
            case=case,
            person_id=p.person_id,
            role=p.role,
            name=p.name[:200],
            contact=dict(p.contact),
            mandate_id=p.mandate_id,
            represented_by=p.represented_by[:200],
        )
        for p in new.parties
    ]
    if new.period is not None:
        rows += [
            PeriodClaim(case=case, service_id=case.service_id, period=new.period, person_id=p.person_id)
            for p in new.parties
            if p.person_id is not None
        ]
    return rows


def _audit_entries(case: Case, new: NewCase, by: Actor) -> list[audit.Entry]:
    entries = [
        audit.Entry(
            event="case.opened",
            by=by,
            obj=case,
            case_id=case.pk,
            fields={
                "service": case.service_id,
                "definition": case.definition_hash,
                "content": new.content_hash,
            },
        )
    ]
    entries += [
        audit.Entry(
            event="application.signed",
            by=by,
            obj=("cases.application", new.submission_key),
            case_id=case.pk,
            person_id=s.person_id,
            fields={"content": s.content_hash, "assurance": s.assurance},
        )
        for s in new.signatures
    ]
    return entries
