"""The questions before the form, and the beginning of a draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sambruk.common.errors import Invalid
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import say
from sambruk.platform.forms import actions, facts, gate
from sambruk.platform.forms.actions.begin import GateStops, LoginNeeded, require_may_begin
from sambruk.platform.forms.visitor import set_key, with_key
from sambruk.platform.identity.decorators import to_login
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
    asked = effective.service.eligibility.questions if effective.service.eligibility else []
    answers: dict[str, Any] = {}
    errors: dict[str, str] = {}
    stops: tuple[str, ...] = ()
    if request.method == "POST":
        answers, errors = gate.read(effective.service, dict(request.POST.lists()))
        if not errors:
            try:
                draft = actions.begin(
                    service_id=service_id, by=who.actor, browser=who.browser, gate=answers,
                    fresh=request.POST.get("fresh") == "1",
                )  # fmt: skip
            except GateStops as error:
                stops = error.rules
            except Invalid as error:
                errors = error.field_errors or {"": error.message_sv}
            else:
                response = HttpResponseRedirect(reverse("forms:draft", args=[draft.pk]))
                set_key(response, key)
                return response
    return _page(request, effective, answers, errors, stops, questions=bool(asked))


def _page(
    request: HttpRequest,
    effective: Effective,
    answers: dict[str, Any],
    errors: dict[str, str],
    stops: tuple[str, ...],
    *,
    questions: bool,
) -> HttpResponse:
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
    known = {view.name: view.first_input_id for view in views}
    context = {
        "title": say(service.title),
        "service": service,
        "fields": views,
        "errors": [(known.get(key, ""), text) for key, text in errors.items()],
        "stops": _rules(effective, stops),
        "advice": _rules(effective, _advice(request, effective, answers)),
        "questions": questions,
    }
    return render(request, "forms/begin.html", context, status=422 if errors else 200)


def _advice(request: HttpRequest, effective: Effective, answers: dict[str, Any]) -> tuple[str, ...]:
    """Return what is worth knowing before one begins, as far as it is known without the questions."""
    if effective.service.eligibility is None:
        return ()
    known = facts.for_actor(effective.service.service, request.actor)  # type: ignore[attr-defined]
    return effective.conditions.gate(answers, effective.parameters, known).advise


def _rules(effective: Effective, ids: tuple[str, ...]) -> list[dict[str, str]]:
    rules = effective.service.eligibility.rules if effective.service.eligibility else []
    return [
        {"title": say(rule.title), "text": say(rule.instead), "link": rule.link or ""}
        for rule in rules
        if rule.id in ids
    ]
