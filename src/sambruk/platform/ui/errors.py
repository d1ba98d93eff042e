"""Pages for what went wrong: each says what happened, that nothing is lost, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sambruk.common import errors as known
from sambruk.platform.ui.context import Chrome

Words = str | Promise  # a lazy translation is written when the page is


@dataclass(frozen=True, slots=True)
class _Words:
    title: Words
    text: Words
    advice: Words


WORDS: dict[int, _Words] = {
    400: _Words(
        _("Det gick inte att läsa det som skickades"),
        _("Något i adressen eller formuläret var trasigt, så vi kunde inte ta emot det."),
        _("Gå tillbaka, läs om sidan och försök en gång till."),
    ),
    403: _Words(
        _("Du kan inte öppna den här sidan"),
        _("Sidan är bara för den som ärendet gäller eller för den som arbetar med det."),
        _("Logga in som rätt person, eller kontakta kommunen om du tror att det har blivit fel."),
    ),
    404: _Words(
        _("Sidan finns inte"),
        _("Den kan ha flyttats eller tagits bort, eller så är adressen felskriven."),
        _("Kontrollera adressen, eller börja om från startsidan."),
    ),
    409: _Words(
        _("Någon annan hann före"),
        _("Uppgifterna har ändrats sedan du öppnade sidan. Din ändring är inte sparad."),
        _("Läs om sidan, se vad som är nytt och gör din ändring igen."),
    ),
    411: _Words(
        _("Det gick inte att läsa det som skickades"),
        _("Webbläsaren sa inte hur mycket den skickade, så vi kunde inte ta emot det."),
        _("Läs om sidan och försök en gång till."),
    ),
    413: _Words(
        _("Det du skickade är för stort"),
        _("Vi kunde inte ta emot så mycket på en gång. Ingenting är skickat."),
        _("Gå tillbaka och skicka färre eller mindre filer."),
    ),
    422: _Words(
        _("Något behöver rättas"),
        _("Uppgifterna gick inte att ta emot som de är."),
        _("Gå tillbaka och rätta. Det du har skrivit finns kvar."),
    ),
    429: _Words(
        _("Vänta en liten stund"),
        _("Det har kommit väldigt många försök härifrån på kort tid. Det du redan har sparat finns kvar."),
        _("Försök igen om några minuter. Går det inte då, kontakta kommunen."),
    ),
    500: _Words(
        _("Något gick fel hos oss"),
        _("Felet är vårt, och vi har fått veta det. Det du har sparat finns kvar."),
        _("Vänta någon minut och försök igen. Har du bråttom, kontakta kommunen."),
    ),
    503: _Words(
        _("Tjänsten är stängd en stund"),
        _("Vi arbetar med den, eller så är det många som använder den nu. Det du har sparat finns kvar."),
        _("Försök igen om några minuter."),
    ),
}


def error_page(request: HttpRequest, status: int, text: str = "", *, retry_url: str = "") -> HttpResponse:
    """Return the page of an error. Asks the database nothing, so that it can be shown when that is down.

    ``text`` is a sentence of its own instead of the standing one; ``retry_url`` leads back.
    """
    words = WORDS.get(status, WORDS[500])
    data = {
        "chrome": Chrome(request),
        "status": status,
        "title": words.title,
        "text": text or words.text,
        "advice": words.advice,
        "retry_url": retry_url,
    }
    return HttpResponse(render_to_string("ui/error.html", data, request), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read."""
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not for this actor."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or none that this actor may know of."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours."""
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 when a form's token is missing or old: most often the login has ended.

    What a page asks by itself is answered 401 where nobody is logged in: the page says so and stays.
    """
    actor = getattr(request, "actor", None)
    by_itself = (
        "application/json" in request.headers.get("Accept", "") or request.headers.get("HX-Request") == "true"
    )
    if by_itself and (actor is None or actor.id is None):
        return HttpResponse(status=401)
    text = str(_("Sidan hade varit öppen för länge, så vi tog inte emot den. Ingenting är skickat."))
    return error_page(request, 403, text, retry_url=request.path)


_STATUS: tuple[tuple[type[known.SambrukError], int], ...] = (
    (known.NotAllowed, 403),
    (known.NotFound, 404),
    (known.Conflict, 409),
    (known.Invalid, 422),
    (known.Unavailable, 503),
)


def status_of(error: known.SambrukError) -> int:
    """Return the HTTP status of an expected fault; 500 for one that has none of its own."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


class ErrorPagesMiddleware:
    """Shows an expected fault that a view raised as its page, and rolls the request's transaction back.

    A NUL character, which nobody can type and PostgreSQL cannot keep, is answered with 400 before any view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Any,
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        """Refuse a form, a query or an address with NUL in it; after the form's token was checked."""
        sent = (
            value for data in (request.GET, request.POST) for _key, values in data.lists() for value in values
        )
        if "\0" in request.path or any("\0" in value for value in sent):
            raise BadRequest("NUL")
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for Sambruk's own errors only; all else takes Django's way."""
        if not isinstance(exception, known.SambrukError):
            return None
        status = status_of(exception)
        retry = request.path if status in (409, 503) and request.method == "GET" else ""
        response = error_page(request, status, exception.message_sv, retry_url=retry)
        if connection.in_atomic_block:
            transaction.set_rollback(True)
        return response
