"""The administrator's pages: ways to log in, tried, switched on and off. Secrets are never shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.errors import Conflict, Invalid
from sambruk.platform.identity import actions
from sambruk.platform.identity.checks import Found, check_provider
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.models import IdentityProvider, Protocol, Purpose
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.views.provider_form import data_of, fields_of, typed_values
from sambruk.platform.ui import notices
from sambruk.platform.ui.components import Column, Row, Table

_KINDS = {"ok": "success", "warn": "warning", "fault": "danger"}


def _address(provider: IdentityProvider) -> str:
    return reverse("provider_detail", args=[provider.pk])


def _provider(provider_id: UUID) -> IdentityProvider:
    found = IdentityProvider.objects.filter(pk=provider_id).first()
    if found is None:
        raise Http404
    return found


@require_GET
@staff_required(Permission.ADMIN_PRINCIPAL)
def provider_list(request: HttpRequest) -> HttpResponse:
    """All ways to log in, residents' first."""
    found = list(IdentityProvider.objects.order_by("purpose", "position", "name"))
    table = Table(
        caption=_("Inloggningar"),
        columns=[
            Column(key="name", label=_("Namn"), kind="link"),
            Column(key="purpose", label=_("För")),
            Column(key="protocol", label=_("Protokoll")),
            Column(key="state", label=_("Läge"), kind="tag"),
        ],
        rows=[
            Row(
                cells={
                    "name": provider.name,
                    "purpose": provider.get_purpose_display(),
                    "protocol": provider.get_protocol_display(),
                    "state": _("På") if provider.active else _("Avstängd"),
                },
                url=_address(provider),
                id=str(provider.pk),
            )
            for provider in found
        ],
        list_keys=True,
    )
    missing = [
        str(purpose.label).lower() for purpose in Purpose if not any(_lets_in(one, purpose) for one in found)
    ]
    context = {"table": table if found else None, "missing": missing}
    return render(request, "identity/provider_list.html", context)


def _lets_in(provider: IdentityProvider, purpose: Purpose) -> bool:
    return provider.active and provider.purpose == purpose


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_PRINCIPAL)
def provider_add(request: HttpRequest, protocol: str) -> HttpResponse:
    """Register a provider, switched off: it is tried first."""
    if protocol not in Protocol.values:
        raise Http404
    kind, data = Protocol(protocol), request.POST
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            provider = _add(request, kind)
        except (Invalid, Conflict) as error:
            faults = _faults(error)
        else:
            notices.add(request, _("Inloggningen är upplagd men avstängd. Pröva den, och slå sedan på den."))
            return HttpResponseRedirect(_address(provider))
    shown: Any = data or {"redirect_base": request.build_absolute_uri("/").rstrip("/"), "purpose": "resident"}
    main, rare = fields_of(shown, faults, protocol=kind, new=True)
    context = {
        "main": main,
        "rare": rare,
        "fields": [*main, *rare],
        "rare_open": any(view.errors for view in rare),
        "protocol": kind.label,
        "is_saml": kind == Protocol.SAML,
        "back_url": reverse("provider_list"),
    }
    return render(request, "identity/provider_add.html", context, status=422 if faults else 200)


def _add(request: HttpRequest, protocol: Protocol) -> IdentityProvider:
    data = request.POST
    purpose = data.get("purpose", "")
    if purpose not in Purpose.values:
        raise Invalid({"purpose": _("Välj vem som ska logga in.")})
    return actions.add_provider(
        by=actor_for(request),
        slug=data.get("slug", "").strip(),
        purpose=Purpose(purpose),
        protocol=protocol,
        client_secret=data.get("client_secret", "") if protocol == Protocol.OIDC else "",
        active=False,
        values=typed_values(data, protocol),
    )


def _faults(error: Invalid | Conflict) -> dict[str, str]:
    faults = dict(error.field_errors) if isinstance(error, Invalid) else {}
    return faults or {"slug": error.message_sv}


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_PRINCIPAL)
def provider_detail(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """One way to log in: what the provider needs of us, and changing it."""
    provider = _provider(provider_id)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            actions.change_provider(
                by=actor_for(request),
                provider_id=provider.pk,
                client_secret=request.POST.get("client_secret", ""),
                values=typed_values(request.POST, Protocol(provider.protocol)),
            )
        except (Invalid, Conflict) as error:
            faults = _faults(error)
        else:
            notices.add(request, _("Ändringen är sparad. Pröva inloggningen."))
            return HttpResponseRedirect(_address(provider))
    return _detail(request, provider, faults=faults)


def _detail(
    request: HttpRequest,
    provider: IdentityProvider,
    *,
    faults: dict[str, str] | None = None,
    found: list[Found] | None = None,
) -> HttpResponse:
    data: Any = request.POST if faults else data_of(provider)
    main, rare = fields_of(
        data,
        faults or {},
        protocol=Protocol(provider.protocol),
        new=False,
        has_secret=bool(provider.client_secret),
    )
    path = reverse("saml_metadata", args=[provider.slug])
    context = {
        "provider": provider,
        "is_saml": provider.protocol == Protocol.SAML,
        "metadata_url": f"{provider.redirect_base.rstrip('/')}{path}",
        "main": main,
        "rare": rare,
        "fields": [*main, *rare],
        "rare_open": any(view.errors for view in rare),
        "found": None if found is None else [(_KINDS[one.level], one) for one in found],
        "works": found is not None and not any(one.level == "fault" for one in found),
    }
    return render(request, "identity/provider_detail.html", context, status=422 if faults else 200)


@require_POST
@staff_required(Permission.ADMIN_PRINCIPAL)
def provider_check(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Try a way to log in, and say how it went. A POST: it makes us ask another server."""
    provider = _provider(provider_id)
    return _detail(request, provider, found=check_provider(provider))


@require_POST
@staff_required(Permission.ADMIN_PRINCIPAL)
def provider_active(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Switch on or off."""
    provider = _provider(provider_id)
    active = request.POST.get("active") == "yes"
    try:
        actions.set_provider_active(by=actor_for(request), provider_id=provider.pk, active=active)
    except Conflict as error:
        notices.add(request, error.message_sv, "warning")
    else:
        notices.add(request, _("Inloggningen är på.") if active else _("Inloggningen är avstängd."))
    return HttpResponseRedirect(_address(provider))
