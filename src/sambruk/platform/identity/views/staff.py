"""The administrator's pages: staff, their roles in units, from when to when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sambruk.common.clock import today
from sambruk.common.errors import Conflict, Invalid, NotFound
from sambruk.platform.identity import actions, queries
from sambruk.platform.identity.decorators import actor_for, staff_required
from sambruk.platform.identity.models import Membership, Purpose, StaffMember
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.identity.roles import ROLES
from sambruk.platform.ui import form_views, notices
from sambruk.platform.ui.components import Column, Row, Table
from sambruk.platform.ui.fields import Choice, FieldView

LIST = "/admin-kommun/personal/"


def _address(staff_id: UUID) -> str:
    return f"{LIST}{staff_id}/"


@require_GET
@staff_required(Permission.ADMIN_STAFF)
def staff_list(request: HttpRequest) -> HttpResponse:
    """All staff by name, a page at a time."""
    text = request.GET.get("namn", "").strip()[:100]
    page = queries.staff_page(actor_for(request), after=_after(request), text=text)
    shown, more = page[: queries.PAGE], len(page) > queries.PAGE
    older = ""
    if more:
        last = shown[-1]
        older = f"{LIST}?{urlencode({'efter': f'{last.pk}', 'nyckel': last.sort_key, 'namn': text})}"
    table = Table(
        caption=_("Medarbetare efter namn"),
        columns=[
            Column(key="name", label=_("Namn"), kind="link"),
            Column(key="roles", label=_("Roller i dag"), kind="long"),
            Column(key="email", label=_("E-post")),
            Column(key="state", label=_("Konto"), kind="tag"),
        ],
        rows=[_row(staff) for staff in shown],
        list_keys=True,
    )
    search = FieldView(name="namn", label=_("Namnet börjar på"), kind="search", value=text, required=False)
    context = {
        "table": table if shown else None,
        "older_url": older,
        "search": search,
        "add_url": f"{LIST}ny/",
    }
    return render(request, "identity/staff_list.html", context)


def _after(request: HttpRequest) -> tuple[str, UUID] | None:
    try:
        return request.GET["nyckel"][:250], UUID(request.GET["efter"])
    except (KeyError, ValueError):
        return None


def _row(staff: StaffMember) -> Row:
    day = today()
    held = [
        m for m in staff.memberships.all() if m.valid_from <= day and (not m.valid_to or day <= m.valid_to)
    ]
    roles = ", ".join(f"{_role_name(m.role)} ({m.unit.name})" for m in held)
    state = "" if staff.active else _("Avslutat")
    cells = {"name": staff.name, "roles": roles, "email": staff.email, "state": state}
    return Row(cells=cells, url=_address(staff.pk), id=str(staff.pk))


def _role_name(name: str) -> str:
    return str(ROLES[name].display_name) if name in ROLES else name


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_STAFF)
def staff_add(request: HttpRequest) -> HttpResponse:
    """Add somebody who may log in."""
    providers = queries.providers(Purpose.STAFF)
    faults: dict[str, str] = {}
    data = request.POST
    if request.method == "POST":
        chosen = next((p for p in providers if p.slug == data.get("provider")), None)
        try:
            staff = actions.add_staff(
                by=actor_for(request),
                name=data.get("name", ""),
                subject=data.get("subject", ""),
                email=data.get("email", ""),
                phone=data.get("phone", ""),
                provider=chosen,
            )
        except form_views.REFUSALS as error:
            faults = form_views.faults_of(error, "subject")
        else:
            notices.add(request, _("Medarbetaren är upplagd. Ge nu en roll."))
            return HttpResponseRedirect(_address(staff.pk))
    specs: list[dict[str, Any]] = [
        {"name": "name", "label": _("Namn")},
        {
            "name": "subject",
            "label": _("Konto"),
            "help": _("Så som inloggningstjänsten anger det, till exempel användarnamnet."),
        },
        {"name": "email", "label": _("E-post"), "kind": "email", "required": False},
        {"name": "phone", "label": _("Telefon"), "kind": "phone", "required": False},
    ]
    if len(providers) > 1:
        choices = tuple(Choice(p.slug, p.name) for p in providers)
        specs.append({"name": "provider", "label": _("Inloggning"), "kind": "radio", "choices": choices})
    context = {"fields": form_views.fields(specs, data, faults), "back_url": LIST}
    return render(request, "identity/staff_add.html", context, status=422 if faults else 200)


def _staff(staff_id: UUID) -> StaffMember:
    found = StaffMember.objects.select_related("provider", "home").filter(pk=staff_id).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@staff_required(Permission.ADMIN_STAFF)
def staff_detail(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """One member of staff: roles, and giving a new one."""
    staff = _staff(staff_id)
    units = queries.units()
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            _give_role(request, staff, units)
        except form_views.REFUSALS as error:
            faults = form_views.faults_of(error, "role")
        else:
            notices.add(request, _("Rollen är tillagd."))
            return HttpResponseRedirect(_address(staff.pk))
    context = {
        "staff": staff,
        "memberships": _memberships(staff),
        "fields": _role_fields(request.POST, units, faults),
        "roles": [(role.display_name, role.description) for role in ROLES.values()],
        "back_url": LIST,
        "is_self": staff.pk == actor_for(request).id,
    }
    return render(request, "identity/staff_detail.html", context, status=422 if faults else 200)


def _memberships(staff: StaffMember) -> list[dict[str, Any]]:
    day = today()
    rows = staff.memberships.select_related("unit__authority").order_by("-valid_from", "id")
    return [
        {
            "id": m.pk,
            "role": _role_name(m.role),
            "unit": m.unit,
            "valid_from": m.valid_from,
            "valid_to": m.valid_to,
            "open": m.valid_to is None or m.valid_to >= day,
        }
        for m in rows
    ]


def _role_fields(data: Any, units: Any, faults: dict[str, str]) -> list[FieldView]:
    role_choices = tuple(Choice(name, str(role.display_name)) for name, role in ROLES.items())
    unit_choices = tuple(Choice(str(unit.pk), f"{unit.name} ({unit.authority.name})") for unit in units)
    specs: list[dict[str, Any]] = [
        {"name": "role", "label": _("Roll"), "kind": "select", "choices": role_choices},
        {"name": "unit", "label": _("Enhet"), "kind": "select", "choices": unit_choices},
        {"name": "valid_from", "label": _("Från och med"), "kind": "date", "value": today().isoformat()},
        {"name": "valid_to", "label": _("Till och med"), "kind": "date", "required": False},
    ]
    return form_views.fields(specs, data, faults)


def _give_role(request: HttpRequest, staff: StaffMember, units: Any) -> None:
    data = request.POST
    unit = next((u for u in units if str(u.pk) == data.get("unit")), None)
    if unit is None:
        raise Invalid({"unit": _("Välj en enhet i listan.")})
    actions.add_membership(
        by=actor_for(request),
        staff=staff,
        unit=unit,
        role=data.get("role", ""),
        valid_from=form_views.required_day(data, "valid_from"),
        valid_to=form_views.day(data, "valid_to", required=False),
    )


def _change(request: HttpRequest, change: Callable[[], None], done: str, back: str) -> HttpResponse:
    """Do it and go back, saying what was done or why not."""
    try:
        change()
    except (Conflict, NotFound) as error:
        notices.add(request, error.message_sv, "warning")
    else:
        notices.add(request, done)
    return HttpResponseRedirect(back)


@require_POST
@staff_required(Permission.ADMIN_STAFF)
def membership_end(request: HttpRequest, staff_id: UUID, membership_id: UUID) -> HttpResponse:
    """End a role now."""
    if not Membership.objects.filter(pk=membership_id, staff_id=staff_id).exists():
        raise Http404
    by = actor_for(request)
    return _change(
        request,
        lambda: actions.end_membership(by=by, membership_id=membership_id),
        _("Rollen är avslutad och gäller inte längre."),
        _address(staff_id),
    )


@require_POST
@staff_required(Permission.ADMIN_STAFF)
def staff_active(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Close or open an account."""
    staff, by = _staff(staff_id), actor_for(request)
    active = request.POST.get("active") == "yes"
    done = _("Kontot är öppnat.") if active else _("Kontot är avslutat, och medarbetaren är utloggad.")
    return _change(
        request,
        lambda: actions.set_staff_active(by=by, staff=staff, active=active),
        done,
        _address(staff_id),
    )
