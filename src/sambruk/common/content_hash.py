"""Content hashes: canonical JSON (RFC 8785) of NFC-normalised values, and SHA-256 of files."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_CHUNK = 1024 * 1024


def _normalised(value: object, path: str) -> object:
    """Copy JSON values with every string in NFC; refuse what JSON has no single form for."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        result: dict[str, object] = {}
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{path}: keys must be text, not {type(key).__name__}")
            name = unicodedata.normalize("NFC", key)
            if name in result:
                raise ValueError(f"{path}: two keys become the same in NFC: {name!r}")
            result[name] = _normalised(inner, f"{path}.{name}")
        return result
    if isinstance(value, list | tuple):
        return [_normalised(inner, f"{path}[{index}]") for index, inner in enumerate(value)]
    raise ValueError(f"{path}: {type(value).__name__} has no canonical form; convert it to text first")


def canonical_json(value: Json) -> bytes:
    """Return the canonical UTF-8 bytes of a JSON value (RFC 8785), its strings and keys normalised to NFC.

    Raises ValueError, naming the place, for a type that JSON lacks (dates, Decimal, sets), an integer
    beyond 2^53, NaN or infinity, a lone surrogate, or two keys that NFC makes equal.
    """
    try:
        return rfc8785.dumps(_normalised(value, "$"))  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error
    except UnicodeEncodeError as error:
        raise ValueError("text holds a lone surrogate") from error


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def content_hash(value: Json) -> str:
    """Return the SHA-256 (hex) of a JSON value's canonical form. Errors as ``canonical_json``."""
    return sha256_hex(canonical_json(value))


def stream_hash(source: BinaryIO | Iterable[bytes]) -> str:
    """Return the SHA-256 (hex) of an open binary file, read to its end, or of an iterable of chunks."""
    digest = hashlib.sha256()
    chunks = iter(lambda: source.read(_CHUNK), b"") if hasattr(source, "read") else source
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def files_mapping(files: Mapping[str, bytes]) -> dict[str, Json]:
    """Return name to SHA-256 (hex) for a set of files, ready to stand inside a value that is hashed."""
    return {name: sha256_hex(content) for name, content in files.items()}
