"""Turns a validation error into Swedish sentences, each with the field that it concerns."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

_TEXTS = {
    "missing": "Fältet saknas. Lägg till det.",
    "int_type": "Skriv ett heltal.",
    "int_parsing": "Skriv ett heltal.",
    "int_from_float": "Skriv ett heltal.",
    "bool_parsing": "Skriv true eller false.",
    "bool_type": "Skriv true eller false.",
    "string_type": "Skriv text.",
    "string_pattern_mismatch": "Skriv a–z, siffror, punkt, bindestreck eller understreck, högst 64 tecken.",
    "tuple_type": "Skriv en lista, en rad per post som börjar med bindestreck.",
    "model_type": "Skriv fält med kolon, till exempel id: anna.",
    "model_attributes_type": "Skriv fält med kolon, till exempel id: anna.",
    "date_type": "Skriv datumet som 2015-03-04.",
    "date_from_datetime_parsing": "Skriv datumet som 2015-03-04.",
    "date_parsing": "Skriv datumet som 2015-03-04.",
}


def sentence(error: Any, model: type[BaseModel]) -> str:
    """Return one pydantic error (an entry of ``errors()``) as a Swedish sentence that says what to write."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        near = get_close_matches(name, _field_names(model), n=1)
        return f"Fältet finns inte. Menade du {near[0]}?" if near else "Fältet finns inte. Ta bort det."
    if kind == "literal_error":
        return f"Välj något av {str(context['expected']).replace(' or ', ' eller ')}."
    if kind in ("greater_than_equal", "less_than_equal"):
        word, limit = ("minst", context.get("ge")) if "ge" in context else ("högst", context.get("le"))
        return f"Värdet ska vara {word} {limit}."
    if kind == "string_too_long":
        return f"Texten får vara högst {context['max_length']} tecken."
    if kind == "too_long":
        return f"Listan får ha högst {context['max_length']} poster."
    if kind == "too_short":
        return "Listan är tom. Ange minst en post."
    if kind in ("month", "amount", "household"):
        return str(error["msg"])
    return _TEXTS.get(kind, "Värdet kan inte läsas. Kontrollera hur fältet skrivs.")


def place(location: tuple[str | int, ...]) -> str:
    """Return where the error is: ``costs[2].applied``, entries counted from 1."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def sentences(error: ValidationError, model: type[BaseModel]) -> dict[str, str]:
    """Return every fault by its place; the key is empty where it concerns the whole."""
    return {place(fault["loc"]): sentence(fault, model) for fault in error.errors(include_url=False)}


def _field_names(model: type[BaseModel]) -> list[str]:
    """Return the names of the fields of a model and of those in it."""
    found: set[str] = set()
    seen: set[type[BaseModel]] = set()

    def walk(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
            seen.add(kind)
            for name, field in kind.model_fields.items():
                found.add(name)
                walk(field.annotation)
        for inner in getattr(kind, "__args__", ()):
            walk(inner)

    walk(model)
    return sorted(found | {"amount"})
