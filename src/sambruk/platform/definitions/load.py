"""From a folder to a service: its definition, its files, and where in them everything stands."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FsPath
from typing import Any

from pydantic import ValidationError

from sambruk.platform.definitions.canonical import DEFINITION_FILE, canonical_form, definition_hash
from sambruk.platform.definitions.findings import DefinitionError, Finding
from sambruk.platform.definitions.language import Service
from sambruk.platform.definitions.yaml_file import Path, Source, read_yaml

MAX_FILES = 200
MAX_FILE_BYTES = 1_000_000
MAX_FOLDER_BYTES = 10_000_000
_NAME = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+){0,3}\.(yaml|bpmn|md)")


@dataclass(frozen=True)
class LoadedService:
    """A service as read: `service` checked against the language, `files` by name, `source` with lines."""

    service: Service
    source: Source
    files: Mapping[str, bytes]

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The definition as written, as plain JSON values."""
        value: dict[str, Any] = self.source.value
        return value

    @cached_property
    def content_hash(self) -> str:
        """The hash that names this version."""
        return definition_hash(self.definition, self.files)

    @cached_property
    def canonical(self) -> bytes:
        """The canonical form that the hash is taken over."""
        return canonical_form(self.definition, self.files)

    def line(self, *path: str | int) -> int:
        """Return the line in `service.yaml` of a part, by its path."""
        return self.source.line(path)

    def text(self, name: str) -> str:
        """Return a file's text. Raises KeyError when the folder has no such file."""
        return self.files[name].decode("utf-8")


def load_folder(folder: FsPath) -> LoadedService:
    """Read a service's folder. Raises DefinitionError, with lines, when it cannot be read as a service.

    Only .yaml, .bpmn and .md files with plain names count; links are refused, hidden files passed by.
    """
    return load_files(_read_files(folder))


def load_files(files: Mapping[str, bytes]) -> LoadedService:
    """Read a service from its files by name. Errors as `load_folder`."""
    if DEFINITION_FILE not in files:
        raise DefinitionError(
            [
                Finding(
                    DEFINITION_FILE,
                    1,
                    "file.missing",
                    "Filen service.yaml saknas.",
                    "Skapa den i tjänstens mapp.",
                )
            ]
        )
    source = read_yaml(files[DEFINITION_FILE], DEFINITION_FILE)
    return LoadedService(parse_service(source), source, dict(files))


def from_json(definition: str, files: Mapping[str, bytes]) -> LoadedService:
    """Return a service whose `service.yaml` has been read before, from its JSON: ten times as fast.

    Lines are not known. Errors as `load_folder`.
    """
    source = Source(DEFINITION_FILE, json.loads(definition))
    return LoadedService(parse_service(source), source, dict(files))


def parse_service(source: Source) -> Service:
    """Check a read definition against the language. Raises DefinitionError with a finding for each fault."""
    if not isinstance(source.value, dict):
        raise DefinitionError(
            [
                Finding(
                    source.file,
                    1,
                    "schema",
                    "Filen ska innehålla nycklar och värden.",
                    "Börja med language: 1.",
                )
            ]
        )
    if source.value.get("language") not in (None, 1):
        raise DefinitionError(
            [
                Finding(
                    source.file,
                    source.line(("language",)),
                    "schema.language",
                    "Tjänsten är skriven i en språkversion som den här installationen inte kan.",
                    "Uppgradera Sambruk, eller skriv language: 1.",
                )
            ]
        )
    try:
        return Service.model_validate_json(json.dumps(source.value))
    except ValidationError as error:
        raise DefinitionError(schema_findings(error, source)) from error


def schema_findings(error: ValidationError, source: Source) -> list[Finding]:
    """Turn pydantic's errors into findings with lines, in the order of the file."""
    found = {}
    for item in error.errors(include_url=False, include_input=False):
        path = _written_path(item["loc"], source.value)
        where = ".".join(str(part) for part in path) or "filen"
        message, instead = _explain(item["type"], item["msg"], item.get("ctx") or {}, where)
        finding = Finding(source.file, source.line(path), f"schema.{item['type']}", message, instead)
        found[(finding.line, path, item["type"])] = finding
    return sorted(found.values())


def _written_path(location: tuple[str | int, ...], value: Any) -> Path:
    """Drop the parts of pydantic's path that are names of union members rather than keys of the file."""
    path: list[str | int] = []
    for position, part in enumerate(location):
        inside = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if inside:
            path.append(part)
            value = value[part]
        elif position == len(location) - 1 and isinstance(value, dict) and isinstance(part, str):
            path.append(part)
    return tuple(path)


def _explain(kind: str, message: str, context: Mapping[str, Any], where: str) -> tuple[str, str]:
    """Return what is wrong and what to write instead, for one kind of error of pydantic's."""
    if kind == "missing":
        return f"{where} saknas.", "Lägg till den."
    if kind == "extra_forbidden":
        return f"{where} är ingen känd nyckel.", "Kontrollera stavningen, eller ta bort den."
    if kind == "union_tag_invalid":
        return (
            f"{where} har en okänd typ {context.get('tag')!s}.",
            f"Skriv en av {context.get('expected_tags')!s}.",
        )
    if kind == "union_tag_not_found":
        return f"{where} saknar type.", "Skriv vilken typ fältet har, till exempel type: text."
    if kind in ("literal_error", "enum"):
        return f"{where} har ett okänt värde.", f"Skriv ett av {context.get('expected')!s}."
    if kind == "string_pattern_mismatch":
        return f"{where} har fel form.", f"Det ska följa mönstret {context.get('pattern')!s}."
    if kind == "value_error":
        return f"{where}: {message.removeprefix('Value error, ')}.", "Rätta värdet."
    return f"{where}: {message}.", "Rätta värdet."


def _read_files(folder: FsPath) -> dict[str, bytes]:
    if not folder.is_dir():
        raise DefinitionError(
            [Finding(str(folder.name), 1, "file.folder", "Mappen finns inte.", "Ange tjänstens mapp.")]
        )
    files: dict[str, bytes] = {}
    total = 0
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for entry in sorted(name for name in [*names, *folders] if not name.startswith(".")):
            path = FsPath(root) / entry
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                raise DefinitionError(
                    [Finding(name, 1, "file.link", "Länkar får inte användas.", "Lägg filen i mappen.")]
                )
            if path.is_dir():
                continue
            if not _NAME.fullmatch(name):
                raise DefinitionError(
                    [
                        Finding(
                            name,
                            1,
                            "file.name",
                            "Filen har ett namn eller en ändelse som inte får användas.",
                            "Använd små bokstäver, siffror, - och _, och ändelsen .yaml, .bpmn eller .md.",
                        )
                    ]
                )
            size = path.stat().st_size
            total += size
            if size > MAX_FILE_BYTES or total > MAX_FOLDER_BYTES or len(files) >= MAX_FILES:
                raise DefinitionError(
                    [Finding(name, 1, "file.size", "Mappen är för stor.", "Ta bort det som inte hör dit.")]
                )
            files[name] = path.read_bytes()
    return files
