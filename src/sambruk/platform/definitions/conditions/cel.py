"""CEL behind one module: conditions are checked against the declared names, and a failure is never an answer.

The engine (Google's, through cel-expr-python) gives errors back as values that Python takes for true, knows
no Decimal and no date, and cannot be handed a value that may be absent. So a condition is compiled twice:
once
with every name typed as "this or unanswered", which finds wrong types and unknown names with their position;
once untyped, which is what runs, where unanswered is null and every operator but == and != refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]

from sambruk.platform.definitions.conditions.functions import FUNCTIONS, Function, Kind

MAX_LENGTH = 2000
_T = cel.Type
_OPAQUE = _T.AbstractType("sambruk.opaque")
_CHECKED = {
    Kind.INT: _T("google.protobuf.Int64Value"),
    Kind.BOOL: _T("google.protobuf.BoolValue"),
    Kind.STRING: _T("google.protobuf.StringValue"),
    Kind.INTS: _T.List(_T("google.protobuf.Int64Value")),
    Kind.BOOLS: _T.List(_T("google.protobuf.BoolValue")),
    Kind.STRINGS: _T.List(_T("google.protobuf.StringValue")),
    Kind.ROWS: _T.List(_OPAQUE),
    Kind.OPAQUE: _OPAQUE,
}
_RESULT = {Kind.INT: _T.INT, Kind.BOOL: _T.BOOL, Kind.STRING: _T.STRING}
_PYTHON = {Kind.INT: int, Kind.BOOL: bool, Kind.STRING: str}
# What a runtime value may be; the engine picks a function's overload by it.
_RUNTIME = (_T.NULL, _T.INT, _T.BOOL, _T.STRING, _T.List(_T.DYN), _T.Map(_T.DYN, _T.DYN))
_SCALAR = {Kind.INT: 1, Kind.BOOL: 2, Kind.STRING: 3}
# Not offered: floats, and clocks of CEL's own (days are whole numbers here), and the ways round type checks.
_CONFIG = cel.NewEnvConfigFromYaml(
    "stdlib:\n  exclude_functions:\n"
    + "".join(
        f"    - name: {name}\n"
        for name in (
            "double",
            "timestamp",
            "duration",
            "uint",
            "bytes",
            "dyn",
            "type",
            "int",
            "string",
            "bool",
        )
    )
)
_STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'")
_COMMENT = re.compile(r"//[^\n]*")
_FLOAT = re.compile(r"(?<![\w.])\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+|[uU]\b)")
_NAME = re.compile(r"(?<![\w.])[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+|: \S*$")
_POSITION = re.compile(r"<input>:(\d+):(\d+): (.*)")


class CelError(Exception):
    """A condition that cannot be compiled. `line` and `column` (from 1) are within the condition."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class ConditionFailed(Exception):  # noqa: N818 - reads as what happened
    """A condition that gave an error, or not what it should: it is neither true nor false."""


class Unanswered(ConditionFailed):
    """It cannot be decided until something that it names is answered."""


def without_strings(text: str) -> str:
    """Return a condition with its quoted texts and comments blanked, positions kept."""
    blanked = _STRINGS.sub(lambda match: '"' + " " * (len(match[0]) - 2) + '"', text)
    return _COMMENT.sub(lambda match: " " * len(match[0]), blanked)


@dataclass(frozen=True)
class Program:
    """A compiled condition. `names` are the declared names that it may read."""

    text: str
    kind: Kind
    names: tuple[str, ...]
    expression: cel.Expression

    def run(self, values: Mapping[str, Any]) -> Any:
        """Return the value for these values by name (None is unanswered).

        Raises Unanswered when it needs something that is not answered, ConditionFailed for every other
        error, a missing name or a value of another type than the condition should give.
        """
        try:
            data = {name: values[name] for name in self.names}
        except KeyError as error:
            raise ConditionFailed(f"{error.args[0]} has no value") from error
        result = self.expression.eval(data=data)
        kind = result.type()
        if kind == _RESULT[self.kind]:
            value = result.value()
            if type(value) is _PYTHON[self.kind]:
                return value
        if kind == _T.NULL or (kind == _T.ERROR and any(_lacks(value) for value in data.values())):
            raise Unanswered(self.text)
        # The engine's sentence may quote what somebody answered, and this one may end in a log.
        detail = (
            _QUOTED.sub("…", str(result.value()))
            if kind == _T.ERROR
            else f"gave {kind.name()}, not {self.kind}"
        )
        raise ConditionFailed(f"{self.text}: {detail}")


def _lacks(value: Any) -> bool:
    return value is None or (isinstance(value, list) and None in value)


class Environment:
    """The names that conditions in one place may use, each of a kind. Compiled conditions are kept."""

    def __init__(self, names: Mapping[str, Kind]) -> None:
        self.names = dict(names)
        self._checker = cel.NewEnv(
            config=_CONFIG,
            variables={name: _CHECKED[kind] for name, kind in names.items()},
            functions=_checked_functions(),
        )
        self._runner = cel.NewEnv(
            config=_CONFIG, variables=dict.fromkeys(names, _T.DYN), functions=_runtime_functions()
        )
        self._programs: dict[tuple[str, Kind], Program] = {}

    def compile(self, text: str, kind: Kind = Kind.BOOL) -> Program:
        """Return the program of a condition that should give `kind`. Raises CelError with its position."""
        key = (text, kind)
        if key not in self._programs:
            self._programs[key] = self._compile(text, kind)
        return self._programs[key]

    def _compile(self, text: str, kind: Kind) -> Program:
        if len(text) > MAX_LENGTH:
            raise CelError(f"Villkoret är längre än {MAX_LENGTH} tecken.")
        bare = without_strings(text)
        if found := _FLOAT.search(bare):
            raise CelError(
                f"Talet {found[0]} är inget heltal. Skriv belopp med kr(…) och annat som hela tal.",
                *_position(bare, found.start()),
            )
        try:
            result = self._checker.compile(text).return_type()
        except RuntimeError as error:
            raise _compile_error(error) from error
        if result != _RESULT[kind] and result != _CHECKED[kind]:
            raise CelError(f"Villkoret ger {result.name()}, men ska ge {kind}.")
        try:
            expression = self._runner.compile(text)
        except RuntimeError as error:
            raise _compile_error(error) from error
        return Program(text, kind, self.references(text), expression)

    def references(self, text: str) -> tuple[str, ...]:
        """Return the declared names in a condition, the longest that fits (`a.b` rather than `a`)."""
        found: dict[str, None] = {}
        for match in _NAME.finditer(without_strings(text)):
            name = match[0]
            while name not in self.names and "." in name:
                name = name.rpartition(".")[0]
            if name in self.names:
                found[name] = None
        return tuple(found)


def _position(text: str, offset: int) -> tuple[int, int]:
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _compile_error(error: RuntimeError) -> CelError:
    match = _POSITION.search(str(error))
    if match is None:
        return CelError(f"Villkoret går inte att läsa: {str(error).splitlines()[0]}")
    line, column, detail = int(match[1]), int(match[2]), match[3]
    if unknown := re.match(r"undeclared reference to '([^']+)'", detail):
        return CelError(f"{unknown[1]} finns inte här.", line, column)
    if wrong := re.match(r"found no matching overload for '([^']+)' applied to '(.+)'", detail):
        shown = wrong[2].replace("wrapper", "").replace("sambruk.opaque", "sammansatt")
        operator = wrong[1].replace("_", " ").strip()
        return CelError(f"{operator} går inte att använda på {shown}.", line, column)
    return CelError(f"Villkoret går inte att läsa: {detail}", line, column)


def _declare(function: Function, overloads: list[tuple[list[cel.Type], cel.Type]]) -> cel.FunctionDecl:
    return cel.FunctionDecl(
        function.name,
        [
            cel.Overload(
                f"{function.name}_{index}", return_type=result, parameters=parameters, impl=function.call
            )
            for index, (parameters, result) in enumerate(overloads)
        ],
    )


@lru_cache(maxsize=1)
def _checked_functions() -> list[cel.FunctionDecl]:
    return [
        _declare(
            function,
            [([_CHECKED[kind] for kind in kinds], _RESULT[result]) for kinds, result in function.overloads],
        )
        for function in FUNCTIONS
    ]


@lru_cache(maxsize=1)
def _runtime_functions() -> list[cel.FunctionDecl]:
    """The same functions by runtime type. Those that handle unanswered take null too; lists are one type."""
    declared = []
    for function in FUNCTIONS:
        overloads: dict[tuple[int, ...], tuple[list[cel.Type], cel.Type]] = {}
        tolerant = function.name in ("answered", "yes", "no", "count", "value_or")
        for kinds, result in function.overloads:
            slots = [_slots(kind, tolerant and position == 0) for position, kind in enumerate(kinds)]
            for combination in _product(slots):
                overloads.setdefault(combination, ([_RUNTIME[slot] for slot in combination], _RESULT[result]))
        if function.name == "value_or":
            # A null first argument says nothing of the result's type: the second does.
            overloads = {key: (value[0], _RUNTIME[key[1]]) for key, value in overloads.items()}
        declared.append(_declare(function, list(overloads.values())))
    return declared


def _slots(kind: Kind, tolerant: bool) -> list[int]:
    own = [_SCALAR[kind]] if kind in _SCALAR else [5] if kind is Kind.OPAQUE else [4]
    return [0, *own] if tolerant else own


def _product(slots: list[list[int]]) -> list[tuple[int, ...]]:
    combinations: list[tuple[int, ...]] = [()]
    for choices in slots:
        combinations = [(*head, slot) for head in combinations for slot in choices]
    return combinations
