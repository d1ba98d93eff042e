"""A municipality that offers the service, its staff, and households that apply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.platform.documents.pdf_text import pdf_text
from tests.support import people

from sambruk.common.actor import Actor, anonymous_actor, system_actor
from sambruk.common.ids import uuid7
from sambruk.platform.cases import commands
from sambruk.platform.cases.actions.opening import NewCase, NewParty, open_case
from sambruk.platform.cases.models import Case, Decision, Task
from sambruk.platform.cases.numbers import assign_number
from sambruk.platform.cases.process import running
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions import effective
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.documents.queries import open_document
from sambruk.platform.identity.models import Person, StaffMember, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import current_principal, current_tenant_id
from sambruk.systems.financial_assistance.service import SERVICE

FOLDER = Path(__file__).parents[3] / "services" / SERVICE
DEBTOR = {"iban": "SE4550000000058398257466", "bic": "ESSESESS"}


def example(name: str) -> dict[str, Any]:
    """The answers of one of the service's own examples, in wire format (dates as text)."""
    content = YAML(typ="safe", pure=True).load((FOLDER / "examples" / name).read_text("utf-8"))
    answers: dict[str, Any] = _as_wire(content["answers"])
    return answers


def _as_wire(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_wire(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_wire(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


SINGLE = "01-ensam-bifall.yaml"


@dataclass
class Office:
    """A unit with somebody in each role, and what they do."""

    unit: Unit
    caseworker: Actor
    decider: Actor
    approver: Actor
    accounts: dict[str, StaffMember]

    def apply(self, person: Person | None = None, *, month: date = date(2026, 12, 1), **answers: Any) -> Case:
        """An application that has come in: the single household of the examples, with other answers."""
        given = {**example(SINGLE), "month": f"{month:%Y-%m}", **answers}
        applicant = person or people.person("Maja", personal_number="199006022397")
        case = open_case(
            NewCase(
                effective=effective.for_service(SERVICE),
                title="Ekonomiskt bistånd",
                unit_id=self.unit.pk,
                authority_id=self.unit.authority_id,
                secrecy="social",
                due_on=date(2026, 12, 10),
                parties=(
                    NewParty(
                        role="applicant",
                        person_id=applicant.pk,
                        name="" if applicant.is_protected else applicant.full_name,
                        protected=applicant.is_protected,
                    ),
                ),
                submission_key=uuid7(),
                answers=given,
                content_hash="a" * 64,
                period=month,
                flags={"couple": False, "children_present": False, "eviction_risk": False},
            ),
            by=anonymous_actor(current_tenant_id()),
        )
        assign_number(case)
        return case

    def do(self, case: Case, command: str, by: Actor, **data: Any) -> str:
        """Run a command as the case page does, then what the system does by itself after it."""
        said = commands.run(case_id=case.pk, command=command, data=data, by=by)
        self.system(case)
        return said

    def system(self, case: Case) -> None:
        """Run the open steps of the system, as its worker does."""
        while task := Task.objects.filter(case=case, state="open", done_by_kind="system").first():
            task.case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
            running.run_handler(task)
        case.refresh_from_db()

    def review(self, case: Case) -> Case:
        """The application is enough to calculate on."""
        self.do(case, "do:review", self.caseworker, review_result="calculate", adoption_or_placement="no")
        return case

    def approve(self, case: Case) -> None:
        """The calculation is approved as it stands."""
        from sambruk.systems.financial_assistance.actions import calculation

        calculation.approve(case_id=case.pk, by=self.caseworker)
        case.refresh_from_db()

    def decide(self, case: Case, kind: str = "grant", **data: Any) -> None:
        """Proposed by one, made by another; letter and payment order follow."""
        self.do(case, "propose:propose", self.caseworker, kind=kind, **data)
        self.do(case, "decide:decide_other", self.decider)

    def ordered(self, person: Person | None = None, **answers: Any) -> Case:
        """A case all the way to an order that waits to be approved."""
        case = self.review(self.apply(person, **answers))
        self.approve(case)
        self.decide(case)
        return case


@pytest.fixture
def office(tenant: object) -> Office:
    """Järfälla offers the service, and pays from an account of its own."""
    return make_office("ekonomi")


@pytest.fixture
def answers() -> dict[str, Any]:
    """The answers of the single household."""
    return example(SINGLE)


def make_office(slug: str, **parameters: Any) -> Office:
    """The service offered by a unit of the current tenant."""
    unit = people.unit(slug)
    administrator = system_actor(current_tenant_id(), "test", frozenset(map(str, Permission)))
    definitions.publish_loaded(loaded=load_folder(FOLDER), by=administrator)
    definitions.adopt(service=SERVICE, units={"default": unit.pk}, parameters=parameters, by=administrator)
    principal = current_principal()
    principal.org_number = "212000-0043"
    principal.settings = {"payments": DEBTOR}
    principal.save(update_fields=["org_number", "settings"])
    accounts = {
        role: people.staff(f"{role}-{slug}", role, at=unit)
        for role in ("caseworker", "decision_maker", "payment_approver")
    }
    return Office(
        unit=unit,
        caseworker=people.actor(accounts["caseworker"]),
        decider=people.actor(accounts["decision_maker"]),
        approver=people.actor(accounts["payment_approver"]),
        accounts=accounts,
    )


def squeezed(text: str) -> str:
    """A text without its spaces, as a PDF's text is read back."""
    return "".join(text.split())


def letter_text(decision: Decision) -> str:
    """What the letter of a decision says, without spaces."""
    assert decision.letter is not None
    return squeezed(pdf_text(open_document(decision.letter).read()))
