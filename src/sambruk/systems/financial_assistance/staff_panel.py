"""The tab "Beräkning" of the case page: the whole calculation, workable by keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from sambruk.common.actor import Actor
from sambruk.common.month import Month
from sambruk.platform.cases.models import Case
from sambruk.platform.cases.panels import panel
from sambruk.platform.identity.decorators import actor_for
from sambruk.platform.identity.permissions import Permission, may_in
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.actions.calculation import why_not_approved
from sambruk.systems.financial_assistance.calculation.errors import CalculationError
from sambruk.systems.financial_assistance.calculation.household import Household
from sambruk.systems.financial_assistance.calculation.personal import ADULT_AGE, age_on
from sambruk.systems.financial_assistance.calculation_form import DWELLING, NEW
from sambruk.systems.financial_assistance.calculation_rows import grid_rows, kinds_to_add
from sambruk.systems.financial_assistance.models import CalculationVersion, WorkingCalculation
from sambruk.systems.financial_assistance.payment_lists import payments_of
from sambruk.systems.financial_assistance.service import SERVICE

PANEL = "calculation"
TEMPLATE = "financial_assistance/panel.html"


@panel(id=PANEL, label="Beräkning", order=20, services=(SERVICE,))
def render(request: HttpRequest, case: Case) -> str:
    """Draw the tab."""
    return draw(request, case)


def draw(
    request: HttpRequest,
    case: Case,
    *,
    errors: Mapping[str, str] | None = None,
    fault: str = "",
    kept: Mapping[str, str] | None = None,
) -> str:
    """Draw the calculation, after a failed change with its errors by row and what was typed (`kept`)."""
    context = _context(case, actor_for(request), errors or {}, fault, kept or {})
    return render_to_string(TEMPLATE, context, request=request)


def _context(
    case: Case, actor: Actor, errors: Mapping[str, str], fault: str, kept: Mapping[str, str]
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "case": case,
        "fault": fault or errors.get("", ""),
        "hidden": queries.hidden_from(case, actor),
    }
    if context["hidden"]:
        return context
    row = WorkingCalculation.objects.filter(case=case).first()
    if row is None:
        return {**context, "missing": True}
    may_work = case.is_open and may_in(actor, Permission.CASE_WORK, case.unit_id)
    editable = may_work and row.locked_version is None
    earlier = queries.earlier_version(case)
    context |= {
        "row": row,
        "editable": editable,
        "may_reopen": may_work and row.locked_version is not None,
        "version": _version(case, row),
        "remarks": row.remarks,
        "earlier_label": Month.of(earlier.month).label if earlier is not None else "",
        "payments": payments_of(case, actor),
    }
    household = Household.model_validate(row.household)
    context |= _household(household, Month.of(row.month), errors, kept)
    try:
        found = queries.computed(case, row)
    except CalculationError as error:
        # A month without a table, or a household that cannot be: said here, and the household can be mended.
        return {**context, "fault": context["fault"] or error.message_sv}
    rows = grid_rows(
        found.result,
        earlier=queries.result_of(earlier) if earlier is not None else None,
        errors=errors,
    )
    return {
        **context,
        "result": found.result,
        "rows": [(one, _kept(one.id, kept)) for one in rows],
        "blocked": why_not_approved(found),
        "kinds": kinds_to_add(),
        "new_error": errors.get(NEW, ""),
        "new": {name: kept.get(f"new-{name}", "") for name in ("kind", "amount", "person", "text")},
    }


def _kept(row_id: str, kept: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed in a row, where a failed change is shown again."""
    if not row_id or f"amount-{row_id}" not in kept:
        return {}
    return {
        "amount": kept[f"amount-{row_id}"],
        "reason": kept.get(f"reason-{row_id}", ""),
        "struck": kept.get(f"struck-{row_id}", ""),
    }


def _version(case: Case, row: WorkingCalculation) -> CalculationVersion | None:
    if row.locked_version is None:
        return None
    found = CalculationVersion.objects.filter(case=case, version=row.locked_version)
    return found.select_related("approved_by").first()


def _household(
    household: Household, month: Month, errors: Mapping[str, str], kept: Mapping[str, str]
) -> dict[str, Any]:
    persons = []
    for one in household.persons:
        again = f"days-{one.id}" in kept
        stimulus = one.job_stimulus
        persons.append(
            {
                "id": one.id,
                "label": one.label,
                "is_adult": one.role == "adult",
                "born": one.born,
                "asks_secondary": one.born is not None and age_on(one.born, month.last) >= ADULT_AGE,
                "secondary": one.upper_secondary,
                "included": kept.get(f"included-{one.id}") == "on" if again else one.included,
                "excluded": kept.get(f"excluded-{one.id}", one.excluded_reason),
                "days": kept.get(f"days-{one.id}", "" if one.days is None else str(one.days)),
                "stimulus_from": kept.get(
                    f"stimulus-from-{one.id}", str(stimulus.start) if stimulus is not None else ""
                ),
                "stimulus_to": kept.get(
                    f"stimulus-to-{one.id}", str(stimulus.end) if stimulus is not None else ""
                ),
                "error": errors.get(one.id, ""),
            }
        )
    living = household.dwelling.persons
    return {
        "persons": persons,
        "dwelling_persons": kept.get("dwelling_persons", "" if living is None else str(living)),
        "dwelling_error": errors.get(DWELLING, ""),
        "lodger": household.dwelling.lodger,
        "household_open": any(person["error"] for person in persons) or bool(errors.get(DWELLING)),
    }
