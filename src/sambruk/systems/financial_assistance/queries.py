"""Reads of calculations and payments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sambruk.common.actor import Actor
from sambruk.common.clock import local_date
from sambruk.common.errors import NotFound
from sambruk.common.month import Month
from sambruk.platform.cases.models import Application, Case, Decision, Party
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.identity import protection
from sambruk.systems.financial_assistance.calculation.engine import calculate
from sambruk.systems.financial_assistance.calculation.fields import MonthPeriod
from sambruk.systems.financial_assistance.calculation.household import Household, Settings
from sambruk.systems.financial_assistance.calculation.job_stimulus import job_stimulus_in
from sambruk.systems.financial_assistance.calculation.result import Result
from sambruk.systems.financial_assistance.local_practice import settings_of
from sambruk.systems.financial_assistance.models import CalculationVersion, WorkingCalculation
from sambruk.systems.financial_assistance.service import SERVICE


@dataclass
class Working:
    """The working calculation as it stands, computed now by the engine."""

    row: WorkingCalculation
    household: Household
    result: Result
    remarks: list[str] = field(default_factory=list)

    @property
    def is_locked(self) -> bool:
        """Whether an approved version holds."""
        return self.row.locked_version is not None


def settings_for(case: Case) -> Settings:
    """Return the local practice of the version of the service that the case began with."""
    return settings_of(definitions.by_hash(case.definition_hash).parameters)


def month_of(case: Case) -> Month:
    """Return the month that the case concerns; the one that it came in where it names none."""
    return Month.of(case.period or local_date(case.opened_at))


def computed(case: Case, row: WorkingCalculation) -> Working:
    """Return a stored working calculation with its result. Raises CalculationError where it has none."""
    household = Household.model_validate(row.household)
    result = calculate(household, Month.of(row.month), settings_for(case))
    return Working(row, household, result, list(row.remarks))


def working(case: Case) -> Working | None:
    """Return the case's working calculation, or None before it is prepared."""
    row = WorkingCalculation.objects.filter(case=case).first()
    return computed(case, row) if row is not None else None


def version(case: Case, number: int) -> CalculationVersion:
    """Return an approved version. Raises NotFound."""
    found = CalculationVersion.objects.filter(case=case, version=number).first()
    if found is None:
        raise NotFound("Beräkningen finns inte i ärendet.")
    return found


def current_version(case: Case) -> CalculationVersion | None:
    """Return the approved version that holds; None where there is none or it was opened again."""
    row = WorkingCalculation.objects.filter(case=case).only("locked_version").first()
    return version(case, row.locked_version) if row is not None and row.locked_version is not None else None


def result_of(found: CalculationVersion) -> Result:
    """Return the stored result. Raises ResultFault if it is damaged."""
    return Result.from_json(str(found.result))


def decided_version(decision: Decision) -> CalculationVersion | None:
    """Return the calculation that a decision rests on, or None where it rests on none."""
    number = decision.basis.get("calculation_version")
    return version(decision.case, number) if isinstance(number, int) else None


def hidden_from(case: Case, actor: Actor) -> bool:
    """Say whether the case has a party whose identity is protected and not opened to the actor."""
    return any(
        party.person is not None and not protection.may_see(party.person, actor)
        for party in Party.objects.filter(case=case).select_related("person")
    )


def answers_of(case: Case) -> dict[str, object]:
    """Return the answers of the case's application; empty where it came without one."""
    found = Application.objects.filter(case=case).order_by("submitted_at").first()
    return dict(found.answers) if found is not None else {}


def earlier_version(case: Case) -> CalculationVersion | None:
    """Return the approved calculation of the same applicant for the month before, or None."""
    if case.period is None:
        return None
    before = (month_of(case) - 1).first
    cases = Case.objects.filter(
        service_id=case.service_id,
        period=before,
        parties__role="applicant",
        parties__person_id__in=_persons(case, ["applicant"]),
    )
    found = CalculationVersion.objects.filter(case__in=cases).order_by("-approved_at", "-version")
    return found.first()


def job_stimulus_of(case: Case) -> dict[str, MonthPeriod]:
    """Return the adults' periods of jobbstimulans by role, from the months granted here before.

    Months granted elsewhere, or before this system, are not known: the caseworker fills the period in.
    """
    month = month_of(case)
    periods: dict[str, MonthPeriod] = {}
    for role in ("applicant", "co_applicant"):
        granted = {
            Month.of(period)
            for period in Decision.objects.filter(
                case__service_id=SERVICE,
                case__parties__person_id__in=_persons(case, [role]),
                case__parties__role__in=["applicant", "co_applicant"],
                decided_at__isnull=False,
                outcome__in=["grant", "partial"],
                period__isnull=False,
                period__lt=month.first,
            ).values_list("period", flat=True)
            if period is not None
        }
        if found := job_stimulus_in(granted, month):
            periods[role] = found
    return periods


def _persons(case: Case, roles: Iterable[str]) -> list[UUID]:
    rows = Party.objects.filter(case=case, role__in=list(roles), person__isnull=False)
    return [person for person in rows.values_list("person_id", flat=True) if person is not None]
