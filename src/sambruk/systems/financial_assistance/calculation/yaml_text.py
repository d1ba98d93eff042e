"""Reads YAML 1.2 safely: decimals exact, duplicate keys, aliases and endless nesting refused."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from sambruk.common.errors import Invalid

LARGEST = 500_000
"""Largest text that is read, in characters."""

DEEPEST = 20
"""How many lists and mappings may stand inside one another."""


class YamlFault(Invalid):
    """The text is no acceptable YAML; the sentence names the line where that is known."""

    code = "yaml"


class _Constructor(SafeConstructor):
    """Makes Decimal of numbers with decimals, so that no öre is lost in a float."""


def _decimal(_: SafeConstructor, node: Any) -> Decimal | str:
    text = str(node.value)
    try:
        return Decimal(text.replace("_", ""))
    except InvalidOperation:
        return text  # .inf and .nan: the field itself says what it wants


_Constructor.add_constructor("tag:yaml.org,2002:float", _decimal)


def _reader() -> YAML:
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _Constructor
    return reader


def load_yaml(text: str) -> Any:
    """Return what the YAML text says: dicts, lists, str, int, bool, None, date, and Decimal for decimals.

    Raises YamlFault with a Swedish sentence for text that is no YAML, repeats a key, uses aliases, is
    nested without end or is larger than `LARGEST`.
    """
    if len(text) > LARGEST:
        raise YamlFault(f"Filen är för stor: högst {LARGEST} tecken läses.")
    try:
        _check_shape(text)
        return _reader().load(text)
    except DuplicateKeyError as error:
        raise YamlFault(f"Samma nyckel står två gånger{_line(error)}. Ta bort den ena.") from error
    except MarkedYAMLError as error:
        raise YamlFault(
            f"Filen kan inte läsas som YAML{_line(error)}. Kontrollera indrag och kolon."
        ) from error
    except (YAMLError, ValueError) as error:
        raise YamlFault(
            "Filen kan inte läsas som YAML. Den innehåller tecken som inte är tillåtna."
        ) from error


def _check_shape(text: str) -> None:
    """Refuse aliases and deep nesting while the text is only scanned, before anything is built of it."""
    depth = 0
    for event in _reader().parse(text):
        if isinstance(event, AliasEvent):
            raise YamlFault("Filen använder hänvisningar (*namn). Skriv ut värdena i stället.")
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise YamlFault("Filen är nästlad för djupt.")


def _line(error: MarkedYAMLError) -> str:
    return f" på rad {error.problem_mark.line + 1}" if error.problem_mark else ""
