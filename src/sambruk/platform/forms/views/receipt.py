"""The receipt, drawn from the case after it is committed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sambruk.common.clock import now
from sambruk.common.errors import NotFound
from sambruk.platform.cases import access as cases
from sambruk.platform.cases import my_pages
from sambruk.platform.cases.models import Application, Case, Party, SignatureRecord
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.forms import codes
from sambruk.platform.forms.access import owned
from sambruk.platform.forms.models import Draft
from sambruk.platform.forms.visitor import visitor
from sambruk.platform.tenancy.compiled import Compiled
from sambruk.platform.ui.components import Signer

#: How long after sending the code is shown, to the browser that sent it.
CODE_SHOWN = timedelta(hours=1)


_APPLICATION = Compiled(
    lambda case_id: Application.objects.filter(case_id=case_id).order_by("submitted_at")[:1], UUID
)
_RECORDS = Compiled(
    lambda case_id: (
        SignatureRecord.objects.filter(case_id=case_id).select_related("person").order_by("signed_at")
    ),
    UUID,
)


#: Those for whom somebody acted by a mandate.
_REPRESENTED = Compiled(
    lambda case_id: (
        Party.objects.filter(case_id=case_id, mandate__isnull=False).select_related("mandate").order_by("id")
    ),
    UUID,
)


def _signers(case: Case, records: list[SignatureRecord]) -> list[Signer]:
    """Return who has signed; where somebody did so by a mandate, both are named."""
    through = {one.role: one for one in _REPRESENTED.all(case.pk)} if records else {}
    found = []
    for one in records:
        party = through.get(one.party_role)
        for_another = party is not None and party.person_id != one.person_id
        name = party.name_with_representative if party and for_another else one.person.full_name
        found.append(Signer(name=name, signed_at=one.signed_at))
    return found


@require_GET
def receipt(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What we have received. For the case's parties, and for the browser or staff that sent it."""
    who = visitor(request)
    # Somebody logged in sees the case itself; the draft leads those to it who are not.
    draft = None
    if who.browser or not who.actor.is_resident:
        draft = Draft.objects.filter(owned(who.actor, who.browser), case_id=case_id).first()
    case = Case.objects.filter(pk=case_id).first() if draft is not None else None
    if case is None:
        if not who.actor.is_resident:
            raise NotFound(
                "Vi hittar inte kvittot. Logga in och titta på Mina sidor, eller följ med din kod."
            )
        case = cases.require_case(case_id, who.actor)
    application = _APPLICATION.first(case.pk)
    if application is None:
        raise NotFound("Det finns inget kvitto för ärendet.")
    service = definitions.by_hash(case.definition_hash).service
    code = ""
    if draft is not None and draft.person_id is None and now() - application.submitted_at < CODE_SHOWN:
        code = codes.code_for(case, draft.pk)
    records = _RECORDS.all(case.pk)
    context = {
        "case": case,
        "application": application,
        "service_title": say(service.title),
        "text": say(service.receipt),
        "code": code,
        "next": my_pages.next_sentence(case),
        "stations": my_pages.stations(case),
        "signers": _signers(case, records),
        "may_open": who.actor.is_resident,
        "may_download": who.actor.is_resident and application.receipt_id is not None,
        "is_staff": who.actor.is_staff,
    }
    return render(request, "forms/receipt.html", context)
