"""The one form of a definition that is hashed: what was written, nothing filled in, and its files' hashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sambruk.common.content_hash import canonical_json, files_mapping, sha256_hex

DEFINITION_FILE = "service.yaml"


def canonical_form(definition: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return the canonical bytes (RFC 8785, NFC) of a definition as written, with its other files' hashes.

    Comments, order and layout of `service.yaml` do not count; every byte of the other files does. Defaults
    are not filled in, so that a new default in a later language version changes no hash.
    """
    others = {name: content for name, content in files.items() if name != DEFINITION_FILE}
    return canonical_json({"definition": dict(definition), "files": files_mapping(others)})


def definition_hash(definition: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 (hex) that names this version of the service."""
    return sha256_hex(canonical_form(definition, files))
