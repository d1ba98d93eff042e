"""Earlier cases, so that the demo's residents have been here before: a month's application, granted and paid.

Each is walked from application to close by the same actions as everything else, by the demo's own staff.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from sambruk.common.actor import Actor, ActorKind, system_actor
from sambruk.common.clock import today
from sambruk.common.content_hash import content_hash
from sambruk.common.ids import uuid7
from sambruk.common.month import Month
from sambruk.common.personal_number import parse
from sambruk.operations.demo import people
from sambruk.operations.demo.services import FINANCIAL_ASSISTANCE
from sambruk.platform.cases import commands
from sambruk.platform.cases.actions.opening import NewCase, NewParty, open_case
from sambruk.platform.cases.jobs import do_handler
from sambruk.platform.cases.models import Case, Party, Task
from sambruk.platform.cases.numbers import assign_number
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.effective import Effective
from sambruk.platform.definitions.language import say
from sambruk.platform.definitions.placeholders import fill
from sambruk.platform.identity.models import Membership, Person, StaffMember, Unit
from sambruk.platform.identity.permissions import in_unit
from sambruk.platform.identity.queries import find_person
from sambruk.platform.identity.roles import permissions_of
from sambruk.platform.tenancy.context import current_principal, current_tenant_id

SYSTEM = "financial_assistance"

#: The household's answers besides who they are; amounts in kronor, invented.
COMMON: dict[str, Any] = {
    "livelihood": "Jag söker arbete och har inga inkomster som räcker.",
    "norm_kind": "riksnorm",
    "changed": False,
    "stays_here": True,
    "lives_elsewhere": False,
    "applicant_phone": "+46701740605",
    "notify": ["email"],
    "interpreter": False,
    "citizenship": "sweden",
    "has_children": False,
    "housing": "rental",
    "others_in_home": False,
    "rooms": 2,
    "rent_debt": False,
    "power_debt": False,
    "eviction": False,
    "housing_changed": False,
    "occupation": ["studies"],
    "worked_last_year": False,
    "has_income": True,
    "has_pending_benefit": False,
    "rent": "6400.00",
    "power": "310.00",
    "home_insurance": "120.00",
    "internet": "0.00",
    "unemployment_fund": "0.00",
    "union_fee": "0.00",
    "work_travel": "0.00",
    "has_special_costs": False,
    "bank_assets": "640.00",
    "has_assets": False,
    "payment_method": "account",
    "same_account": True,
    "account": {"clearing": "5001", "account": "1234563"},
    "consent_read": True,
}


@dataclass(frozen=True)
class Crew:
    """The staff of a municipality who walk a case, by role."""

    caseworker: Actor
    decision_maker: Actor
    payment_approver: Actor


def load(by: Actor) -> None:
    """Give each household of the current principal a finished case for this month. Idempotent.

    Without the system that calculates there is nothing to walk, and nothing is loaded.
    """
    if not any(system.name == SYSTEM for system in settings.SYSTEMS.systems):
        return
    effective = definitions.for_service(FINANCIAL_ASSISTANCE)
    crew = Crew(*(_actor(role) for role in ("caseworker", "decision_maker", "payment_approver")))
    code = current_principal().code
    seen: set[str] = set()
    for one in people.RESIDENTS:
        if one.municipality != code or one.sub in seen:
            continue
        household = [one, *(p for p in people.RESIDENTS if p.sub == one.partner)]
        seen |= {member.sub for member in household}
        persons = [find_person(parse(member.personal_number, test_mode=True)) for member in household]
        found = [person for person in persons if person is not None]
        if (
            len(found) != len(household)
            or Party.objects.filter(person=found[0], case__service_id=FINANCIAL_ASSISTANCE).exists()
        ):
            continue
        walk(apply(effective, household, found), crew)


def _actor(role: str) -> Actor:
    """Return the first member of staff with the role, as after a login."""
    membership = Membership.objects.filter(role=role).select_related("staff", "unit").order_by("pk")[0]
    staff: StaffMember = membership.staff
    unit: Unit = membership.unit
    held = permissions_of([role])
    return Actor(
        kind=ActorKind.STAFF,
        id=staff.pk,
        name=staff.name,
        tenant_id=current_tenant_id(),
        permissions=held | {in_unit(permission, unit.pk) for permission in held},
        unit_ids=frozenset({unit.pk}),
        authority_ids=frozenset({unit.authority_id}),
        assurance=3,
    )


def apply(effective: Effective, household: list[people.Resident], persons: list[Person]) -> Case:
    """Open a case for the present month, as it came in on paper and was registered."""
    month = Month.of(today())
    answers = {**COMMON, **_who(household), "month": str(month), "incomes": _incomes(month, len(household))}
    unit = Unit.objects.get(pk=effective.unit_id)
    evaluation = effective.conditions.evaluate(answers, effective.parameters, {"today": month.first})
    roles = ("applicant", "co_applicant")
    case = open_case(
        NewCase(
            effective=effective,
            title=fill(say(effective.service.case.title), {"month": month.label}),
            unit_id=unit.pk,
            authority_id=unit.authority_id,
            secrecy=effective.service.secrecy.level,
            due_on=month.last,
            parties=[
                NewParty(role=role, person_id=person.pk, name=person.full_name)
                for role, person in zip(roles, persons, strict=False)
            ],
            submission_key=uuid7(),
            answers=answers,
            content_hash=content_hash(answers),
            period=month.first,
            channel="paper",
            filled_in_by="Registrator",
            flags={name: value for name, value in evaluation.flags.items() if value is not None},
        ),
        by=system_actor(current_tenant_id(), "Registrering av papper"),
    )
    assign_number(case)
    return case


def _who(household: list[people.Resident]) -> dict[str, Any]:
    first = household[0]
    town = people.municipality(first.municipality)
    answers: dict[str, Any] = {
        "applicant": _person(first),
        "applicant_address": {
            "street": "Storgatan 1",
            "postal_code": town.postal_code.replace(" ", ""),
            "city": town.city,
        },
        "marital_status": "cohabiting" if len(household) > 1 else "single",
        "has_partner": len(household) > 1,
        "persons_in_home": len(household),
    }
    if len(household) > 1:
        answers |= {
            "co_applicant": _person(household[1]),
            "co_applicant_phone": "+46701740606",
            "co_applicant_email": f"{household[1].sub}@{town.code}.example",
            "co_applicant_citizenship": "sweden",
            "co_occupation": ["sfi"],
        }
    return answers


def _person(one: people.Resident) -> dict[str, str]:
    return {
        "personal_number": one.personal_number,
        "given_name": one.given_name,
        "family_name": one.family_name,
    }


def _incomes(month: Month, adults: int) -> list[dict[str, str]]:
    day = month.first.replace(day=18).isoformat()
    rows = [("bostadsbidrag", "1250.00", "applicant"), ("aktivitetsstod", "2850.00", "applicant")]
    if adults > 1:
        rows.append(("studiemedel", "1900.00", "co_applicant"))
    return [
        {
            "row": f"r{n}",
            "income_kind": kind,
            "income_amount": amount,
            "income_date": day,
            "income_person": who,
        }
        for n, (kind, amount, who) in enumerate(rows, start=1)
    ]


def walk(case: Case, crew: Crew) -> None:
    """Walk a case to its end: granted by the calculation, paid, closed."""
    from sambruk.systems.financial_assistance.actions import calculation

    _do(case.pk, "take", {}, crew.caseworker)
    _do(case.pk, "do:review", {"review_result": "calculate"}, crew.caseworker)
    calculation.approve(case_id=case.pk, by=crew.caseworker)
    _run_system(case.pk)
    _do(case.pk, "propose:propose", {"kind": "grant", "phrases": ["calculation_attached"]}, crew.caseworker)
    _do(case.pk, _offered(case.pk, "decide:", crew.decision_maker), {}, crew.decision_maker)
    _do(case.pk, "approve_payment", {"checked": "Samma konto som månaden före"}, crew.payment_approver)


def _offered(case_id: UUID, prefix: str, by: Actor) -> str:
    case = Case.objects.get(pk=case_id)
    return next(offer.id for offer in commands.offers(case, by) if offer.id.startswith(prefix))


def _do(case_id: UUID, command: str, data: dict[str, Any], by: Actor) -> None:
    commands.run(case_id=case_id, command=command, data=data, by=by)
    _run_system(case_id)


def _run_system(case_id: UUID) -> None:
    """Do the system's steps at once; the worker finds them done."""
    while task := Task.objects.filter(case_id=case_id, state="open", done_by_kind="system").first():
        do_handler(task.pk)
