"""Other systems file: a report where nobody logs in, or answers that a person reads, changes and sends.

What a login and a signature stand for nobody can do for another: an attestation binds the one who gave it
(brottsbalken 15 kap. 10 §, osann försäkran). So a system never makes an application that asks for a login. It
may prepare the answers, and is not told what becomes of them: that somebody applies can be secret in itself
(offentlighets- och sekretesslagen 26 kap. 1 §).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import Conflict, Invalid, NotAllowed, SambrukError
from sambruk.common.ids import uuid7
from sambruk.platform.audit import actions as audit
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.answers import validate
from sambruk.platform.definitions.answers.people import parse_number
from sambruk.platform.definitions.answers.read import read_answers, read_questions
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import say
from sambruk.platform.forms import facts, submission, working
from sambruk.platform.forms.access import client_key
from sambruk.platform.forms.actions.begin import GateStops, draft_life
from sambruk.platform.forms.actions.saving import period_of
from sambruk.platform.forms.gate import decide
from sambruk.platform.forms.models import Draft, Filing
from sambruk.platform.forms.signers import find_by_number, index_of, owner_party
from sambruk.platform.identity.permissions import Permission

#: How long a system may ask for the state of what it reported. Our own choice, told in the description.
REPORT_KEPT = timedelta(days=400)


@dataclass(frozen=True, kw_only=True)
class Request:
    """The request that files: the client's key for it, and the digest of what was sent."""

    key: str
    digest: str


@dataclass(frozen=True)
class Filed:
    """A filing, and whether it was made now or had been made by the same key before."""

    filing: Filing
    fresh: bool


@transaction.atomic
def file_report(
    *,
    service_id: str,
    answers: Mapping[str, Any],
    eligibility: Mapping[str, Any],
    request: Request,
    by: Actor,
) -> Filed:
    """Make the case of a report that a system sends for somebody. The case's number is the last statement.

    Permission: report.file, and the unit that receives it. The answers are checked as the form's are: raises
    Invalid by `answers.<address>`. Raises NotFound (not offered), Conflict where a login is asked for.
    """
    by.require(Permission.REPORT_FILE)
    effective = _open_to(service_id, by)
    if effective.service.login.assurance > 0:
        raise Conflict(
            "E-tjänsten kräver att personen själv loggar in. Förbered svaren i stället, så kan personen "
            "läsa, ändra och skicka.",
            "login_needed",
        )
    draft_id = uuid7()
    filed = _claim(by, request, service_id, draft_id=draft_id, expires=REPORT_KEPT)
    if not filed.fresh:
        return filed
    draft = _draft(effective, draft_id, answers, eligibility, by)
    try:
        submission.submit(draft.pk, by=by)
    except Invalid as error:
        raise _under("answers", error.field_errors, error.code, error.message_sv) from error
    return filed


@transaction.atomic
def prepare_application(
    *, service_id: str, number: str, answers: Mapping[str, Any], request: Request, by: Actor
) -> Filed:
    """Keep answers for a person, who meets them at the next login and sends them in, or does not.

    Permission: application.prepare, and the unit that receives it. What the system prepared for the person in
    the service before, and was not taken, is replaced. The answer is the same whoever the person is, known
    here or not, protected or not. Raises Invalid (`person.personalNumber`, `answers.<address>`), NotFound,
    Conflict for a service without login.
    """
    by.require(Permission.APPLICATION_PREPARE)
    effective = _open_to(service_id, by)
    if effective.service.login.assurance == 0:
        raise Conflict("E-tjänsten har ingen inloggning. Lämna in direkt i stället.", "no_login")
    try:
        digits = parse_number(number)
    except SambrukError as error:
        raise Invalid({"person.personalNumber": error.message_sv}, code="invalid_answers") from error
    read = _readable(effective, answers, digits)
    index = index_of(digits)
    filed = _claim(by, request, service_id, number_index=index, expires=draft_life())
    if not filed.fresh:
        return filed
    filing = filed.filing
    Filing.objects.filter(
        client_id=by.id, service_id=service_id, number_index=index, taken_at__isnull=True
    ).exclude(pk=filing.pk).delete()
    filing.answers = read
    filing.save()
    known = find_by_number(digits)
    audit.record(
        event="application.prepared",
        by=by,
        obj=filing,
        person_id=known.pk if known is not None else None,
        fields={"service": service_id, "answers": sorted(read)},
    )
    return filed


def _open_to(service_id: str, by: Actor) -> Effective:
    """Return the service if the system may file in it. Raises NotFound, NotAllowed."""
    effective = definitions.for_service(service_id)
    if effective.unit_id not in by.unit_ids:
        raise NotAllowed(
            "Systemet får inte lämna in till den enhet som tar emot. Kommunens administratör kan ge rätten."
        )
    if "web" not in effective.service.channels:
        raise NotAllowed("Den här e-tjänsten tar inte emot något från andra system.")
    return effective


def _claim(
    by: Actor,
    request: Request,
    service_id: str,
    *,
    expires: timedelta,
    draft_id: UUID | None = None,
    number_index: str = "",
) -> Filed:
    """Take the key, or return what was filed by it. Raises Invalid where it was used for something else."""
    if by.id is None:
        raise LookupError("an API client without an id")
    moment = now()
    filing = Filing(
        client_id=by.id,
        key=request.key,
        request_hash=request.digest,
        service_id=service_id,
        draft_id=draft_id,
        number_index=number_index,
        created_at=moment,
        expires_at=moment + expires,
    )
    try:
        with transaction.atomic():
            filing.save(force_insert=True)
    except IntegrityError:
        found = Filing.objects.get(client_id=by.id, key=request.key)
        if not hmac.compare_digest(found.request_hash, request.digest):
            raise Invalid(
                {"Idempotency-Key": "Nyckeln har redan använts för ett annat anrop. Ta en ny varje gång."},
                code="idempotency_key_reused",
            ) from None
        return Filed(found, fresh=False)
    return Filed(filing, fresh=True)


def _draft(
    effective: Effective,
    draft_id: UUID,
    answers: Mapping[str, Any],
    eligibility: Mapping[str, Any],
    by: Actor,
) -> Draft:
    """Begin and fill in the draft that is sent at once."""
    service = effective.service
    gate = read_questions(service, eligibility)
    read = read_answers(service, answers)
    errors = {**_prefixed("eligibility", gate.errors), **_prefixed("answers", read.errors)}
    if errors:
        raise Invalid("Några svar behöver rättas.", errors, code="invalid_answers")
    try:
        result = decide(effective, gate.answers, facts.for_actor(effective, by, gate.answers))
    except Invalid as error:
        raise _under("eligibility", error.field_errors, error.code, error.message_sv) from error
    if result.stop and service.eligibility is not None:
        title = next(say(rule.title) for rule in service.eligibility.rules if rule.id == result.stop[0])
        raise GateStops(title, result.stop)
    moment = now()
    draft = Draft(
        id=draft_id,
        owner_key=client_key(by.id) if by.id is not None else "",
        prepared_by=by.name[:200],
        channel=facts.channel_of(by),
        service_id=service.service,
        definition_hash=effective.hash,
        answers=read.answers,
        gate=gate.answers,
        created_at=moment,
        updated_at=moment,
        expires_at=moment + draft_life(),
    )
    draft.period = period_of(working.Working(draft, effective, [], {}), read.answers)
    draft.save(force_insert=True)
    fields = {"service": service.service, "channel": draft.channel}
    audit.record(event="draft.begun", by=by, obj=draft, fields=fields)
    return draft


def _readable(effective: Effective, answers: Mapping[str, Any], digits: str) -> dict[str, Any]:
    """Return prepared answers, checked as a form's that is not yet whole. Raises Invalid."""
    service = effective.service
    read = read_answers(service, answers)
    errors = dict(read.errors)
    owner = service.parties.get(owner_party(service))
    given = read.answers.get(owner.person) if owner is not None and owner.person else None
    if owner is not None and given and given.get("personal_number") not in (None, digits):
        errors[f"{owner.person}.personal_number"] = "Här ska det stå personnumret för den som ansöker."
    if not errors:
        context = facts.context_for(
            service.service, person_id=None, channel="web", assurance=0, represented=False, told={}
        )
        checked = validate(effective.conditions, read.answers, effective.parameters, context, complete=False)
        errors = dict(checked.errors)
    if errors:
        raise _under("answers", errors, "invalid_answers", "Några svar behöver rättas.")
    return read.answers


def _prefixed(place: str, errors: Mapping[str, str]) -> dict[str, str]:
    return {f"{place}.{name}" if name else place: text for name, text in errors.items()}


def _under(place: str, errors: Mapping[str, str], code: str, sentence: str) -> Invalid:
    return Invalid(sentence, _prefixed(place, errors), code="invalid_answers" if code == "invalid" else code)
