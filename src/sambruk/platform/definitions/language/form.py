"""The form: steps, what is asked before it, who signs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as PydanticField

from sambruk.platform.definitions.language.base import Cel, Count, Id, Line, Part, Text
from sambruk.platform.definitions.language.fields import ChoiceField, Field, YesNoField


class Step(Part):
    """One page of the form. A step whose `when` does not hold is passed by."""

    id: Id
    title: Text
    help: Text | None = None
    when: Cel | None = None
    fields: list[Field] = PydanticField(min_length=1, max_length=100)


class GateRule(Part):
    """What stops somebody before the form, or is worth knowing; always with what to do instead."""

    id: Id
    when: Cel
    then: Literal["stop", "advise"] = "stop"
    title: Text
    instead: Text
    link: Line | None = None


class Eligibility(Part):
    """Asked before the form begins. Conditions may name the questions, the parameters and `context`."""

    questions: list[YesNoField | ChoiceField] = []
    rules: list[GateRule] = PydanticField(min_length=1)


class PartyDeclaration(Part):
    """A part in the matter: the field that says who it is, and whether that person logs in and signs."""

    label: Text
    person: Id | None = None
    when: Cel | None = None


class Signature(Part):
    """A party signs what was filled in, and attests these sentences."""

    party: Id
    attests: list[Id] = PydanticField(min_length=1)
    when: Cel | None = None


class Login(Part):
    """What login is asked for (0 none, 2-4 as in Tillitsramverket), and the way for those who have none."""

    assurance: Literal[0, 2, 3, 4]
    without_login: Literal["no", "anonymous", "print_and_sign"] = "no"
    acting_for: bool = False


class Period(Part):
    """The month that an application concerns: one application for a household and month."""

    type: Literal["monthly"]
    field: Id
    opens_days_before: Count
    closes_days_after_end: Count = 0
    unique_for: Literal["household", "person"] = "household"
