"""The letter of a decision: written once in the definition, filled from the case, kept as PDF/A."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sambruk.common.actor import Actor
from sambruk.common.calendar import format_date
from sambruk.common.clock import local_date, now
from sambruk.common.money import format_kr
from sambruk.common.month import Month
from sambruk.platform.cases.models import Application, Case, CaseDocument, Decision, Party
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import say
from sambruk.platform.definitions.placeholders import fill
from sambruk.platform.documents import actions as documents
from sambruk.platform.documents.letters import Letter, LetterHead, Value
from sambruk.platform.documents.models import Document
from sambruk.platform.tenancy.context import current_principal

Variables = Callable[[Case, Decision], dict[str, Value]]
_sources: list[tuple[tuple[str, ...], Variables]] = []


def letter_variables(*services: str) -> Callable[[Variables], Variables]:
    """Register a system's variables for its services' letters (such as the calculation's table)."""

    def register(source: Variables) -> Variables:
        if (services, source) not in _sources:
            _sources.append((services, source))
        return source

    return register


def variables(case: Case, decision: Decision, effective: Effective) -> dict[str, Value]:
    """Return what a letter may name: the platform's own, and those of the systems."""
    service = effective.service
    declared = service.decisions[decision.kind]
    principal = current_principal()
    parties = list(Party.objects.filter(case=case).select_related("person", "mandate").order_by("role", "id"))
    appeal = declared.appeal
    values: dict[str, Value] = {
        "decision_title": decision.title,
        "decision_date": format_date(local_date(decision.decided_at or now())),
        "decided_by": decision.decided_by_title,
        "applicants": " och ".join(p.name_with_representative for p in parties if p.name),
        "municipality": principal.name,
        "case_number": case.number,
        "service": say(service.title),
        "motivation": decision.motivation,
        "amount": format_kr(decision.amount if decision.amount is not None else Decimal(0)),
        "month": Month.of(case.period).label if case.period else "",
        "legal_basis": "; ".join(f"{c['act']} {c['section']}" for c in decision.legal_basis),
        "appeal_time": (f"{appeal.weeks} veckor" if appeal.weeks else f"{appeal.days} dagar")
        if appeal
        else "",
    }
    for services, source in _sources:
        if case.service_id in services:
            values |= source(case, decision)
    # Phrases may name any of the above that is text.
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    values["phrases"] = "\n\n".join(
        fill(say(service.phrases[p].text), texts) for p in decision.phrases if p in service.phrases
    )
    return values


def _address(case: Case, party: Party, effective: Effective) -> tuple[str, ...]:
    """Return the lines of a party's address: as we know it, else as the application gives it.

    Of the application the first address in the step that says who the party is. A protected person has none.
    """
    person = party.person
    if person is None or person.is_protected:
        return ()
    if person.street:
        return (person.care_of, person.street, f"{person.postal_code} {person.city}".strip())
    declared = effective.service.parties.get(party.role)
    application = Application.objects.filter(case=case).order_by("submitted_at").first()
    if application is not None and declared is not None and declared.person:
        for step in effective.service.steps:
            if declared.person not in {field.id for field in step.fields}:
                continue
            for field in step.fields:
                given = application.answers.get(field.id)
                if field.type == "address" and isinstance(given, dict):
                    code = str(given.get("postal_code") or "")
                    town = f"{code[:3]} {code[3:]} {given.get('city') or ''}".strip()
                    return (str(given.get("care_of") or ""), str(given.get("street") or ""), town)
    return ("", f"{person.postal_code} {person.city}".strip())


def compose(case: Case, decision: Decision) -> Letter:
    """Return the letter of a decision. Raises LetterError naming a placeholder that has no value."""
    effective = definitions.by_hash(case.definition_hash)
    declared = effective.service.decisions[decision.kind]
    template = effective.text(effective.service.letters[declared.letter].file)
    principal = current_principal()
    first = (
        Party.objects.filter(case=case, person__isnull=False)
        .select_related("person", "mandate")
        .order_by("role")
        .first()
    )
    address = _address(case, first, effective) if first is not None else ()
    head = LetterHead(
        title=decision.title,
        sender=principal.name,
        day=local_date(decision.decided_at or now()),
        sender_lines=(case.unit.name, principal.street, f"{principal.postal_code} {principal.city}".strip()),
        recipient_lines=(first.name_with_representative if first else "", *address),
        case_number=case.number,
    )
    return Letter.compose(template, variables(case, decision, effective), head)


def write(case: Case, decision: Decision, *, by: Actor) -> Document:
    """Make the decision's letter, keep it in the case, and return it. Only once for a decision."""
    if decision.letter is not None:
        return decision.letter
    letter = compose(case, decision)
    document = documents.save(
        content=letter.pdf(), name=f"Beslut {case.number}.pdf", kind="letter", by=by, mime="application/pdf"
    )
    CaseDocument.objects.create(
        case=case,
        document=document,
        category="letter",
        title=decision.title,
        added_at=now(),
        added_by=by.name,
    )
    decision.letter = document
    decision.save(update_fields=["letter"])
    return document
