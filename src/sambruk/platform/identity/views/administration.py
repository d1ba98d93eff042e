"""The administration's start page, what each role gives, and the choices that hold from a day."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sambruk.common.clock import today
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.platform.identity import queries
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.roles import ROLES
from sambruk.platform.tenancy import dated
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.ui import administration, form_views, notices


@require_GET
@staff_required()
def start(request: HttpRequest) -> HttpResponse:
    """All that the administrator may set up, by group. Raises NotAllowed for who may open nothing here."""
    groups = administration.links(actor_for(request))
    if not groups:
        raise NotAllowed(_("Här finns inget för dig. Fråga din administratör om du behöver behörighet."))
    return render(request, "identity/administration.html", {"groups": groups})


@require_GET
@staff_required(Permission.ADMIN_STAFF)
def roles(request: HttpRequest) -> HttpResponse:
    """What each role gives, and how many hold it today."""
    held = queries.holders_by_role(actor_for(request))
    found = [
        {"name": role.display_name, "text": role.description, "count": held.get(name, 0)}
        for name, role in ROLES.items()
    ]
    return render(request, "identity/roles.html", {"roles": found, "back_url": reverse("administration")})


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_PRINCIPAL)
def settings(request: HttpRequest) -> HttpResponse:
    """The choices that hold from a day: what holds now, what held, and a new one."""
    faults: dict[str, str] = {}
    chosen = request.POST.get("name", "")
    if request.method == "POST":
        try:
            _choose(request, chosen)
        except Invalid as error:
            faults = form_views.faults_of(error, "value")
        else:
            notices.add(request, _("Inställningen är sparad."))
            return HttpResponseRedirect(reverse("dated_settings"))
    # Not the one that this process remembers: another may have written just now.
    principal = Principal.objects.get(pk=current_tenant_id())
    found = [
        _shown(setting, principal, request, faults if setting.name == chosen else {})
        for setting in dated.declared()
    ]
    wrong = [field for one in found for field in one["fields"] if field.errors]
    context = {"settings": found, "wrong": wrong, "back_url": reverse("administration")}
    return render(request, "identity/dated_settings.html", context, status=422 if faults else 200)


def _choose(request: HttpRequest, name: str) -> None:
    data = request.POST
    faults: dict[str, str] = {}
    text = data.get("value", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        faults["value"] = _("Skriv ett helt tal.")
    try:
        valid_from = form_views.required_day(data, "valid_from")
    except Invalid as error:
        faults |= error.field_errors
    if faults:
        raise Invalid(faults)
    dated.set_from(
        by=actor_for(request),
        name=name,
        valid_from=valid_from,
        value=int(text),
        source=data.get("source", ""),
    )


def _shown(
    setting: dated.DatedSetting, principal: Any, request: HttpRequest, faults: dict[str, str]
) -> dict[str, Any]:
    mine = request.POST if request.POST.get("name") == setting.name else type(request.POST)()
    history = dated.history(principal, setting.name)
    specs: list[dict[str, Any]] = [
        {"name": "value", "label": setting.label, "kind": "number", "suffix": setting.unit},
        {"name": "valid_from", "label": _("Från och med"), "kind": "date", "value": today().isoformat()},
        {
            "name": "source",
            "label": _("Beslut"),
            "help": _("Till exempel: Kommunstyrelsen 2026-03-01, § 12."),
            "maxlength": 300,
        },
    ]
    for spec in specs:
        spec["id"] = f"{setting.name}-{spec['name']}"
    return {
        "setting": setting,
        "now": dated.value_on(principal, setting.name, today()),
        "history": history,
        "fields": form_views.fields(specs, mine, faults),
    }
