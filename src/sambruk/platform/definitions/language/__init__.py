"""The language that services are written in, version 1. Its JSON Schema is docs/service-schema.json."""

from sambruk.platform.definitions.language.base import Citation, Count, Mark, ParameterRef, Part, Term, say
from sambruk.platform.definitions.language.fields import (
    AnswerField,
    Field,
    FieldBase,
    InformationField,
    Option,
    Parameter,
    PlaceField,
    RepeatingGroupField,
    RowField,
    computed_of,
)
from sambruk.platform.definitions.language.form import Signature, Step
from sambruk.platform.definitions.language.process import BUILT_IN_FLAGS, TaskDeclaration
from sambruk.platform.definitions.language.service import Service

__all__ = [
    "BUILT_IN_FLAGS",
    "AnswerField",
    "Citation",
    "Count",
    "Field",
    "FieldBase",
    "InformationField",
    "Mark",
    "Option",
    "Parameter",
    "ParameterRef",
    "Part",
    "PlaceField",
    "RepeatingGroupField",
    "RowField",
    "Service",
    "Signature",
    "Step",
    "TaskDeclaration",
    "Term",
    "computed_of",
    "say",
]
