"""For whom: a resident who represents somebody, a member of staff who fills in for somebody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sambruk.common.errors import Conflict, Invalid, SambrukError
from sambruk.common.personal_number import PersonalNumber, parse
from sambruk.platform.identity import actions, queries
from sambruk.platform.identity.actions.sessions import CHANNELS
from sambruk.platform.identity.decorators import actor_for, resident_required, staff_required
from sambruk.platform.identity.models import Mandate, Session
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.protection import visible_name
from sambruk.platform.identity.redirects import safe_path
from sambruk.platform.ui import notices
from sambruk.platform.ui.fields import Choice, FieldView


def _session(request: HttpRequest) -> Session:
    session: Session = request.login_session  # type: ignore[attr-defined]
    return session


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@resident_required()
def choose_represented(request: HttpRequest) -> HttpResponse:
    """Choose for whom one acts: oneself, or somebody by a mandate that holds today."""
    session, actor = _session(request), actor_for(request)
    target = safe_path(request.GET.get("next") or request.POST.get("next"), "/mina-sidor/")
    errors: list[str] = []
    if request.method == "POST":
        chosen = request.POST.get("for", "")
        if chosen == "self" or _uuid(chosen):
            actions.act_for(by=actor, session=session, mandate_id=_uuid(chosen))
            return HttpResponseRedirect(target)
        errors = [_("Välj vem du gör ärendet åt.")]
    assert session.person_id is not None  # noqa: S101 - resident_required
    mandates = list(queries.mandates_for(session.person_id))
    current = str(actor.mandate_id) if actor.mandate_id else "self"
    field = FieldView(
        name="for",
        label=_("Vem gör du ärendet åt?"),
        kind="radio",
        choices=(Choice("self", _("Mig själv")), *(_choice(mandate) for mandate in mandates)),
        value=current,
        errors=errors,
    )
    context = {"field": field, "fields": [field], "next": target, "has_mandates": bool(mandates)}
    return render(request, "identity/choose_represented.html", context, status=422 if errors else 200)


def _choice(mandate: Mandate) -> Choice:
    # The holder knows whom she represents: the name is shown though it be protected from others.
    everything = "all" in mandate.scope
    scope = _("alla tjänster") if everything else _("vissa tjänster")
    kind = mandate.get_kind_display()
    return Choice(str(mandate.pk), mandate.represented.full_name, f"{kind}, {scope}")


@require_http_methods(["GET", "POST"])
@staff_required(Permission.FILL_IN_FOR)
def fill_in_for(request: HttpRequest) -> HttpResponse:
    """Find or register the person whom one fills in for, and say how the person reached us."""
    data = request.POST
    fault: SambrukError | None = None
    register = False
    if request.method == "POST":
        try:
            register = _fill_in(request, data)
        except (Invalid, Conflict) as error:
            fault = error
            register = "given_name" in data
        else:
            if not register:
                notices.add(request, _("Nu fyller du i åt någon annan. Det syns i ärendet."), "info")
                return HttpResponseRedirect(safe_path(data.get("next"), "/tjanster/"))
    return _fill_in_page(request, data, fault, register)


def _fill_in(request: HttpRequest, data: Any) -> bool:
    """Do it; returns True if the person is not known and has to be registered first."""
    actor = actor_for(request)
    number: PersonalNumber = parse(data.get("number", ""), test_mode=settings.TEST_MODE or settings.DEMO)
    person = queries.find_person(number)
    if person is None and "given_name" not in data:
        return True
    if person is None:
        person = actions.register_person(
            by=actor,
            number=number,
            given_name=data.get("given_name", ""),
            family_name=data.get("family_name", ""),
            phone=data.get("phone", ""),
        )
    actions.fill_in_for(by=actor, session=_session(request), person=person, channel=data.get("channel", ""))
    return False


def _fill_in_page(
    request: HttpRequest, data: Any, fault: SambrukError | None, register: bool
) -> HttpResponse:
    faults = dict(fault.field_errors) if isinstance(fault, Invalid) else {}
    if fault is not None and not faults:
        faults["number"] = fault.message_sv

    def view(name: str, label: str, kind: Any = "text", **more: Any) -> FieldView:
        errors = [faults[name]] if name in faults else []
        return FieldView(name=name, label=label, kind=kind, value=data.get(name, ""), errors=errors, **more)

    labels = {"telephone": _("I telefon"), "visit": _("På besök"), "paper": _("På papper")}
    fields = [
        view("number", _("Personnummer"), "personal_number", help=_("Tolv siffror: ÅÅÅÅMMDD-XXXX.")),
        view(
            "channel",
            _("Hur har personen hört av sig?"),
            "radio",
            choices=tuple(Choice(channel, labels[channel]) for channel in CHANNELS),
        ),
    ]
    if register:
        fields += [
            view("given_name", _("Förnamn")),
            view("family_name", _("Efternamn")),
            view("phone", _("Telefon"), "phone", required=False),
        ]
    current = _session(request).filling_in_for
    context = {
        "fields": fields,
        "register": register,
        "next": safe_path(data.get("next") or request.GET.get("next"), "/tjanster/"),
        "current": visible_name(current, actor_for(request)) if current else "",
    }
    return render(request, "identity/fill_in_for.html", context, status=422 if faults else 200)


@require_POST
@staff_required()
def stop_filling_in(request: HttpRequest) -> HttpResponse:
    """Go back to one's own work."""
    actions.stop_filling_in(by=actor_for(request), session=_session(request))
    return HttpResponseRedirect("/handlaggning/")
