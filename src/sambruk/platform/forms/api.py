"""Filing through the API: a report is sent at once, an application is prepared for who sends it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Router
from pydantic import Field, StringConstraints

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.common.errors import NotFound
from sambruk.platform.api.auth import OAuth2, client_of
from sambruk.platform.api.base import ApiModel
from sambruk.platform.api.idempotency import REPLAYED, Reply, respond
from sambruk.platform.api.version import ROOT
from sambruk.platform.audit.actions import record_read
from sambruk.platform.cases import my_pages
from sambruk.platform.cases.models import Case
from sambruk.platform.forms import codes
from sambruk.platform.forms.actions import filing
from sambruk.platform.forms.models import Filing
from sambruk.platform.identity.permissions import Permission

router = Router(tags=["submissions"], by_alias=True)

#: Without it a retry after a lost answer would file twice.
FilingKey = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")],
    Header(
        alias="Idempotency-Key",
        description="Krävs. Ett eget värde för varje anrop, till exempel ett UUID. Samma värde igen ger "
        "samma svar utan att något lämnas in en gång till, så länge kommunen minns inlämningen.",
    ),
]
Answers = Annotated[
    dict[str, Any],
    Field(
        max_length=500,
        description="Svaren efter frågans id, på den form som e-tjänstens answerSchema beskriver. Filer och "
        "det som e-tjänsten räknar fram tas inte emot.",
    ),
]


class SubmissionIn(ApiModel):
    """A report that is sent in for somebody."""

    answers: Answers
    eligibility: Annotated[
        dict[str, Any], Field(max_length=50, description="Svar på frågorna före formuläret, om det finns.")
    ] = {}


class SubmittedCase(ApiModel):
    """The case that it became."""

    id: UUID
    number: Annotated[str, Field(description="Ärendenumret, som 2026-000123.")]
    station: str
    station_label: str
    next: Annotated[str, Field(description="Vad som händer nu, på svenska.")]
    opened_at: datetime
    closed_at: datetime | None


class Submission(ApiModel):
    """What was sent in, and where it stands. ``case`` is null where the municipality has disposed of it."""

    id: UUID
    service_id: str
    submitted_at: datetime
    follow_code: Annotated[
        str,
        Field(description="Koden att lämna till den som anmälde: med den följer man ärendet på /folj/."),
    ]
    case: SubmittedCase | None


class PersonIn(ApiModel):
    """Whom the answers are prepared for."""

    personal_number: Annotated[
        str, Field(max_length=20, description="Personnummer eller samordningsnummer, tolv siffror.")
    ]


class PreparedIn(ApiModel):
    """Answers that are prepared for a person, who reads, changes and sends them."""

    person: PersonIn
    answers: Answers


class Prepared(ApiModel):
    """Kept until the person takes it, or it expires. What becomes of it is not told."""

    id: UUID
    service_id: str
    state: Literal["waiting_for_person"]
    created_at: datetime
    expires_at: datetime


@router.post(
    "/services/{slug:service_id}/submissions",
    response={201: Submission},
    auth=OAuth2(Permission.REPORT_FILE),
    summary="Lämna in en anmälan åt någon",
)
def create_submission(
    request: HttpRequest, service_id: str, body: SubmissionIn, idempotency_key: FilingKey
) -> HttpResponse:
    """File in a service that asks for no login. The case says that it came by the API, and from whom."""
    actor = client_of(request)
    filed = filing.file_report(
        service_id=service_id,
        answers=body.answers,
        eligibility=body.eligibility,
        request=_request(request, idempotency_key),
        by=actor,
    )
    address = f"{ROOT}submissions/{filed.filing.draft_id}"
    return _created(_submission(filed.filing), address, fresh=filed.fresh)


@router.get(
    "/submissions/{uuid:submission_id}",
    response=Submission,
    auth=OAuth2(Permission.REPORT_FILE),
    summary="Var en inlämnad anmälan står",
)
def get_submission(request: HttpRequest, submission_id: UUID) -> Submission:
    """Return where something stands that the client itself sent in. Raises NotFound for all else."""
    actor = client_of(request)
    found = Filing.objects.filter(client_id=actor.id, draft_id=submission_id, expires_at__gt=now()).first()
    if found is None:
        raise NotFound("Systemet har inte lämnat in något med det id:t.")
    return _submission(found, reader=actor)


@router.post(
    "/services/{slug:service_id}/prepared-applications",
    response={201: Prepared},
    auth=OAuth2(Permission.APPLICATION_PREPARE),
    summary="Förbered en ansökan åt någon",
)
def create_prepared_application(
    request: HttpRequest, service_id: str, body: PreparedIn, idempotency_key: FilingKey
) -> HttpResponse:
    """Prepare an application in a service with login. Only the person can send it, logged in."""
    filed = filing.prepare_application(
        service_id=service_id,
        number=body.person.personal_number,
        answers=body.answers,
        request=_request(request, idempotency_key),
        by=client_of(request),
    )
    one = filed.filing
    prepared = Prepared(
        id=one.pk,
        service_id=one.service_id,
        state="waiting_for_person",
        created_at=one.created_at,
        expires_at=one.expires_at,
    )
    return _created(prepared, "", fresh=filed.fresh)


def _request(request: HttpRequest, key: str) -> filing.Request:
    head = f"{request.method} {request.path}\n".encode()
    return filing.Request(key=key, digest=hashlib.sha256(head + request.body).hexdigest())


def _created(body: ApiModel, address: str, *, fresh: bool) -> HttpResponse:
    response = respond(Reply(201, body))
    if address:
        response["Location"] = address
    if not fresh:
        response[REPLAYED] = "true"
    return response


def _submission(found: Filing, reader: Actor | None = None) -> Submission:
    if found.draft_id is None:
        raise LookupError("prepared answers are no submission")
    case = Case.objects.filter(applications__submission_key=found.draft_id).first()
    if case is not None and reader is not None:
        record_read(by=reader, obj=case, case_id=case.pk)
    return Submission(
        id=found.draft_id,
        service_id=found.service_id,
        submitted_at=found.created_at,
        follow_code=codes.code_for(case, found.draft_id) if case is not None else "",
        case=_case(case) if case is not None else None,
    )


def _case(case: Case) -> SubmittedCase:
    return SubmittedCase(
        id=case.pk,
        number=case.number,
        station=case.station,
        station_label=case.get_station_display(),
        next=my_pages.next_sentence(case),
        opened_at=case.opened_at,
        closed_at=case.closed_at,
    )
