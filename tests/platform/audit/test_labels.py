"""Everything that the code writes in the log has a Swedish name for whoever reads it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sambruk
from sambruk.platform.audit import labels

EVENT = re.compile(r"[a-z_]+\.[a-z_]+")
TREES = [
    ast.parse(file.read_text(encoding="utf-8"))
    for file in sorted(Path(sambruk.__file__).parent.rglob("*.py"))
    if "migrations" not in file.parts
]


def _texts(node: ast.expr | None) -> Iterator[str]:
    """Yield the literals that an expression can be: itself, or either side of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _nodes() -> Iterator[ast.AST]:
    for tree in TREES:
        yield from ast.walk(tree)


def _events() -> set[str]:
    """Return what is given as an event: by that keyword, or to a function of ours that takes one."""
    nodes = list(_nodes())
    takes = {
        one.name
        for one in nodes
        if isinstance(one, ast.FunctionDef)
        and any(
            arg.arg == "event" and isinstance(arg.annotation, ast.Name) and arg.annotation.id == "str"
            for arg in (*one.args.args, *one.args.kwonlyargs)
        )
    }
    found: set[str] = set()
    for one in nodes:
        if not isinstance(one, ast.Call):
            continue
        given = [word.value for word in one.keywords if word.arg in ("event", "verb")]
        if getattr(one.func, "attr", getattr(one.func, "id", "")) in takes:
            given += one.args
        found |= {text for value in given for text in _texts(value) if EVENT.fullmatch(text)}
    return found


def _fields() -> set[str]:
    """Return the literal names of fields that are given with an event."""
    return {
        text
        for one in _nodes()
        if isinstance(one, ast.Call)
        for word in one.keywords
        if word.arg == "fields" and isinstance(word.value, ast.Dict)
        for key in word.value.keys
        for text in _texts(key)
    }


def test_every_event_and_field_that_the_code_records_has_a_swedish_name() -> None:
    events, fields = _events(), _fields()
    assert {"case.taken", "draft.expired", "message.sent"} <= events
    assert {event for event in events if labels.label_of(event) == event} == set()
    assert {"version", "content", "assignee"} <= fields
    same = {"version"}  # the Swedish word is the same
    assert {field for field in fields if labels.field_label(field) == field} <= same


def test_a_row_that_is_named_by_its_id_is_a_row() -> None:
    assert labels.field_label("0190b6a0-7c1e-7000-8000-000000000001") == "rad"
    assert labels.field_label("0190b6a0") == "0190b6a0"


def test_a_field_has_one_name() -> None:
    with pytest.raises(ValueError, match="something else"):
        labels.register_fields({"amount": "summa"})
