"""Mandates by staff: a person's are found by personal number, which is posted and stands in no address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import Conflict, Invalid
from sambruk.platform.audit.actions import record_read
from sambruk.platform.cases.log.subjects import person_by_number
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.language import say
from sambruk.platform.identity import actions, protection, queries
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.models import Mandate, MandateKind, Person
from sambruk.platform.identity.models.mandate import ALL_SERVICES
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.ui import form_views, notices
from sambruk.platform.ui.fields import Choice


@require_http_methods(["GET", "POST"])
@never_cache
@staff_required(Permission.MANDATE_REGISTER)
def find(request: HttpRequest) -> HttpResponse:
    """Find the person whose mandates it is about."""
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            person = person_by_number(request.POST.get("number", ""))
        except Invalid as error:
            faults = form_views.faults_of(error, "number")
        else:
            return HttpResponseRedirect(reverse("cases:mandates_of", args=[person.pk]))
    specs = [{"name": "number", "label": _("Personnummer"), "kind": "personal_number", "autocomplete": "off"}]
    fields = form_views.fields(specs, request.POST, faults)
    return render(request, "cases/mandate_find.html", {"fields": fields}, status=422 if faults else 200)


def _person(person_id: UUID) -> Person:
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@never_cache
@staff_required(Permission.MANDATE_REGISTER)
def of_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Who acts for the person, and for whom the person acts; a new one. That it was read is logged."""
    actor, person = actor_for(request), _person(person_id)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            _grant(request, person)
        except form_views.REFUSALS as error:
            faults = form_views.faults_of(error, "holder")
        else:
            notices.add(request, _("Uppdraget är infört."))
            return HttpResponseRedirect(reverse("cases:mandates_of", args=[person.pk]))
    record_read(by=actor, obj=person, event="mandate.read", person_id=person.pk)
    mandates = list(queries.mandates_concerning(person.pk))
    context = {
        "person": person,
        "name": protection.visible_name(person, actor) or _("Personen"),
        "number": protection.visible_number(person, actor),
        "given": [_shown(one, one.holder, actor) for one in mandates if one.represented_id == person.pk],
        "held": [_shown(one, one.represented, actor) for one in mandates if one.holder_id == person.pk],
        "fields": form_views.fields(_specs(), request.POST, faults),
    }
    return render(request, "cases/mandates.html", context, status=422 if faults else 200)


def service_names() -> dict[str, str]:
    """Return the offered services' titles by id."""
    return {one.service.service: say(one.service.title) for one in definitions.offered()}


def scope_text(mandate: Mandate, names: dict[str, str]) -> str:
    """Return what a mandate covers, in words."""
    if ALL_SERVICES in mandate.scope:
        return _("Alla tjänster")
    return ", ".join(names.get(service, service) for service in mandate.scope)


def _shown(mandate: Mandate, other: Person, actor: Actor) -> dict[str, Any]:
    return {
        "mandate": mandate,
        "other": protection.visible_name(other, actor) or _("Namn saknas"),
        "scope": scope_text(mandate, service_names()),
        "holds": mandate.holds_on(today()),
        "open": mandate.revoked_at is None and (mandate.valid_to is None or mandate.valid_to >= today()),
    }


def _specs() -> list[dict[str, Any]]:
    services = (
        Choice(ALL_SERVICES, _("Alla tjänster")),
        *(Choice(name, title) for name, title in sorted(service_names().items(), key=lambda one: one[1])),
    )
    return [
        {
            "name": "holder",
            "label": _("Företrädarens personnummer"),
            "kind": "personal_number",
            "help": _("Den som ska få göra ärenden åt personen."),
            "autocomplete": "off",
        },
        {
            "name": "kind",
            "label": _("På vilken grund?"),
            "kind": "select",
            "choices": tuple(Choice(str(value), str(label)) for value, label in MandateKind.choices),
        },
        {"name": "scope", "label": _("Vad gäller uppdraget?"), "kind": "checkboxes", "choices": services},
        {"name": "valid_from", "label": _("Från och med"), "kind": "date", "value": today().isoformat()},
        {"name": "valid_to", "label": _("Till och med"), "kind": "date", "required": False},
        {
            "name": "source",
            "label": _("Var framgår det?"),
            "help": _("Till exempel: överförmyndarens beslut 2026-03-01, eller undertecknad fullmakt."),
            "maxlength": 300,
        },
    ]


def _grant(request: HttpRequest, person: Person) -> None:
    data = request.POST
    known = {ALL_SERVICES, *service_names()}
    faults: dict[str, str] = {}
    days = {}
    for name in ("valid_from", "valid_to"):
        try:
            days[name] = form_views.day(data, name, required=name == "valid_from")
        except Invalid as error:
            faults |= error.field_errors
    holder = None
    try:
        holder = person_by_number(data.get("holder", ""))
    except Invalid as error:
        faults["holder"] = error.message_sv
    if data.get("kind") not in MandateKind.values:
        faults["kind"] = _("Välj grunden i listan.")
    if faults or holder is None or days["valid_from"] is None:
        raise Invalid(faults)
    actions.grant_mandate(
        by=actor_for(request),
        holder=holder,
        represented=person,
        kind=MandateKind(data["kind"]),
        scope=[service for service in data.getlist("scope") if service in known],
        valid_from=days["valid_from"],
        valid_to=days["valid_to"],
        source=data.get("source", ""),
    )


@require_POST
@staff_required(Permission.MANDATE_REGISTER)
def end(request: HttpRequest, person_id: UUID, mandate_id: UUID) -> HttpResponse:
    """End a mandate now, with a reason."""
    mandate = Mandate.objects.filter(pk=mandate_id, represented_id=person_id).first()
    if mandate is None:
        raise Http404
    try:
        actions.revoke_mandate(by=actor_for(request), mandate=mandate, reason=request.POST.get("reason", ""))
    except (Conflict, Invalid) as error:
        notices.add(request, error.message_sv, "warning")
    else:
        notices.add(request, _("Uppdraget är avslutat och gäller inte längre."))
    return HttpResponseRedirect(reverse("cases:mandates_of", args=[person_id]))
