"""The month that an application concerns: when it may be sent, and one application for each."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse

from sambruk.common.calendar import format_date
from sambruk.common.clock import today
from sambruk.common.month import Month
from sambruk.platform.cases.models import Case, Party, PeriodClaim
from sambruk.platform.definitions.language import Step
from sambruk.platform.forms import signers
from sambruk.platform.forms.working import Working


def errors(work: Working, step: Step | None = None) -> dict[str, str]:
    """Return what is wrong with the month, by its field; only when the field stands on ``step`` if given."""
    period, month = work.service.period, work.draft.period
    if period is None or month is None:
        return {}
    if step is not None and period.field not in {field.id for field in step.fields}:
        return {}
    if sentence := window_fault(work, month):
        return {period.field: sentence}
    if taken(work, month):
        return {period.field: _taken_sentence(month)}
    return {}


def window_fault(work: Working, month: date) -> str:
    """Return why the month cannot be applied for today, as a sentence; empty when it can."""
    period = work.service.period
    if period is None:
        return ""
    whole = Month.of(month)
    opens = whole.first - timedelta(days=work.effective.count(period.opens_days_before))
    closes = whole.last + timedelta(days=work.effective.count(period.closes_days_after_end))
    if today() < opens:
        return f"Ansökan för {whole.label} öppnar {format_date(opens)}. Välj en annan månad."
    if today() > closes:
        return (
            f"Tiden för att ansöka om {whole.label} gick ut {format_date(closes)}. Kontakta din handläggare."
        )
    return ""


def _taken_sentence(month: date) -> str:
    return (
        f"Det finns redan en ansökan för {Month.of(month).label}. "
        "Vill du lägga till något, öppna ärendet på Mina sidor: under Meddelanden står hur du gör."
    )


def taken(work: Working, month: date) -> PeriodClaim | None:
    """Return the claim that stands in the way: the applicant's, or another party's of the household."""
    people: set[UUID] = {work.draft.person_id} if work.draft.person_id else set()
    for part in signers.parts(work.service, work.answers, work.evaluation):
        if not part.is_owner and (person := signers.find_by_number(part.number)):
            people.add(person.pk)
    return PeriodClaim.objects.filter(
        service_id=work.draft.service_id, period=month, person_id__in=people
    ).first()


def existing_case_url(work: Working) -> str:
    """Return the address of the case for the draft's month, if its owner may see it; empty otherwise."""
    month = work.draft.period
    claim = taken(work, month) if month is not None else None
    if claim is None or work.draft.person_id is None:
        return ""
    own = Party.objects.filter(case_id=claim.case_id, person_id=work.draft.person_id).exists()
    return reverse("cases:my_case", args=[claim.case_id]) if own else ""


def claimed_case(service_id: str, month: date, people: set[UUID]) -> Case | None:
    """Return the case that holds the month for one of these people."""
    claim = PeriodClaim.objects.filter(service_id=service_id, period=month, person_id__in=people).first()
    return claim.case if claim else None
