"""The conversation as a tab of the staff's case page, and the way to it from the resident's."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from sambruk.platform.cases.models import Case
from sambruk.platform.cases.panels import panel, resident_panel
from sambruk.platform.messaging import queries, views
from sambruk.platform.tenancy.context import current_principal


@panel(id="messages", label="Meddelanden", order=60)
def render(request: HttpRequest, case: Case) -> str:
    """Return the tab's body."""
    return views.render_conversation(request, case)


@resident_panel(id="messages", label="Meddelanden", order=60)
def link(request: HttpRequest, case: Case) -> str:
    """Lead the resident to the conversation; of a closed case, say what to do instead of writing."""
    actor = request.actor  # type: ignore[attr-defined]
    unread = queries.unread_for_person(actor.id, [case.pk]).get(case.pk, 0)
    context = {"case": case, "unread": unread, "principal": current_principal()}
    return render_to_string("messaging/resident_panel.html", context, request)
