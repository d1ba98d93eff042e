"""The questions before the form, and the beginning of a draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.conditions import GateResult
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import say
from sambruk.platform.forms import actions, facts, gate
from sambruk.platform.forms.actions.begin import GateStops, LoginNeeded, require_may_begin
from sambruk.platform.forms.facts import REGISTERED
from sambruk.platform.forms.visitor import set_key, with_key
from sambruk.platform.identity.decorators import actor_for, to_login
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.ui.fields import Choice, FieldView


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, service_id: str) -> HttpResponseBase:
    """Ask what is asked before the form; begin, or take up what was begun."""
    effective = definitions.for_service(service_id)
    who, key = with_key(request)
    try:
        require_may_begin(effective, who.actor)
    except LoginNeeded as error:
        return to_login(request, assurance=error.assurance)
    if request.method != "POST":
        return _page(request, effective, {}, {})
    answers, errors = gate.read(effective.service, dict(request.POST.lists()))
    if errors:
        return _page(request, effective, answers, errors)
    # Advice that the answers themselves led to is read before one goes on, once.
    if not request.POST.get("advised") and (advice := _advised_by(effective, who.actor, answers)):
        return _page(request, effective, answers, {}, advice=advice)
    try:
        draft = actions.begin(
            service_id=service_id,
            by=who.actor,
            browser=who.browser,
            gate=answers,
            fresh=request.POST.get("fresh") == "1",
        )
    except GateStops as error:
        return _page(request, effective, answers, {}, stops=error.rules)
    except Invalid as error:
        return _page(request, effective, answers, error.field_errors or {"": error.message_sv})
    response = HttpResponseRedirect(reverse("forms:draft", args=[draft.pk]))
    set_key(response, key)
    return response


def _page(
    request: HttpRequest,
    effective: Effective,
    answers: dict[str, Any],
    errors: dict[str, str],
    *,
    stops: tuple[str, ...] = (),
    advice: tuple[str, ...] = (),
) -> HttpResponse:
    service = effective.service
    actor = actor_for(request)
    known = _decided(effective, actor, {})
    # What is known to stop whatever is answered is said at once: nobody answers in vain.
    in_vain = bool(known.stop)
    errors = {} if in_vain else errors
    views = [] if in_vain else _questions(effective, answers, errors)
    ids = {view.name: view.first_input_id for view in views}
    context = {
        "title": say(service.title),
        "service": service,
        "fields": views,
        "errors": [(ids.get(key, ""), text) for key, text in errors.items()],
        "stops": _rules(effective, actor, stops or known.stop),
        "advice": []
        if stops or in_vain
        else gate.not_shown(effective, actor) + _rules(effective, actor, advice or known.advise),
        "advised": bool(advice),
        "in_vain": in_vain,
    }
    return render(request, "forms/begin.html", context, status=422 if errors else 200)


def _questions(effective: Effective, answers: dict[str, Any], errors: dict[str, str]) -> list[FieldView]:
    service = effective.service
    views = [
        FieldView(
            name=one.id,
            label=say(one.label),
            kind="yes_no" if one.type == "yes_no" else "radio",
            help=say(one.help),
            value=answers.get(one.id, ""),
            required=one.required,
            errors=(errors[one.id],) if one.id in errors else (),
            choices=tuple(
                Choice(option.id, say(option.label), say(option.help))
                for option in getattr(one, "options", ())
            ),
        )
        for one in (service.eligibility.questions if service.eligibility else [])
    ]
    if gate.asks_registration(service):
        views.append(
            FieldView(
                name=REGISTERED,
                label=gate.registration_question(current_principal().name),
                kind="yes_no",
                help=_("Vi kan inte se det själva. Vet du inte säkert kan du hoppa över frågan."),
                value=answers.get(REGISTERED, ""),
                required=False,
            )
        )
    return views


def _decided(effective: Effective, actor: Actor, answers: dict[str, Any]) -> GateResult:
    if effective.service.eligibility is None:
        return GateResult((), (), (), ())
    known = facts.for_actor(effective, actor, answers)
    return effective.conditions.gate(answers, effective.parameters, known)


def _advised_by(effective: Effective, actor: Actor, answers: dict[str, Any]) -> tuple[str, ...]:
    """Return the advice that follows from the answers, beside what the page said before them."""
    result = _decided(effective, actor, answers)
    if result.stop:
        return ()
    before = _decided(effective, actor, {}).advise
    return tuple(one for one in result.advise if one not in before)


def _rules(effective: Effective, actor: Actor, ids: tuple[str, ...]) -> list[dict[str, str]]:
    rules = effective.service.eligibility.rules if effective.service.eligibility else []
    return [gate.words_of(rule, actor) for rule in rules if rule.id in ids]
