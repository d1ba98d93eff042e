"""Reading YAML 1.2 from people we do not know: plain values with their lines, and nothing clever.

Refused: duplicate keys, anchors and aliases (a few lines could unfold to gigabytes), tags, several documents,
floats (money and rates are written as text or whole numbers), too large or too deep files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sambruk.platform.definitions.findings import DefinitionError, Finding

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_NODES = 60_000
#: What JSON can carry exactly everywhere (RFC 8785).
MAX_INT = 2**53

Path: TypeAlias = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_PLAIN = {"str", "timestamp", "value"}


@dataclass
class Source:
    """A file's plain value (dict, list, str, int, bool, None) and the line on which each part begins."""

    file: str
    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Return the line (from 1) of a part, or of the nearest part around it that was written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Builder:
    """Turns the parser's nodes into plain values."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.nodes = 0

    def refuse(self, node: Node, rule: str, message: str, instead: str) -> DefinitionError:
        return DefinitionError([Finding(self.file, node.start_mark.line + 1, rule, message, instead)])

    def build(self, node: Node, path: Path) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH:
            raise self.refuse(
                node, "yaml.size", "Filen är för stor eller för djupt nästlad.", "Dela upp den."
            )
        if node.anchor is not None:
            raise self.refuse(
                node,
                "yaml.alias",
                "Ankare och alias (& och *) får inte användas.",
                "Skriv ut värdet på varje ställe.",
            )
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            self._plain_tag(node, "seq")
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        if not isinstance(node, ScalarNode):
            raise self.refuse(node, "yaml.tag", "Det här går inte att läsa.", "Skriv ett värde.")
        return self._scalar(node)

    def _plain_tag(self, node: Node, kind: str) -> None:
        if str(node.tag) != _TAG + kind:
            raise self.refuse(
                node, "yaml.tag", f"Taggen {node.tag} får inte användas.", "Skriv värdet utan tagg."
            )

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        self._plain_tag(node, "map")
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode) or str(key_node.tag) == _TAG + "merge":
                raise self.refuse(
                    key_node, "yaml.key", "Nyckeln måste vara ett ord.", "Skriv ett id före kolonet."
                )
            key = str(key_node.value)
            if key in result:
                raise self.refuse(
                    key_node, "yaml.duplicate", f"Nyckeln {key} står två gånger.", "Ta bort den ena."
                )
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self.build(value_node, (*path, key))
        return result

    def _scalar(self, node: ScalarNode) -> Any:
        kind, text = str(node.tag).removeprefix(_TAG), str(node.value)
        if kind in _PLAIN:
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int" and _INT.fullmatch(text) and len(text) < 18 and abs(int(text)) <= MAX_INT:
            return int(text)
        if kind in ("int", "float"):
            raise self.refuse(
                node,
                "yaml.number",
                f"Talet {text} kan läsas på flera sätt.",
                f'Skriv ett heltal, eller text: "{text}".',
            )
        raise self.refuse(
            node, "yaml.tag", f"Taggen {node.tag} får inte användas.", "Skriv värdet utan tagg."
        )


def read_yaml(content: bytes, file: str) -> Source:
    """Read one YAML document. Raises DefinitionError with the line and what to write instead."""
    if len(content) > MAX_BYTES:
        raise DefinitionError(
            [Finding(file, 1, "yaml.size", f"Filen är större än {MAX_BYTES} byte.", "Dela upp den.")]
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DefinitionError(
            [Finding(file, line, "yaml.encoding", "Filen är inte skriven i UTF-8.", "Spara den som UTF-8.")]
        ) from error
    try:
        documents = list(YAML(typ="safe", pure=True).compose_all(text))
    except YAMLError as error:
        raise DefinitionError([_syntax(error, file)]) from error
    except RecursionError as error:
        raise DefinitionError(
            [Finding(file, 1, "yaml.size", "Filen är för djupt nästlad.", "Dela upp den.")]
        ) from error
    if len(documents) != 1 or documents[0] is None:
        raise DefinitionError(
            [
                Finding(
                    file, 1, "yaml.document", "Filen ska innehålla ett dokument.", "Ta bort raderna med ---."
                )
            ]
        )
    builder = _Builder(file)
    value = builder.build(documents[0], ())
    return Source(file, value, builder.lines)


def _syntax(error: YAMLError, file: str) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", "") or "").split("\n")[0]
    if "alias" in problem or "anchor" in problem:
        return Finding(
            file,
            mark.line + 1 if mark else 1,
            "yaml.alias",
            "Ankare och alias (& och *) får inte användas.",
            "Skriv ut värdet på varje ställe.",
        )
    return Finding(
        file,
        mark.line + 1 if mark else 1,
        "yaml.syntax",
        f"Raden går inte att läsa som YAML ({problem or 'okänt fel'}).",
        "Kontrollera indrag, kolon och citattecken.",
    )
