"""The review of the log by staff: search, pages by key, a file, and the extract for the person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.calendar import format_date
from sambruk.common.errors import Invalid, NotFound
from sambruk.platform.audit import queries, review
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.audit.review import Review
from sambruk.platform.cases.log import files, subjects
from sambruk.platform.cases.models import Case
from sambruk.platform.identity import protection
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.ui import form_views
from sambruk.platform.ui.components import Column, Row, Table, Term
from sambruk.platform.ui.downloads import attachment
from sambruk.platform.ui.paging import cursor


@require_http_methods(["GET", "POST"])
@never_cache
@staff_required(AuditPermission.REVIEW)
def search(request: HttpRequest) -> HttpResponse:
    """Say what to look for and why. The personal number is posted, and stands in no address."""
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            found = _begin(request)
        except Invalid as error:
            faults = form_views.faults_of(error, "number")
        else:
            return HttpResponseRedirect(reverse("cases:log_review", args=[found]))
    fields = form_views.fields(_specs(), request.POST, faults)
    return render(request, "cases/log_search.html", {"fields": fields}, status=422 if faults else 200)


def _begin(request: HttpRequest) -> UUID:
    data = request.POST
    faults: dict[str, str] = {}
    found: dict[str, Any] = {}
    ways = (
        ("number", "person_id", subjects.person_by_number),
        ("case", "case_id", subjects.case_by_number),
        ("staff", "staff_id", subjects.staff_by_name),
    )
    for name, key, find in ways:
        if text := data.get(name, "").strip()[:200]:
            try:
                found[key] = find(text).pk
            except Invalid as error:
                faults |= error.field_errors
    for name in ("since", "until"):
        try:
            found[name] = form_views.day(data, name, required=False)
        except Invalid as error:
            faults |= error.field_errors
    if faults:
        raise Invalid(faults)
    return review.begin(by=actor_for(request), reason=data.get("reason", ""), **found)


def _specs() -> list[dict[str, Any]]:
    return [
        {
            "name": "number",
            "label": _("Personnummer"),
            "kind": "personal_number",
            "help": _("Vad som har lästs och ändrats om personen, också i personens ärenden."),
            "required": False,
            "autocomplete": "off",
        },
        {
            "name": "case",
            "label": _("Ärendenummer"),
            "help": _("Till exempel 2026-000123."),
            "required": False,
        },
        {
            "name": "staff",
            "label": _("Medarbetare"),
            "help": _("Namn, e-post eller konto. Ensamt visar det allt som medarbetaren har gjort."),
            "required": False,
        },
        {"name": "since", "label": _("Från och med"), "kind": "date", "required": False},
        {"name": "until", "label": _("Till och med"), "kind": "date", "required": False},
        {
            "name": "reason",
            "label": _("Varför granskar du?"),
            "help": _("Det sparas i loggen tillsammans med att du har granskat."),
            "maxlength": 300,
        },
    ]


@require_GET
@never_cache
@staff_required(AuditPermission.REVIEW)
def result(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """A page of a review that was begun: who read and changed what, when and why, the newest first."""
    actor = actor_for(request)
    found = review.get(review_id, by=actor)
    page = review.page(found, by=actor, case_ids=subjects.cases_of(found.person_id), before=cursor(request))
    here = reverse("cases:log_review", args=[found.id])
    table = Table(
        caption=_("Händelser, de senaste först"),
        columns=[
            Column(key="what", label=_("Vad")),
            Column(key="at", label=_("När")),
            Column(key="who", label=_("Vem")),
            Column(key="kind", label=_("Slag")),
            Column(key="case", label=_("Ärende")),
            Column(key="fields", label=_("Fält")),
            Column(key="reason", label=_("Skäl")),
        ],
        rows=[
            Row(
                id=str(line.row.id),
                cells={
                    "what": line.what,
                    "at": line.at,
                    "who": line.who,
                    "kind": line.kind,
                    "case": line.case,
                    "fields": line.fields,
                    "reason": line.row.reason or (_("Gallrat") if line.row.disposed else ""),
                },
            )
            for line in subjects.lines(page.rows, actor)
        ],
    )
    context = {
        "review": found,
        "terms": _terms(found, request),
        "table": table if page.rows else None,
        "older_url": f"{here}?efter={page.next_before}" if page.next_before else "",
        "newer_url": here if "efter" in request.GET else "",
        "may_extract": found.person_id is not None and actor.may(AuditPermission.EXTRACT),
    }
    return render(request, "cases/log_review.html", context)


def _terms(found: Review, request: HttpRequest) -> list[Term]:
    terms = []
    if found.person_id is not None:
        terms.append(Term(label=_("Person"), value=_person_text(found.person_id, request)))
    if found.case_id is not None:
        case = Case.objects.filter(pk=found.case_id).first()
        terms.append(Term(label=_("Ärende"), value=case.number if case else _("Finns inte längre")))
    if found.staff_id is not None:
        member = StaffMember.objects.filter(pk=found.staff_id).first()
        terms.append(Term(label=_("Medarbetare"), value=member.name if member else _("Finns inte längre")))
    if found.since is not None or found.until is not None:
        days = [format_date(day) if day is not None else "" for day in (found.since, found.until)]
        terms.append(Term(label=_("Period"), value=" – ".join(days).strip()))
    terms.append(Term(label=_("Skäl"), value=found.reason))
    return terms


def _person_text(person_id: UUID, request: HttpRequest) -> str:
    """Name and masked number, as the reviewer may see them: a protected person's are hidden here too."""
    person, actor = Person.objects.filter(pk=person_id).first(), actor_for(request)
    if person is None:
        return _("Finns inte längre")
    parts = (protection.visible_name(person, actor), protection.visible_number(person, actor))
    return ", ".join(part for part in parts if part)


@require_POST
@never_cache
@staff_required(AuditPermission.REVIEW)
def export(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The whole review as a file for a spreadsheet; that it was taken out is logged."""
    actor = actor_for(request)
    found = review.get(review_id, by=actor)
    rows = review.export(found, by=actor, case_ids=subjects.cases_of(found.person_id))
    return attachment(files.as_csv(subjects.lines(rows, actor)), "text/csv; charset=utf-8", "logg.csv")


@require_POST
@never_cache
@staff_required(AuditPermission.EXTRACT)
def extract(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The extract to hand out to the person, as PDF or JSON; staff are named only where it is asked for."""
    actor = actor_for(request)
    found = review.get(review_id, by=actor)
    if found.person_id is None:
        raise NotFound(_("Granskningen gäller ingen person."))
    rows = queries.extract(
        found.person_id,
        by=actor,
        reason=found.reason,
        case_ids=subjects.cases_of(found.person_id),
        with_names=request.POST.get("names") == "yes",
    )
    shown, person = subjects.lines(rows, actor), _person_text(found.person_id, request)
    if request.POST.get("format") == "json":
        content = files.as_json(shown, principal=current_principal(), person=person)
        return attachment(content, "application/json", "utdrag.json")
    return attachment(
        files.as_pdf(shown, principal=current_principal(), person=person), "application/pdf", "utdrag.pdf"
    )
