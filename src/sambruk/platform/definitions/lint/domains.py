"""Is a condition ever true, ever false, and does it handle what is not answered? Tried, not reasoned.

A condition names few things, and only some of their values matter: the options of a choice, yes and no, the
numbers beside those it is compared with, and unanswered where that can be. All combinations are evaluated.
Where there are too many, nothing is said.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sambruk.platform.definitions.conditions.cel import ConditionFailed, Program, Unanswered
from sambruk.platform.definitions.conditions.functions import Kind, to_day

MAX_COMBINATIONS = 6000
_NUMBER = re.compile(r"(?<![\w.])([0-9]{1,12})\b")
_DAY = re.compile(r"""(?:day|month)\(\s*["']([0-9]{4}-[0-9]{2}(?:-[0-9]{2})?)["']\s*\)""")
_QUOTED = re.compile(r'"([^"]*)"|' + r"'([^']*)'")


@dataclass(frozen=True)
class Name:
    """A name in a condition: its kind, its options where it has such, and whether it may be unanswered.

    `part_of` is the composite answer whose part it is: known exactly when that is answered.
    """

    kind: Kind
    options: tuple[str, ...] = ()
    may_lack: bool = True
    part_of: str = ""


@dataclass
class Tried:
    """The outcome: which values came out, and what was unanswered when it could not be decided."""

    values: set[Any] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)
    failures: set[str] = field(default_factory=set)
    complete: bool = True


def try_out(program: Program, known: Mapping[str, Name]) -> Tried:
    """Evaluate a condition for every combination that matters."""
    tried = Tried()
    names = list(program.names)
    domains = [_domain(known[name], program.text) for name in names]
    count = 1
    for domain in domains:
        count *= len(domain)
    if count > MAX_COMBINATIONS:
        tried.complete = False
        return tried
    for values in itertools.product(*domains):
        given = dict(zip(names, values, strict=True))
        if _consistent(given, known):
            _one(program, given, tried)
    return tried


def _one(program: Program, given: Mapping[str, Any], tried: Tried) -> None:
    try:
        value = program.run(given)
        tried.values.add(value if isinstance(value, bool | str) else 0)
    except Unanswered:
        tried.lacking |= {name for name, value in given.items() if value is None or value == [None]}
    except ConditionFailed as error:
        tried.failures.add(str(error))


def _consistent(given: Mapping[str, Any], known: Mapping[str, Name]) -> bool:
    """A part is known exactly when its whole is answered."""
    return all(
        (given[name] is None) == (given[known[name].part_of] is None)
        for name in given
        if known[name].part_of in given
    )


def _domain(name: Name, text: str) -> list[Any]:
    values = _DOMAINS[name.kind](name, text)
    return [None, *values] if name.may_lack or name.part_of else values


def _numbers(name: Name, text: str) -> list[Any]:
    found = {int(number) for number in _NUMBER.findall(re.sub(r'"[^"]*"', '""', text))}
    found |= {number * 100 for number in found} if "kr(" in text else set()
    for day in _DAY.findall(text):
        try:
            found.add(to_day(date.fromisoformat(day if len(day) == 10 else f"{day}-01")))
        except ValueError:
            continue
    near = {value + step for value in found for step in (-1, 0, 1)}
    return sorted(near | {0, 20_000})


def _words(name: Name, text: str) -> list[Any]:
    if name.options:
        return list(name.options)
    return sorted({one or other for one, other in _QUOTED.findall(text)} | {"någonting annat"})


def _some(values: Iterable[Any]) -> list[Any]:
    every = list(values)
    return [[], *([one] for one in every), every] if len(every) > 1 else [[], every]


_DOMAINS: dict[Kind, Callable[[Name, str], list[Any]]] = {
    Kind.BOOL: lambda name, text: [True, False],
    Kind.INT: _numbers,
    Kind.STRING: _words,
    Kind.STRINGS: lambda name, text: [one for one in _some(_words(name, text)) if one],
    Kind.INTS: lambda name, text: _some(_numbers(name, text)[:4]),
    Kind.BOOLS: lambda name, text: [[], [True], [False]],
    Kind.ROWS: lambda name, text: [[], [{"row": "yes"}], [{"row": "yes"}, {"row": "yes"}]],
    Kind.OPAQUE: lambda name, text: [{"answered": "yes"}],
}
