"""Following a report by its code, without login. The code is sent by POST: it never stands in an address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sambruk.platform.cases import my_pages
from sambruk.platform.cases.models import Case, LogEntry
from sambruk.platform.forms import codes
from sambruk.platform.messaging.models import Message, Side
from sambruk.platform.ui.components import LogLine
from sambruk.platform.ui.fields import FieldView


@never_cache
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and show where the report stands and what we have answered."""
    typed = request.POST.get("kod", "") if request.method == "POST" else ""
    case = codes.find_case(typed) if typed else None
    error = ""
    if request.method == "POST" and case is None:
        error = "Vi hittar ingen anmälan med den koden. Skriv den igen, som K7QF-3MXP-92."
    field = FieldView(
        name="kod",
        label="Din kod",
        help="Den stod på kvittot när du skickade in.",
        value=typed[:60],
        errors=(error,) if error else (),
        placeholder="",
        autocomplete="off",
    )
    context: dict[str, Any] = {"field": field, "fields": [field], "case": case}
    if case is not None:
        context |= _story(case)
    return render(request, "forms/follow.html", context, status=422 if error else 200)


def _story(case: Case) -> dict[str, Any]:
    """Where it stands, and what the one who reported may read. No name of staff, no inner note."""
    entries = [
        LogLine(at=one.at, text=one.text)
        for one in LogEntry.objects.filter(case=case, visible_to_resident=True).order_by("-at")[:50]
    ]
    messages = [
        LogLine(at=one.at, text=one.text, by="Kommunen")
        for one in Message.objects.filter(case=case, side=Side.STAFF).order_by("-at")[:50]
    ]
    return {
        "stations": my_pages.stations(case),
        "next": my_pages.next_sentence(case),
        "entries": entries,
        "messages": messages,
    }
