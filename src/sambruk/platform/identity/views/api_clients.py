"""The administrator's pages of connected systems: what each may do, its secret once, and closing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.errors import Invalid
from sambruk.platform.identity import actions, queries
from sambruk.platform.identity.actions.api_clients import scopes_for_clients
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.models import ApiClient
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import form_views, notices
from sambruk.platform.ui.components import Column, Row, Table
from sambruk.platform.ui.fields import Choice

#: What a scope lets a system do, as an administrator reads it. One without a text is shown by its name.
SCOPES = {
    Permission.CASE_READ: gettext_lazy("Läsa enheternas ärenden, aldrig skyddade"),
    Permission.CASE_WORK: gettext_lazy("Arbeta med enheternas ärenden"),
    Permission.REPORT_FILE: gettext_lazy("Lämna in anmälningar åt någon"),
    Permission.APPLICATION_PREPARE: gettext_lazy("Förbereda ansökningar åt någon, som själv skickar dem"),
    Permission.REPORT_HANDLE: gettext_lazy("Åtgärda och besvara felanmälningar"),
}


def _scope_text(scope: str) -> str:
    return str(SCOPES[Permission(scope)]) if scope in {str(known) for known in SCOPES} else scope


@require_GET
@staff_required(Permission.ADMIN_PRINCIPAL)
def client_list(request: HttpRequest) -> HttpResponse:
    """All connected systems by name."""
    clients = list(ApiClient.objects.order_by("name", "id"))
    table = Table(
        caption=_("Anslutna system efter namn"),
        columns=[
            Column(key="name", label=_("System"), kind="link"),
            Column(key="client_id", label=_("client_id")),
            Column(key="used", label=_("Använt senast"), kind="time"),
            Column(key="state", label=_("Läge"), kind="tag"),
        ],
        rows=[
            Row(
                url=reverse("api_client_detail", args=[one.pk]),
                id=str(one.pk),
                cells={
                    "name": one.name,
                    "client_id": one.client_id,
                    "used": one.last_used_at,
                    "state": "" if one.active else _("Stängt"),
                },
            )
            for one in clients
        ],
        list_keys=True,
    )
    context = {"table": table if clients else None, "back_url": reverse("administration")}
    return render(request, "identity/api_client_list.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@staff_required(Permission.ADMIN_PRINCIPAL)
def client_add(request: HttpRequest) -> HttpResponse:
    """Connect a system: what it may do, in which units. Its secret stands on the page that answers, once."""
    units = queries.units()
    faults: dict[str, str] = {}
    if request.method == "POST":
        chosen = set(request.POST.getlist("units"))
        try:
            client, secret = actions.create_api_client(
                by=actor_for(request),
                name=request.POST.get("name", ""),
                scopes=request.POST.getlist("scopes"),
                units=[unit for unit in units if str(unit.pk) in chosen],
            )
        except Invalid as error:
            faults = form_views.faults_of(error, "name")
        else:
            return _secret(request, client, secret)
    specs: list[dict[str, Any]] = [
        {
            "name": "name",
            "label": _("Vilket system är det?"),
            "help": _("Skriv systemet och vems det är, till exempel Gatubolagets arbetsorder."),
            "maxlength": 200,
        },
        {
            "name": "scopes",
            "label": _("Vad får systemet göra?"),
            "kind": "checkboxes",
            "choices": tuple(Choice(scope, _scope_text(scope)) for scope in scopes_for_clients()),
        },
        {
            "name": "units",
            "label": _("I vilka enheter?"),
            "help": _("Systemet når bara ärenden i de enheter som du väljer."),
            "kind": "checkboxes",
            "required": False,
            "choices": tuple(Choice(str(unit.pk), f"{unit.name} ({unit.authority.name})") for unit in units),
        },
    ]
    context = {
        "fields": form_views.fields(specs, request.POST, faults),
        "back_url": reverse("api_client_list"),
    }
    return render(request, "identity/api_client_add.html", context, status=422 if faults else 200)


def _secret(request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
    """Show the secret in the answer itself: it is stored nowhere, so no other page could."""
    context = {"client": client, "secret": secret, "next_url": reverse("api_client_detail", args=[client.pk])}
    return render(request, "identity/api_client_secret.html", context)


@require_GET
@staff_required(Permission.ADMIN_PRINCIPAL)
def client_detail(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """One system: what it may do, where, and when it was last here."""
    client = ApiClient.objects.filter(pk=client_id).first()
    if client is None:
        raise Http404
    context = {
        "client": client,
        "scopes": [(scope, _scope_text(scope)) for scope in client.scopes],
        "units": [row.unit for row in client.client_units.select_related("unit").order_by("unit__name")],
        "back_url": reverse("api_client_list"),
    }
    return render(request, "identity/api_client_detail.html", context)


@require_POST
@never_cache
@staff_required(Permission.ADMIN_PRINCIPAL)
def client_rotate(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Give the system a new secret; the old one ends at once."""
    client, secret = actions.rotate_api_client(by=actor_for(request), client_id=client_id)
    return _secret(request, client, secret)


@require_POST
@staff_required(Permission.ADMIN_PRINCIPAL)
def client_active(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Close a system's way in, or open it again."""
    active = request.POST.get("active") == "yes"
    actions.set_api_client_active(by=actor_for(request), client_id=client_id, active=active)
    notices.add(request, _("Systemet släpps in igen.") if active else _("Systemet släpps inte längre in."))
    return HttpResponseRedirect(reverse("api_client_detail", args=[client_id]))
