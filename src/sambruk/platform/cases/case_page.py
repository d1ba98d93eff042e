"""The case on one page: head, work in tabs, what to do now, and the picture of the process."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from sambruk.common.actor import Actor
from sambruk.common.clock import local_date
from sambruk.platform.cases import commands
from sambruk.platform.cases.actions.decisions import RETURNED
from sambruk.platform.cases.document_labels import category_label
from sambruk.platform.cases.models import (
    Application,
    Case,
    CaseDocument,
    Decision,
    LogEntry,
    Note,
    Party,
    SignatureRecord,
)
from sambruk.platform.cases.names import party_name, role_label
from sambruk.platform.cases.open_tasks import open_tasks, read_once
from sambruk.platform.cases.panels import panels_for
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.display import sections
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import say
from sambruk.platform.identity import protection
from sambruk.platform.tenancy.compiled import Compiled
from sambruk.platform.ui.components import Command, FileCard, LogLine, ProcessPicture, Signer, Step, Tab, Term

_PARTIES = Compiled(
    lambda case_id: Party.objects.filter(case_id=case_id).select_related("person").order_by("role", "id"),
    UUID,
)
_APPLICATION = Compiled(
    lambda case_id: Application.objects.filter(case_id=case_id).order_by("submitted_at")[:1], UUID
)
_SIGNATURES = Compiled(
    lambda application_id: (
        SignatureRecord.objects.filter(application_id=application_id)
        .select_related("person")
        .order_by("signed_at", "id")
    ),
    UUID,
)


def case_context(request: HttpRequest, case: Case, actor: Actor) -> dict[str, Any]:
    """Return the page's context for the chosen tab (`flik`), which stands in the address."""
    effective = definitions.by_hash(case.definition_hash)
    tabs = _tabs(case)
    chosen = request.GET.get("flik", "application")
    if chosen not in {tab.id for tab in tabs}:
        chosen = "application"
    parties = _PARTIES.all(case.pk)
    with read_once(case):
        offers = commands.offers(case, actor)
        waiting = open_tasks(case)
    return {
        "case": case,
        "tabs": tabs,
        "tab": chosen,
        "body": _body(request, case, actor, effective, chosen, parties),
        "parties": [_party(p, actor) for p in parties],
        "protected": [
            p
            for p in parties
            if p.person is not None and p.person.is_protected and not protection.may_see(p.person, actor)
        ],
        "may_open": protection.may_open(actor),
        "commands": [_command(case, offer) for offer in offers],
        "waiting": waiting,
        "returned": next((t.data[RETURNED] for t in waiting if RETURNED in t.data), None),
        "picture": picture(case, effective),
        "service_title": say(effective.service.title),
    }


def _tabs(case: Case) -> list[Tab]:
    base = reverse("cases:case", args=[case.pk])

    def tab(id_: str, label: str) -> Tab:
        return Tab(id=id_, label=label, url=f"{base}?flik={id_}")

    own = [
        (10, tab("application", "Ansökan")),
        (40, tab("decision", "Beslut")),
        (50, tab("documents", "Handlingar")),
        (90, tab("log", "Händelser")),
    ]
    own += [(panel.order, tab(panel.id, panel.label)) for panel in panels_for(case)]
    return [one for _, one in sorted(own, key=lambda pair: pair[0])]


def _body(
    request: HttpRequest, case: Case, actor: Actor, effective: Effective, chosen: str, parties: list[Party]
) -> str:
    for panel in panels_for(case):
        if panel.id == chosen:
            return panel.render(request, case)
    builders = {"application": _application, "decision": _decisions, "documents": _documents, "log": _log}
    context = builders[chosen](case, actor, effective, parties)
    return render_to_string(f"cases/tab_{chosen}.html", {"case": case, **context}, request=request)


def _application(case: Case, actor: Actor, effective: Effective, parties: list[Party]) -> dict[str, Any]:
    application = _APPLICATION.first(case.pk)
    if application is None:
        return {"sections": [], "application": None}
    evaluation = effective.conditions.evaluate(
        application.answers, effective.parameters, {"today": local_date(application.submitted_at)}
    )
    hidden = any(p.person is not None and not protection.may_see(p.person, actor) for p in parties)
    shown = [] if hidden else sections(effective.service, application.answers, evaluation)
    return {
        "application": application,
        "hidden": hidden,
        "sections": [
            {"title": s.title, "terms": [Term(label=a.label, value=a.text) for a in s.answers]} for s in shown
        ],
        "signers": [
            Signer(
                name=protection.visible_name(s.person, actor),
                role=role_label(s.party_role),
                signed_at=s.signed_at,
            )
            for s in _SIGNATURES.all(application.pk)
        ],
    }


def _decisions(case: Case, actor: Actor, effective: Effective, parties: list[Party]) -> dict[str, Any]:
    return {
        "decisions": list(
            Decision.objects.filter(case=case)
            .select_related("proposed_by", "decided_by", "letter")
            .order_by("-proposed_at")
        )
    }


def _documents(case: Case, actor: Actor, effective: Effective, parties: list[Party]) -> dict[str, Any]:
    return {
        "files": [
            FileCard(
                name=d.title or d.document.name,
                size=d.document.size,
                url=reverse("document", args=[d.document_id]),
                kind=category_label(d.category),
                scan=d.document.scan,
            )
            for d in CaseDocument.objects.filter(case=case).select_related("document").order_by("added_at")
        ]
    }


def _log(case: Case, actor: Actor, effective: Effective, parties: list[Party]) -> dict[str, Any]:
    return {
        "entries": [
            LogLine(at=e.at, text=e.text, by=e.by_name, kind=e.kind)
            for e in LogEntry.objects.filter(case=case).order_by("-at", "-id")[:200]
        ],
        "notes": list(Note.objects.filter(case=case).select_related("by").order_by("-at")[:100]),
    }


def _party(party: Party, actor: Actor) -> dict[str, str]:
    person = party.person
    return {
        "role": role_label(party.role),
        "name": party_name(party, actor) or "Anonym",
        "number": protection.visible_number(person, actor) if person is not None else "",
        "represented_by": party.represented_by,
        "contact": ", ".join(str(v) for v in party.contact.values() if v) if person is None else "",
    }


def _command(case: Case, offer: commands.Offer) -> Command:
    post = not offer.fields and not offer.url and not offer.consequence
    return Command(
        id=offer.id.replace(":", "-"),
        label=offer.label,
        url=offer.url or reverse("cases:command", args=[case.pk, offer.id]),
        key=offer.key,
        post=post,
        primary=offer.primary,
        warning=offer.consequence,
    )


def picture(case: Case, effective: Effective) -> ProcessPicture:
    """Return the picture of the process with where the case stands, and the same in words."""
    process = effective.process
    elements = process.diagram.elements
    # A term that runs beside a task waits too, but its name ("the time has passed") is what has not happened.
    current = [
        one.id
        for one in (process.active(case.process_state) if case.is_open else ())
        if elements[one.id].kind != "boundary"
    ]
    trail = process.trail(case.process_state)
    names = {element.id: element.name for element in elements.values() if element.name}
    walked = list(dict.fromkeys(e for e in trail if e in names))
    steps = [Step(title=names[e], state="done") for e in walked if e not in current]
    steps += [Step(title=names[e], state="current") for e in current if e in names]
    return ProcessPicture(
        url=reverse("cases:process", args=[case.pk]),
        title=f"Ärendet står vid: {', '.join(names[e] for e in current if e in names) or 'avslutat'}.",
        current=current,
        completed=walked,
        steps=steps,
    )
