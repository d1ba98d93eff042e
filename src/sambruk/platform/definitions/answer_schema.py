"""The answers of a service as JSON Schema (2020-12), for systems that read or send them.

Conditions are not in it: what is asked only sometimes is never required here. ``answers/wire.py`` has the
table of types, ``answers/validate.py`` the full check.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sambruk.platform.definitions.answers.wire import OPTIONAL_PARTS, PARTS, ROW_ID
from sambruk.platform.definitions.language import (
    AnswerField,
    InformationField,
    RepeatingGroupField,
    Service,
    computed_of,
    say,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: dict[str, Any] = {"type": "string"}
_PATTERNS = {
    "amount": r"^-?[0-9]{1,9}\.[0-9]{2}$",
    "month": r"^[0-9]{4}-(0[1-9]|1[0-2])$",
    "phone": r"^\+[1-9][0-9]{6,14}$",
}


def answer_schema(service: Service) -> dict[str, Any]:
    """Return the schema of a whole application's answers."""
    fields = [field for step in service.steps for field in step.fields]
    always = {field.id for step in service.steps if step.when is None for field in step.fields}
    schema = _object(fields)
    schema["required"] = [name for name in schema["required"] if name in always]
    return {"$schema": DIALECT, "title": say(service.title), **schema}


def _object(fields: Iterable[Any]) -> dict[str, Any]:
    asked: list[AnswerField] = [field for field in fields if not isinstance(field, InformationField)]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.id: _with_texts(field) for field in asked},
        "required": [
            field.id
            for field in asked
            if field.required and field.when is None and computed_of(field) is None
        ],
    }


def _with_texts(field: AnswerField) -> dict[str, Any]:
    schema = {"title": say(field.label), **_of_type(field)}
    if field.help:
        schema["description"] = say(field.help)
    if computed_of(field) is not None:
        schema["readOnly"] = True
    return schema


def _of_type(field: AnswerField) -> dict[str, Any]:
    """Return the schema of a field's answer in wire format."""
    if isinstance(field, RepeatingGroupField):
        row = _object(field.fields)
        row["properties"] = {"row": {**_TEXT, "pattern": f"^{ROW_ID.pattern}$"}, **row["properties"]}
        return {"type": "array", "minItems": field.min_rows, "maxItems": field.max_rows, "items": row}
    match field.type:
        case "text" | "long_text":
            text = {**_TEXT, "minLength": field.min_length, "maxLength": field.max_length}
            pattern = getattr(field, "pattern", None)
            return {**text, "pattern": f"^(?:{pattern})$"} if pattern else text
        case "number":
            return {"type": "integer", "minimum": field.min, "maximum": field.max}
        case "yes_no":
            return {"type": "boolean"}
        case "choice":
            return {"enum": [option.id for option in field.options]}
        case "choices":
            chosen = {"enum": [option.id for option in field.options]}
            most = field.max_chosen or len(field.options)
            return {"type": "array", "items": chosen, "uniqueItems": True, "maxItems": most}
        case "file":
            return {"type": "array", "maxItems": field.max_files, "items": _file()}
        case "date" | "email":
            return {**_TEXT, "format": field.type}
        case "amount" | "month" | "phone":
            return {**_TEXT, "pattern": _PATTERNS[field.type]}
        case _:
            return _composite(field.type)


def _composite(kind: str) -> dict[str, Any]:
    parts = PARTS[kind]
    optional = OPTIONAL_PARTS.get(kind, set())
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {part: {**_TEXT, "title": title} for part, title in parts.items()},
        "required": [part for part in parts if part not in optional],
    }


def _file() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "id": {**_TEXT, "format": "uuid"},
            "name": _TEXT,
            "size": {"type": "integer"},
            "mime": _TEXT,
            "sha256": _TEXT,
        },
        "required": ["id"],
    }
