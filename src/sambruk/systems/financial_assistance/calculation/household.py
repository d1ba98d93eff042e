"""The input of a calculation: the household's persons, costs and incomes, and local practice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sambruk.systems.financial_assistance.calculation.fields import Kronor, Model, MonthPeriod
from sambruk.systems.financial_assistance.calculation.law import cost_kinds, income_kinds
from sambruk.systems.financial_assistance.calculation.norms import OLDEST_CHILD

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Text = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]
Origin = Literal["applicant", "system", "caseworker"]


def _fault(text: str) -> PydanticCustomError:
    return PydanticCustomError("household", "{text}", {"text": text})


class Settings(Model):
    """Local practice, where the law's sources leave a choice. The defaults are documented, not the law's.

    `divisor`: days of a child or adult who is there part of the month are divided by 30 or by the month's
    days. `visiting_child_in_common`: an umgängesbarn counts in the common costs as a whole person, by its
    days, or not at all. `lodger_share`: a lodger gets one share of the dwelling's common costs, or one for
    each person included. `rounding` of a positive result to whole kronor; `half_up` is the default
    (unverified rule).
    `age_on`: the day of the month on which a child's age is taken (unverified rule).
    """

    divisor: Literal["thirty", "actual"] = "actual"
    visiting_child_in_common: Literal["whole", "proportional", "none"] = "whole"
    lodger_share: Literal["included", "one"] = "included"
    rounding: Literal["half_up", "up", "down", "none"] = "half_up"
    age_on: Literal["first_day", "last_day"] = "first_day"


class Person(Model):
    """A member of the household.

    Children have `age` (whole years) or `born`, and from 18 must be in upper secondary school to be counted.
    `days` is how many days of the month the person lives in the household (none: all); children who live
    there by turns (`alternating`) or visit (`visiting`) must have it. `decided_norm` is the caseworker's own
    personal norm in kronor a month, with its reason, where the table has none.
    """

    id: Identifier
    role: Literal["adult", "child"]
    name: Text = ""
    age: Annotated[int, Field(ge=0, le=OLDEST_CHILD, strict=True)] | None = None
    born: date | None = None
    upper_secondary: bool = False
    included: bool = True
    excluded_reason: Text = ""
    days: Annotated[int, Field(ge=0, le=31, strict=True)] | None = None
    residence: Literal["full", "alternating", "visiting"] = "full"
    lunch_away: bool = False
    job_stimulus: MonthPeriod | None = None
    work_income_this_year: Kronor = Decimal("0.00")
    decided_norm: Kronor | None = None
    decided_norm_reason: Text = ""

    @model_validator(mode="after")
    def _consistent(self) -> Person:
        if self.role == "child" and (self.age is None) == (self.born is None):
            raise _fault("Ange barnets ålder (age) eller födelsedag (born), en av dem.")
        if self.role == "adult" and (self.age is not None or self.residence != "full" or self.lunch_away):
            raise _fault("Ålder, boende och lunch anges bara för barn.")
        if self.residence != "full" and self.days is None:
            raise _fault("Ange antal dagar (days) för ett barn som bor växelvis eller är på umgänge.")
        if self.decided_norm is not None and not self.decided_norm_reason:
            raise _fault("Ange skälet (decided_norm_reason) till den norm som handläggaren bestämt.")
        return self

    @property
    def label(self) -> str:
        """The name, or the role in Swedish."""
        return self.name or {"adult": "Vuxen", "child": "Barn"}[self.role]


class Dwelling(Model):
    """The dwelling: how many live there in all (none: the persons listed), and whether as a lodger."""

    persons: Annotated[int, Field(ge=1, le=50, strict=True)] | None = None
    lodger: bool = False

    @model_validator(mode="after")
    def _lodger_among_others(self) -> Dwelling:
        if self.lodger and (self.persons or 0) < 2:
            raise _fault("Ange hur många som bor i bostaden (persons, minst 2) för den som är inneboende.")
        return self


class _Line(Model):
    id: Identifier | None = None
    type: str
    label: Text = ""
    person: Identifier | None = None
    reason: Text = ""
    origin: Origin = "applicant"
    struck: bool = False


class _Assessed(_Line):
    """A line with what was applied for, what the process allows and what the caseworker decided (kronor).

    ``amount`` is short for applied and process alike. The effective amount is the caseworker's, otherwise
    the process's; a line without either is not assessed yet.
    """

    applied: Kronor | None = None
    process: Kronor | None = None
    caseworker: Kronor | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, dict) and "amount" in data:
            if {"applied", "process"} & set(data):
                raise _fault("Skriv antingen amount, eller applied och process, inte båda.")
            data = dict(data)
            data["applied"] = data["process"] = data.pop("amount")
        return data

    @property
    def effective(self) -> Decimal | None:
        """Caseworker's amount, otherwise the process's; None where not assessed."""
        return self.process if self.caseworker is None else self.caseworker


class Cost(_Assessed):
    """A cost of the month; `type` is a key of the kinds of costs."""

    @model_validator(mode="after")
    def _known(self) -> Cost:
        _known_kind(self.type, cost_kinds(), "kostnadstyp")
        return self


class Income(_Assessed):
    """An income of the month, net after tax; `counted` overrides the kind, and false needs a reason."""

    gross: Kronor | None = None
    counted: bool | None = None

    @model_validator(mode="after")
    def _known(self) -> Income:
        _known_kind(self.type, income_kinds(), "inkomsttyp")
        if self.counted is False and not self.reason and not income_kinds()[self.type].reason:
            raise _fault("Ange varför inkomsten inte räknas (reason).")
        return self


class Reduction(_Line):
    """What lowers the assistance beside incomes: assets, excess from last month, other. Kronor."""

    type: Literal["assets", "excess_last_month", "other"]
    amount: Kronor

    @model_validator(mode="after")
    def _reasoned(self) -> Reduction:
        if self.type == "other" and not self.reason:
            raise _fault("Ange skälet (reason) till avdraget.")
        return self


def _known_kind(key: str, kinds: Iterable[str], noun: str) -> None:
    if key not in kinds:
        raise _fault(
            f"Det finns ingen {noun} som heter {key[:60]!r}. Välj en av: {', '.join(sorted(kinds))}."
        )


class Household(Model):
    """One household's month. Persons first; at most two adults, who then are a couple."""

    schema_version: Literal[1] = 1
    persons: Annotated[tuple[Person, ...], Field(min_length=1, max_length=40)]
    dwelling: Dwelling = Dwelling()
    costs: Annotated[tuple[Cost, ...], Field(max_length=300)] = ()
    incomes: Annotated[tuple[Income, ...], Field(max_length=300)] = ()
    reductions: Annotated[tuple[Reduction, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Household:
        adults = sum(person.role == "adult" for person in self.persons)
        if not 1 <= adults <= 2:
            raise _fault(
                "Ett hushåll har en eller två vuxna (role: adult). "
                "Andra vuxna i bostaden räknas i dwelling.persons."
            )
        lines = (*self.costs, *self.incomes, *self.reductions)
        ids = [person.id for person in self.persons]
        for names, noun in ((ids, "personer"), ([line.id for line in lines if line.id], "rader")):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise _fault(f"Flera {noun} har samma id: {', '.join(twice)}.")
        for line in lines:
            if line.person is not None and line.person not in ids:
                raise _fault(
                    f"Raden {line.label or line.type} hör till {line.person!r}, som inte finns i persons."
                )
        return self


class HouseholdFile(Household):
    """A household with the settings beside it, as a file for trial calculations."""

    settings: Settings = Settings()

    def household(self) -> Household:
        """Return the household alone."""
        return Household.model_validate({name: getattr(self, name) for name in Household.model_fields})
