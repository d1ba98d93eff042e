"""The names that a service's conditions may use, their kinds, and what each stands on."""

from __future__ import annotations

from dataclasses import dataclass, field

from sambruk.platform.definitions.conditions.functions import Kind
from sambruk.platform.definitions.language import (
    AnswerField,
    InformationField,
    Parameter,
    RepeatingGroupField,
    Service,
    Step,
)

#: What the platform knows when a form is filled in. Facts that nobody could give are unanswered.
CONTEXT: dict[str, Kind] = {
    "context.today": Kind.INT,
    "context.channel": Kind.STRING,
    "context.logged_in": Kind.BOOL,
    "context.assurance": Kind.INT,
    "context.acting_for_other": Kind.BOOL,
    "context.protected_identity": Kind.BOOL,
    "context.registered_here": Kind.BOOL,
    "context.has_earlier_case": Kind.BOOL,
    "context.has_open_case": Kind.BOOL,
    "context.days_since_closed": Kind.INT,
    "context.already_applied": Kind.BOOL,
}

_FIELD_KINDS = {
    "text": Kind.STRING,
    "long_text": Kind.STRING,
    "number": Kind.INT,
    "amount": Kind.INT,
    "date": Kind.INT,
    "month": Kind.INT,
    "yes_no": Kind.BOOL,
    "choice": Kind.STRING,
    "choices": Kind.STRINGS,
    "person": Kind.OPAQUE,
    "address": Kind.OPAQUE,
    "email": Kind.STRING,
    "phone": Kind.STRING,
    "bank_account": Kind.OPAQUE,
    "file": Kind.ROWS,
    "place": Kind.OPAQUE,
    "repeating_group": Kind.ROWS,
}
_COLUMNS = {Kind.INT: Kind.INTS, Kind.BOOL: Kind.BOOLS, Kind.STRING: Kind.STRINGS}
#: Parts of composite answers that conditions may name.
PARTS: dict[str, dict[str, Kind]] = {
    "person": {"birth_day": Kind.INT, "age": Kind.INT},
    "address": {"postal_code": Kind.STRING, "city": Kind.STRING},
    "place": {"has_position": Kind.BOOL, "has_address": Kind.BOOL},
}


def kind_of(answer: AnswerField | Parameter) -> Kind:
    """Return the kind of value that a field or parameter is in a condition."""
    return _FIELD_KINDS[answer.type]


@dataclass
class Names:
    """Names by kind; `owner` says whose field (or gate question) each belongs to."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, kind: Kind, owner: str | None = None) -> None:
        """Add a name, and the thing that it depends on (None for parameters and context)."""
        self.kinds[name] = kind
        if owner is not None:
            self.owner[name] = owner

    def add_field(self, answer: AnswerField, owner: str | None = None) -> None:
        """Add a field's own name and those of its parts."""
        kind = kind_of(answer)
        self.add(answer.id, kind, owner or answer.id)
        for part, part_kind in PARTS.get(answer.type, {}).items():
            self.add(f"{answer.id}.{part}", part_kind, owner or answer.id)


def base_names(service: Service) -> Names:
    """Return the names that stand everywhere: `context.…` and `parameters.…`."""
    names = Names()
    for name, kind in CONTEXT.items():
        names.add(name, kind)
    for key, parameter in service.parameters.items():
        names.add(f"parameters.{key}", kind_of(parameter))
    return names


def gate_names(service: Service) -> Names:
    """Return the names for the rules that are asked before the form."""
    names = base_names(service)
    for question in service.eligibility.questions if service.eligibility else ():
        names.add_field(question)
    return names


def form_names(service: Service) -> Names:
    """Return the names for conditions on steps and fields: every field, and the columns of every group."""
    names = base_names(service)
    for step in service.steps:
        for answer in answer_fields(step):
            names.add_field(answer)
            if isinstance(answer, RepeatingGroupField):
                for inner in row_fields(answer):
                    if (column := _COLUMNS.get(kind_of(inner))) is not None:
                        names.add(f"{answer.id}.{inner.id}", column, answer.id)
    return names


def row_names(outer: Names, group: RepeatingGroupField) -> Names:
    """Return the names inside a group: the row's own fields beside all others but the group itself."""
    names = Names(
        {name: kind for name, kind in outer.kinds.items() if outer.owner.get(name) != group.id},
        {name: owner for name, owner in outer.owner.items() if owner != group.id},
    )
    for inner in row_fields(group):
        names.add_field(inner)
    return names


def process_names(service: Service) -> dict[str, Kind]:
    """Return the names for conditions on sequence flows: flags, the platform's own flags, parameters."""
    kinds = {f"parameters.{key}": kind_of(parameter) for key, parameter in service.parameters.items()}
    kinds |= {key: _FIELD_KINDS[flag.type] for key, flag in service.flags.items()}
    return kinds | {"decision": Kind.STRING, "outcome": Kind.STRING, "handover": Kind.STRING}


def answer_fields(step: Step) -> list[AnswerField]:
    """Return a step's fields that take an answer."""
    return [one for one in step.fields if not isinstance(one, InformationField)]


def row_fields(group: RepeatingGroupField) -> list[AnswerField]:
    """Return a group's fields that take an answer."""
    return [one for one in group.fields if not isinstance(one, InformationField)]
