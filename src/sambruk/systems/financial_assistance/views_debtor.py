"""The administrator's page of who pays financial assistance, and from which account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sambruk.common.errors import Invalid
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.platform.tenancy.models import Principal
from sambruk.platform.ui import form_views, notices
from sambruk.systems.financial_assistance.actions.debtor import set_debtor


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_PRINCIPAL)
def debtor(request: HttpRequest) -> HttpResponse:
    """Show and change the payer."""
    faults: dict[str, str] = {}
    data = request.POST
    if request.method == "POST":
        try:
            set_debtor(
                by=actor_for(request),
                name=data.get("name", ""),
                org_number=data.get("org_number", ""),
                iban=data.get("iban", ""),
                bic=data.get("bic", ""),
            )
        except Invalid as error:
            faults = form_views.faults_of(error, "iban")
        else:
            notices.add(request, _("Uppgifterna är sparade. Nästa betalfil använder dem."))
            return HttpResponseRedirect(reverse("financial_assistance:debtor"))
    context = {
        "fields": form_views.fields(_specs(Principal.objects.get(pk=current_tenant_id())), data, faults),
        "back_url": reverse("administration"),
    }
    return render(request, "financial_assistance/debtor.html", context, status=422 if faults else 200)


def _specs(principal: Principal) -> list[dict[str, Any]]:
    given: dict[str, Any] = dict(principal.settings.get("payments") or {})
    return [
        {
            "name": "iban",
            "label": _("Kommunens konto (IBAN)"),
            "value": given.get("iban", ""),
            "autocomplete": "off",
        },
        {"name": "bic", "label": _("Bankens BIC"), "value": given.get("bic", ""), "autocomplete": "off"},
        {
            "name": "name",
            "label": _("Betalarens namn hos banken"),
            "help": _("Lämna tomt om det är %(name)s.") % {"name": principal.name},
            "value": given.get("name", ""),
            "required": False,
            "maxlength": 70,
        },
        {
            "name": "org_number",
            "label": _("Organisationsnummer hos banken"),
            "help": _("Lämna tomt om det är kommunens eget: %(number)s.")
            % {"number": principal.org_number or _("saknas")},
            "value": given.get("org_number", ""),
            "required": False,
        },
    ]
