"""Every error as problem+json (RFC 9457): what happened in Swedish, and a stable `code` for programs."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja.errors import HttpError, ValidationError

from sambruk.common import errors as known
from sambruk.platform.api.version import VERSION, VERSION_HEADER
from sambruk.platform.tenancy.context import has_tenant, restart_transaction

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Anropet går inte att läsa",
    401: "Anropet saknar giltig inloggning",
    403: "Systemet har inte behörighet",
    404: "Finns inte",
    405: "Metoden finns inte här",
    409: "Går inte att göra just nu",
    411: "Anropet säger inte hur långt det är",
    413: "Anropet är för stort",
    415: "Anropet har fel form",
    422: "Något i uppgifterna behöver rättas",
    429: "För många anrop",
    500: "Något gick fel hos oss",
    503: "Tjänsten har ett tillfälligt fel",
}
_STATUS: tuple[tuple[type[known.SambrukError], int], ...] = (
    (known.NotAllowed, 403),
    (known.NotFound, 404),
    (known.Conflict, 409),
    (known.Invalid, 422),
    (known.Unavailable, 503),
)
#: What pydantic says, by its type, as a sentence that says what to do.
_SENTENCES = {
    "missing": "Fältet saknas. Lägg till det.",
    "extra_forbidden": "Fältet finns inte i det här anropet. Ta bort det.",
    "string_type": "Ange en text.",
    "string_too_long": "Texten är för lång.",
    "string_too_short": "Texten är för kort.",
    "string_pattern_mismatch": "Texten har fel form.",
    "int_parsing": "Ange ett heltal.",
    "int_type": "Ange ett heltal.",
    "greater_than_equal": "Talet är för litet.",
    "less_than_equal": "Talet är för stort.",
    "uuid_parsing": "Ange ett id på formen 01234567-89ab-7cde-8f01-23456789abcd.",
    "datetime_from_date_parsing": "Ange en tidpunkt med tidszon, som 2026-11-24T08:00:00Z.",
    "timezone_aware": "Ange en tidpunkt med tidszon, som 2026-11-24T08:00:00Z.",
    "list_type": "Ange en lista.",
    "too_short": "Ange minst ett värde.",
    "too_long": "Ange färre värden.",
    "literal_error": "Välj ett av de värden som beskrivningen av API:et räknar upp.",
    "enum": "Välj ett av de värden som beskrivningen av API:et räknar upp.",
}


class Unauthenticated(known.SambrukError):
    """No token, or none that holds here. HTTP 401. ``given`` says whether there was one."""

    code = "unauthenticated"

    def __init__(self, *, given: bool) -> None:
        super().__init__(
            "Anropet saknar en giltig token för kommunen. Hämta en ny på /api/v1/token och försök igen."
        )
        self.given = given


class ScopeMissing(known.NotAllowed):
    """The token does not carry the scope that the operation asks for. HTTP 403."""

    code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"Systemet saknar rättigheten {scope}. Kommunens administratör kan ge den.")
        self.scope = scope


def problem(
    status: int,
    detail: str,
    code: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an error's response. ``errors`` are field and sentence, one object a field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, TITLES[500 if status >= 500 else 400]),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = [dict(one) for one in errors]
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    response[VERSION_HEADER] = VERSION
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _undo() -> None:
    """Undo what the operation did before it failed, so that an answer of 4xx has changed nothing."""
    if has_tenant():
        restart_transaction()


def expected(request: HttpRequest, error: known.SambrukError) -> HttpResponse:
    """Answer for a fault of Sambruk's own."""
    _undo()
    if isinstance(error, Unauthenticated):
        challenge = 'Bearer realm="api"' + (', error="invalid_token"' if error.given else "")
        return problem(401, error.message_sv, error.code, headers={"WWW-Authenticate": challenge})
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    headers = {}
    if isinstance(error, ScopeMissing):
        headers["WWW-Authenticate"] = f'Bearer realm="api", error="insufficient_scope", scope="{error.scope}"'
    if status == 503:
        headers["Retry-After"] = "10"
    fields = error.field_errors if isinstance(error, known.Invalid) else {}
    errors = [{"field": field, "detail": text} for field, text in fields.items()]
    return problem(status, error.message_sv, error.code, errors=errors, headers=headers)


def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer for parameters or a body that do not follow the schema. Never quotes what was sent."""
    _undo()
    errors = []
    for one in error.errors:
        place, *names = [str(part) for part in one["loc"]]
        # The body's parameter is named by us: the client knows only what is inside it.
        inside = names[1:] if place == "body" else names
        field = ".".join(inside) or place
        errors.append({"field": field, "detail": _SENTENCES.get(str(one["type"]), "Värdet har fel form.")})
    return problem(
        422, "Anropet följer inte beskrivningen av API:et. Rätta fälten.", "malformed", errors=errors
    )


def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer for what the framework refuses: a body that is no JSON."""
    _undo()
    status = error.status_code
    return problem(status, "Det som skickades går inte att läsa. Skicka JSON i UTF-8.", "unreadable")


def not_found(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """404: no such address."""
    return problem(404, "Adressen finns inte. Se /api/v1/openapi.json.", "no_such_address")


def refused(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """400, or 413 for a body that is too large."""
    if isinstance(error, RequestDataTooBig):
        return problem(413, "Det som skickades är för stort. Dela upp det.", "too_large")
    return problem(400, "Anropet går inte att läsa.", "unreadable")


def database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """Leave it to the tenant's middleware, which owns the transaction and answers 503."""
    raise error


def unexpected(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """500, without a word about the inside. The log gets the places in the code, never the values."""
    if error is not None:
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("api.fault", error=type(error).__name__, traceback=places)
    return problem(500, "Felet är vårt, och ingenting är ändrat. Försök igen om en stund.", "fault")


#: By class of exception; the framework takes the nearest class.
HANDLERS: tuple[tuple[type[Exception], Any], ...] = (
    (known.SambrukError, expected),
    (ValidationError, malformed),
    (HttpError, http_error),
    (Http404, not_found),
    (SuspiciousOperation, refused),
    (OperationalError, database_away),
    (InterfaceError, database_away),
    (Exception, unexpected),
)
