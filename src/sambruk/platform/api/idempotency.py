"""One effect for one key: a POST that is sent again gets the first one's answer.

The key is claimed in the transaction of the effect itself. A second request with it waits at the unique index
until the first is committed or rolled back: it then replays the answer, or does the work.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, TypeAlias
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header
from ninja.responses import NinjaJSONEncoder
from pydantic import StringConstraints

from sambruk.common.clock import now
from sambruk.common.errors import Invalid
from sambruk.platform.api.auth import client_of
from sambruk.platform.api.base import ApiModel
from sambruk.platform.api.models import IdempotencyRecord
from sambruk.platform.api.version import VERSION, VERSION_HEADER

#: How long a key is remembered. Our own choice, told in the description.
KEPT = timedelta(hours=24)
REPLAYED = "Idempotency-Replayed"

#: The header as an operation declares it: `idempotency_key: IdempotencyKey = None`.
IdempotencyKey: TypeAlias = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] | None,
    Header(
        alias="Idempotency-Key",
        description="Ett eget värde för varje anrop, till exempel ett UUID. Samma värde igen inom 24 timmar "
        "ger samma svar utan att något görs en gång till.",
    ),
]


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operation answers: a status and a body."""

    status: int
    body: ApiModel


def once(request: HttpRequest, key: str | None, effect: Callable[[], Reply]) -> HttpResponse:
    """Do the effect and answer, or replay the answer that the client got for this key before.

    Only what succeeded is remembered: what failed changed nothing and may be tried again. Raises Invalid
    where the key was used for another request.
    """
    if key is None:
        reply = effect()
        return _response(reply.status, _json(reply))
    client_id = client_of(request).id
    if client_id is None:
        raise LookupError("an API client without an id")
    digest = _digest(request)
    record, fresh = _claim(client_id, key, digest)
    if not fresh:
        return _replay(record, digest)
    reply = effect()
    body = _json(reply)
    record.status, record.body = reply.status, body
    record.save(update_fields=["status", "body"])
    return _response(reply.status, body)


def _digest(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def _claim(client_id: UUID, key: str, digest: str) -> tuple[IdempotencyRecord, bool]:
    """Return the key's record, and whether it was made now. One that is too old to count is made anew."""
    moment = now()
    IdempotencyRecord.objects.filter(client_id=client_id, key=key, created_at__lt=moment - KEPT).delete()
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(
                client_id=client_id, key=key, request_hash=digest, created_at=moment
            ), True
    except IntegrityError:
        return IdempotencyRecord.objects.get(client_id=client_id, key=key), False


def _replay(record: IdempotencyRecord, digest: str) -> HttpResponse:
    if not hmac.compare_digest(record.request_hash, digest):
        raise Invalid(
            {"Idempotency-Key": "Nyckeln har redan använts för ett annat anrop. Ta en ny för varje anrop."},
            code="idempotency_key_reused",
        )
    if record.status is None:
        raise LookupError("a committed idempotency record without an answer")
    response = _response(record.status, record.body)
    response[REPLAYED] = "true"
    return response


def _json(reply: Reply) -> str:
    # As the framework writes all other answers, so that an instant looks the same in both.
    return json.dumps(reply.body.model_dump(by_alias=True), cls=NinjaJSONEncoder, ensure_ascii=False)


def respond(reply: Reply) -> HttpResponse:
    """Return an answer in the form of all others, for an effect that keeps its own key."""
    return _response(reply.status, _json(reply))


def _response(status: int, body: str) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    response[VERSION_HEADER] = VERSION
    response["Cache-Control"] = "no-store"
    return response


def sweep() -> int:
    """Remove the current tenant's records that no longer count. Returns how many."""
    deleted, _ = IdempotencyRecord.objects.filter(created_at__lt=now() - KEPT).delete()
    return deleted
