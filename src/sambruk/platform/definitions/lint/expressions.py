"""Conditions: types and names, circles, what is never or always true, and what is not answered."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sambruk.platform.definitions.conditions.cel import CelError, Environment, Program
from sambruk.platform.definitions.conditions.compiled import Compiled, Node, compile_service
from sambruk.platform.definitions.conditions.functions import Kind
from sambruk.platform.definitions.conditions.names import (
    CONTEXT,
    PARTS,
    base_names,
    gate_names,
    kind_of,
    row_fields,
)
from sambruk.platform.definitions.language import (
    AnswerField,
    InformationField,
    RepeatingGroupField,
    computed_of,
)
from sambruk.platform.definitions.lint.domains import Name, try_out
from sambruk.platform.definitions.lint.index import Index
from sambruk.platform.definitions.yaml_file import Path

#: What the platform always knows.
_ALWAYS = {"context.today", "context.channel", "context.logged_in", "context.assurance"}
_BARE = re.compile(r"([a-z][a-z0-9_.]*)\s*(?:[<>]=?|[=!]=)\s*([1-9][0-9]*)\b(?!\s*\))")


def lint_expressions(index: Index) -> None:
    """Check every condition of the form and the gate."""
    compiled = compile_service(index.loaded.service)
    for problem in compiled.problems:
        path = _path(index, problem.owner, problem.key)
        rule = "condition.cycle" if problem.cycle else "condition.type"
        instead = "Bryt cirkeln." if problem.cycle else "Rätta villkoret."
        line = index.loaded.source.line(path) + problem.line - 1
        index.add(path, rule, f"{problem.owner}.{problem.key}: {problem.message}", instead, line=line)
    known = _known(index)
    for node in compiled.order:
        _node(index, node, known)
        for row in node.rows:
            _node(index, row, _row_known(index, node, known))
    for key, program in compiled.flags.items():
        _judge(index, program, known, ("flags", key, "is"), f"flags.{key}.is", branch=False)
    _gate(index)
    _bounds(index)
    _amounts(index, compiled)


def _path(index: Index, owner: str, key: str) -> Path:
    if owner.startswith("flags."):
        return ("flags", owner.removeprefix("flags."), key)
    return index.path(owner, key)


def _node(index: Index, node: Node, known: Mapping[str, Name]) -> None:
    for key in ("when", "required_when", "computed"):
        program: Program | None = getattr(node, key)
        if program is not None:
            _judge(
                index, program, known, index.path(node.id, key), f"{node.id}.{key}", branch=key != "computed"
            )


def _judge(
    index: Index, program: Program, known: Mapping[str, Name], path: Path, where: str, *, branch: bool
) -> None:
    tried = try_out(program, {name: known[name] for name in program.names})
    if not tried.complete:
        return
    if tried.lacking and program.kind is Kind.BOOL:
        names = ", ".join(sorted(tried.lacking))
        index.add(
            path,
            "condition.unanswered",
            f"{where} kan inte avgöras när {names} inte är besvarad.",
            "Skriv till exempel yes(fråga), no(fråga) eller answered(fråga) && …",
        )
    for failure in sorted(tried.failures)[:1]:
        index.add(path, "condition.fails", f"{where} kan ge fel: {failure}", "Rätta villkoret.")
    if branch and tried.values and True not in tried.values:
        index.add(
            path,
            "condition.never",
            f"{where} är aldrig sant.",
            "Ta bort det som aldrig visas, eller rätta det.",
        )
    if branch and tried.values == {True} and not tried.lacking:
        index.add(path, "condition.always", f"{where} är alltid sant.", "Ta bort villkoret.", warning=True)
    _unequal(index, program, known, path, where)


def _unequal(index: Index, program: Program, known: Mapping[str, Name], path: Path, where: str) -> None:
    """`x != "a"` is true of an unanswered x as well, which its author seldom means."""
    for name in program.names:
        if (
            known[name].may_lack
            and re.search(rf"\b{re.escape(name)}\s*!=\s*[^n\s]", program.text)
            and f"answered({name})" not in program.text
        ):
            index.add(
                path,
                "condition.unanswered",
                f"{where}: {name} != … gäller även när {name} inte är besvarad.",
                f"Skriv answered({name}) && {name} != …",
            )


def _known(index: Index) -> dict[str, Name]:
    """What conditions on steps and fields may name."""
    known = _outer(index)
    for step in index.loaded.service.steps:
        for one in step.fields:
            if isinstance(one, InformationField):
                continue
            lacking = not (one.required and one.when is None and step.when is None)
            _add_field(known, one, lacking)
            if isinstance(one, RepeatingGroupField):
                for inner in row_fields(one):
                    column = {Kind.INT: Kind.INTS, Kind.BOOL: Kind.BOOLS, Kind.STRING: Kind.STRINGS}
                    if (kind := column.get(kind_of(inner))) is not None:
                        known[f"{one.id}.{inner.id}"] = Name(kind, _options(inner), may_lack=False)
    return known


def _outer(index: Index) -> dict[str, Name]:
    known = {name: Name(kind, may_lack=name not in _ALWAYS) for name, kind in CONTEXT.items()}
    channels = tuple(index.loaded.service.channels)
    known["context.channel"] = Name(Kind.STRING, channels, may_lack=False)
    for key, parameter in index.loaded.service.parameters.items():
        options = tuple(option.id for option in parameter.options or ())
        known[f"parameters.{key}"] = Name(kind_of(parameter), options, may_lack=False)
    return known


def _add_field(known: dict[str, Name], one: AnswerField, lacking: bool) -> None:
    # A group with no rows is an empty list, never unanswered; a computed value waits for what it is made of.
    may_lack = (lacking or computed_of(one) is not None) and not isinstance(one, RepeatingGroupField)
    known[one.id] = Name(kind_of(one), _options(one), may_lack=may_lack)
    for part, kind in PARTS.get(one.type, {}).items():
        always = one.type != "person" or getattr(one, "identify", "") == "personal_number"
        known[f"{one.id}.{part}"] = Name(
            kind, may_lack=may_lack or not always, part_of=one.id if always else ""
        )


def _options(one: AnswerField) -> tuple[str, ...]:
    return tuple(option.id for option in getattr(one, "options", None) or ())


def _row_known(index: Index, node: Node, known: Mapping[str, Name]) -> dict[str, Name]:
    group = node.item
    own = dict(known)
    if isinstance(group, RepeatingGroupField):
        for inner in row_fields(group):
            _add_field(own, inner, not (inner.required and inner.when is None))
    return own


def _gate(index: Index) -> None:
    gate = index.loaded.service.eligibility
    if gate is None:
        return
    environment = Environment(gate_names(index.loaded.service).kinds)
    known = _outer(index)
    for question in gate.questions:
        _add_field(known, question, not question.required)
    for position, rule in enumerate(gate.rules):
        path: Path = ("eligibility", "rules", position, "when")
        try:
            program = environment.compile(rule.when)
        except CelError as error:
            index.add(path, "condition.type", f"{rule.id}.when: {error.message}", "Rätta villkoret.")
            continue
        _judge(index, program, known, path, f"{rule.id}.when", branch=True)


def _bounds(index: Index) -> None:
    """`earliest` and `latest` may name parameters and what the platform always knows."""
    environment = Environment(base_names(index.loaded.service).kinds)
    for one in index.fields.values():
        for key in ("earliest", "latest"):
            text = getattr(one, key, None)
            if text is None:
                continue
            try:
                environment.compile(text, Kind.INT)
            except CelError as error:
                index.add(
                    index.path(one.id, key),
                    "condition.type",
                    f"{one.id}.{key}: {error.message}",
                    "Rätta det.",
                )


def _amounts(index: Index, compiled: Compiled) -> None:
    """An amount compared with a bare number is compared with öre."""
    amounts = {one.id for one in index.fields.values() if one.type == "amount"}
    for node in [*compiled.order, *(row for group in compiled.order for row in group.rows)]:
        for key in ("when", "required_when", "computed"):
            program: Program | None = getattr(node, key)
            for match in _BARE.finditer(program.text if program else ""):
                if match[1].split(".")[-1] in amounts:
                    index.add(
                        index.path(node.id, key),
                        "condition.ore",
                        f"{node.id}.{key} jämför ett belopp med {match[2]}, som räknas i öre.",
                        f"Skriv kr({match[2]}).",
                    )
