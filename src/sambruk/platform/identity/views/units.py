"""The administrator's pages of units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.errors import Conflict, Invalid
from sambruk.platform.identity import actions, queries
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.models import Membership, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.roles import ROLES
from sambruk.platform.tenancy.models import Authority
from sambruk.platform.ui import form_views, notices
from sambruk.platform.ui.components import Column, Row, Table
from sambruk.platform.ui.fields import Choice, FieldView

#: A unit that stands under no other: a choice to be seen, not an empty one.
_NONE = "none"


@require_GET
@staff_required(Permission.ADMIN_STAFF)
def unit_list(request: HttpRequest) -> HttpResponse:
    """All units by authority and name, closed ones too."""
    units = queries.units(only_active=False)
    names = {unit.pk: unit.name for unit in units}
    table = Table(
        caption=_("Enheter efter nämnd och namn"),
        columns=[
            Column(key="name", label=_("Enhet"), kind="link"),
            Column(key="authority", label=_("Nämnd")),
            Column(key="parent", label=_("Under")),
            Column(key="slug", label=_("Kort namn")),
            Column(key="state", label=_("Läge"), kind="tag"),
        ],
        rows=[
            Row(
                url=reverse("unit_detail", args=[unit.pk]),
                id=str(unit.pk),
                cells={
                    "name": unit.name,
                    "authority": unit.authority.name,
                    "parent": names.get(unit.parent_id, "") if unit.parent_id else "",
                    "slug": unit.slug,
                    "state": "" if unit.active else _("Stängd"),
                },
            )
            for unit in units
        ],
        list_keys=True,
    )
    context = {"table": table if units else None, "back_url": reverse("administration")}
    return render(request, "identity/unit_list.html", context)


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_STAFF)
def unit_add(request: HttpRequest) -> HttpResponse:
    """Add a unit."""
    authorities, units = list(Authority.objects.order_by("name", "id")), queries.units()
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            unit = _add(request, authorities, units)
        except form_views.REFUSALS as error:
            faults = form_views.faults_of(error, "slug")
        else:
            notices.add(request, _("Enheten är upplagd."))
            return HttpResponseRedirect(reverse("unit_detail", args=[unit.pk]))
    specs: list[dict[str, Any]] = [
        {"name": "name", "label": _("Namn"), "maxlength": 200},
        {
            "name": "slug",
            "label": _("Kort namn"),
            "help": _("Så nämns enheten i e-tjänster, till exempel gata-park. Det kan inte ändras sedan."),
            "maxlength": 60,
        },
        {
            "name": "authority",
            "label": _("Nämnd"),
            "kind": "select",
            "choices": tuple(Choice(str(one.pk), one.name) for one in authorities),
        },
        *_common(units),
    ]
    context = {
        "fields": form_views.fields(specs, request.POST, faults),
        "back_url": reverse("unit_list"),
    }
    return render(request, "identity/unit_add.html", context, status=422 if faults else 200)


def _add(request: HttpRequest, authorities: Sequence[Authority], units: Sequence[Unit]) -> Unit:
    data = request.POST
    authority = next((one for one in authorities if str(one.pk) == data.get("authority")), None)
    if authority is None:
        raise Invalid({"authority": _("Välj en nämnd i listan.")})
    return actions.add_unit(
        by=actor_for(request),
        name=data.get("name", ""),
        slug=data.get("slug", "").strip(),
        authority=authority,
        email=data.get("email", ""),
        phone=data.get("phone", ""),
        parent=_parent(request, units),
    )


def _parent(request: HttpRequest, units: Sequence[Unit]) -> Unit | None:
    chosen = request.POST.get("parent", "")
    if chosen in ("", _NONE):
        return None
    found = next((unit for unit in units if str(unit.pk) == chosen), None)
    if found is None:
        raise Invalid({"parent": _("Välj en enhet i listan.")})
    return found


def _common(units: Sequence[Unit], unit: Unit | None = None) -> list[dict[str, Any]]:
    """The fields of a new unit and of a change; ``units`` are those that it may stand under."""
    choices = (
        Choice(_NONE, _("Ingen")),
        *(Choice(str(u.pk), f"{u.name} ({u.authority.name})") for u in units),
    )
    parent = str(unit.parent_id) if unit and unit.parent_id else _NONE
    return [
        {
            "name": "parent",
            "label": _("Ligger under"),
            "kind": "select",
            "choices": choices,
            "required": False,
            "value": parent,
        },
        {
            "name": "email",
            "label": _("Funktionsbrevlåda"),
            "kind": "email",
            "required": False,
            "value": unit.email if unit else "",
        },
        {
            "name": "phone",
            "label": _("Telefon"),
            "kind": "phone",
            "required": False,
            "value": unit.phone if unit else "",
        },
    ]


def _unit(unit_id: UUID) -> Unit:
    found = Unit.objects.select_related("authority").filter(pk=unit_id).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_STAFF)
def unit_detail(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """One unit: what it is called, how it is reached, who works there."""
    unit = _unit(unit_id)
    others = [
        one
        for one in queries.units(only_active=False)
        if one.authority_id == unit.authority_id
        and one.pk != unit.pk
        and (one.active or one.pk == unit.parent_id)
    ]
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            parent = _parent(request, others)
            actions.change_unit(
                by=actor_for(request),
                unit_id=unit.pk,
                name=request.POST.get("name", ""),
                email=request.POST.get("email", ""),
                phone=request.POST.get("phone", ""),
                parent_id=parent.pk if parent else None,
            )
        except Invalid as error:
            faults = form_views.faults_of(error, "name")
        else:
            notices.add(request, _("Enheten är ändrad."))
            return HttpResponseRedirect(reverse("unit_detail", args=[unit.pk]))
    context = {
        "unit": unit,
        "fields": _fields(request, unit, others, faults),
        "workers": [_worker(held) for held in queries.workers_in(unit.pk, actor_for(request))],
        "back_url": reverse("unit_list"),
    }
    return render(request, "identity/unit_detail.html", context, status=422 if faults else 200)


def _worker(held: Membership) -> dict[str, Any]:
    role = ROLES.get(held.role)
    return {
        "staff_id": held.staff_id,
        "name": held.staff.name,
        "role": role.display_name if role else held.role,
        "valid_to": held.valid_to,
    }


def _fields(
    request: HttpRequest, unit: Unit, others: Sequence[Unit], faults: dict[str, str]
) -> list[FieldView]:
    name = {"name": "name", "label": _("Namn"), "value": unit.name, "maxlength": 200}
    return form_views.fields([name, *_common(others, unit)], request.POST, faults)


@require_POST
@staff_required(Permission.ADMIN_STAFF)
def unit_active(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """Close a unit, or open it again."""
    active = request.POST.get("active") == "yes"
    try:
        actions.set_unit_active(by=actor_for(request), unit_id=unit_id, active=active)
    except Conflict as error:
        notices.add(request, error.message_sv, "warning")
    else:
        notices.add(request, _("Enheten är öppen igen.") if active else _("Enheten är stängd."))
    return HttpResponseRedirect(reverse("unit_detail", args=[unit_id]))
