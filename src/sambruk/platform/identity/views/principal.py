"""The administrator's page of the principal's own data: what residents see of who it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sambruk.common.errors import Invalid
from sambruk.common.text import single_line
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy import actions
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.ui import form_views, notices
from sambruk.platform.ui.colour import ColourError
from sambruk.platform.ui.components import Term
from sambruk.platform.ui.theme import shortfalls, theme_for

FIELDS = (
    "short_name",
    "colour",
    "contact_name",
    "email",
    "phone",
    "website",
    "street",
    "postal_code",
    "city",
)


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_PRINCIPAL)
def principal_data(request: HttpRequest) -> HttpResponse:
    """Short name, colour and contact lines; name, code and addresses are the operator's and only shown."""
    faults: dict[str, str] = {}
    if request.method == "POST":
        changes = {name: single_line(request.POST.get(name, ""), 400) for name in FIELDS}
        try:
            _check(changes)
            actions.change_principal(by=actor_for(request), changes=changes)
        except Invalid as error:
            faults = form_views.faults_of(error, "short_name")
        else:
            notices.add(request, _("Uppgifterna är sparade."))
            return HttpResponseRedirect(reverse("principal_data"))
    # Not the one that this process remembers: another may have written just now.
    principal = Principal.objects.get(pk=current_tenant_id())
    context = {
        "fields": form_views.fields(_specs(principal), request.POST, faults),
        "terms": [
            Term(label=_("Namn"), value=principal.name),
            Term(label=_("Kod"), value=principal.code),
            Term(label=_("Organisationsnummer"), value=principal.org_number or _("Saknas")),
            Term(
                label=_("Webbadresser"),
                value=", ".join(principal.hostnames.order_by("host").values_list("host", flat=True)),
            ),
        ],
        "back_url": reverse("administration"),
    }
    return render(request, "identity/principal_data.html", context, status=422 if faults else 200)


def _check(changes: dict[str, str]) -> None:
    """Raise Invalid for what the model does not know: an empty short name, a colour without a theme."""
    faults: dict[str, str] = {}
    if not changes["short_name"]:
        faults["short_name"] = _("Skriv det korta namnet, till exempel Järfälla.")
    try:
        if shortfalls(theme_for(changes["colour"])):
            faults["colour"] = _("Färgen ger inte tillräcklig kontrast. Välj en annan.")
    except ColourError:
        faults["colour"] = _("Skriv färgen som # och sex tecken, till exempel #00629b.")
    if faults:
        raise Invalid(faults)


def _specs(principal: Any) -> list[dict[str, Any]]:
    labels: dict[str, tuple[str, str, str]] = {
        "short_name": (_("Kort namn"), "text", _("Står där det är trångt.")),
        "colour": (
            _("Färg"),
            "text",
            _("En färg, till exempel #00629b. Resten av temat räknas fram ur den."),
        ),
        "contact_name": (_("Vem kan man fråga?"), "text", _("Till exempel Kontaktcenter.")),
        "email": (_("E-post"), "email", ""),
        "phone": (_("Telefon"), "phone", ""),
        "website": (_("Webbplats"), "text", _("Börjar med https://")),
        "street": (_("Gatuadress eller box"), "text", ""),
        "postal_code": (_("Postnummer"), "postcode", ""),
        "city": (_("Ort"), "text", ""),
    }
    return [
        {
            "name": name,
            "label": labels[name][0],
            "kind": labels[name][1],
            "help": labels[name][2],
            "value": getattr(principal, name),
            "required": name in ("short_name", "colour"),
            # The municipality's own address, not the visitor's: the browser must not offer one's own.
            "autocomplete": "off",
        }
        for name in FIELDS
    ]
