"""The conversation as a tab of the staff's case page."""

from __future__ import annotations

from django.http import HttpRequest

from sambruk.platform.cases.models import Case
from sambruk.platform.cases.panels import panel
from sambruk.platform.messaging import views


@panel(id="messages", label="Meddelanden", order=60)
def render(request: HttpRequest, case: Case) -> str:
    """Return the tab's body."""
    return views.render_conversation(request, case)
