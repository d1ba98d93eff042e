"""The content-addressed store of files: a file's name is the SHA-256 of its bytes.

Equal content is stored once; nothing is ever overwritten by something else; what is read can be checked.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from sambruk.common.errors import Invalid, NotFound, SambrukError, Unavailable

_CHUNK = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


class TooLarge(Invalid):
    """The file is larger than allowed. ``max_bytes`` is the bound."""

    code = "file_too_large"

    def __init__(self, max_bytes: int) -> None:
        whole = max_bytes / 1_000_000
        shown = f"{whole:.0f} MB" if max_bytes >= 1_000_000 else f"{max_bytes / 1_000:.0f} kB"
        super().__init__(f"Filen är för stor. Den får vara högst {shown}.")
        self.max_bytes = max_bytes


class Damaged(SambrukError):  # noqa: N818 - as in common.errors
    """A stored file's bytes no longer have the hash that they are stored under."""

    code = "damaged_file"

    def __init__(self, sha256: str) -> None:
        super().__init__(
            "Filen har skadats i lagringen och kan inte visas. Den som driver systemet behöver se till den."
        )
        self.sha256 = sha256


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored: its SHA-256 (64 hexadecimal digits) and size in bytes."""

    sha256: str
    size: int


class Store(Protocol):
    """What every store offers. All raise Unavailable when the storage itself does not answer or is full."""

    def put(self, source: IO[bytes] | Iterable[bytes], *, max_bytes: int) -> Stored:
        """Store a stream, durably when this returns. Raises TooLarge past ``max_bytes``, leaving nothing."""
        ...

    def open(self, sha256: str) -> IO[bytes]:
        """Open a stored file for reading from its start. Raises NotFound."""
        ...

    def exists(self, sha256: str) -> bool:
        """Say whether it is stored."""
        ...

    def verify(self, sha256: str) -> int:
        """Read it through and return its size in bytes. Raises Damaged or NotFound."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove it; nothing happens if it is not there."""
        ...


def check_hash(sha256: str) -> str:
    """Return the hash if it is 64 lower-case hexadecimal digits; ValueError otherwise (it becomes a path)."""
    if not _HASH.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return sha256


def chunks_of(source: IO[bytes] | Iterable[bytes]) -> Iterator[bytes]:
    """Yield a stream's bytes in pieces, whether it is a file (read from where it stands) or an iterable."""
    if hasattr(source, "read"):
        while chunk := source.read(_CHUNK):
            yield chunk
    else:
        yield from source


def measured(source: IO[bytes] | Iterable[bytes], target: IO[bytes], max_bytes: int) -> Stored:
    """Copy a stream and return its hash and size; TooLarge as soon as the bound is passed."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks_of(source):
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge(max_bytes)
        digest.update(chunk)
        target.write(chunk)
    return Stored(digest.hexdigest(), size)


def unavailable(error: OSError) -> Unavailable:
    """Turn a fault of the storage into a sentence; a full one says so."""
    if error.errno in _FULL:
        return Unavailable("Det finns inte plats för fler filer just nu. Försök igen senare.", "storage_full")
    return Unavailable("Filerna går inte att nå just nu. Försök igen om en stund.", "storage")


class FolderStore:
    """A store in a folder of its own: ``ab/cd/abcd...``, written beside and moved in place when whole."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._incoming = self.root / "incoming"

    def _path(self, sha256: str) -> Path:
        check_hash(sha256)
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def put(self, source: IO[bytes] | Iterable[bytes], *, max_bytes: int) -> Stored:
        """Store a stream; see ``Store``. Any other error of the source propagates and leaves nothing."""
        temporary: Path | None = None
        try:
            self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._incoming)
            temporary = Path(name)
            with os.fdopen(handle, "wb") as target:
                stored = measured(source, target, max_bytes)
                target.flush()
                os.fsync(target.fileno())
            self._move_in(temporary, stored)
        except OSError as error:
            raise unavailable(error) from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
        return stored

    def _move_in(self, temporary: Path, stored: Stored) -> None:
        """Rename in place and make the rename durable; a copy already there is replaced, and so healed."""
        path = self._path(stored.sha256)
        made = [folder for folder in (path.parent.parent, path.parent) if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.replace(path)
        for folder in (path.parent, *(folder.parent for folder in made)):
            _sync_folder(folder)

    def open(self, sha256: str) -> BinaryIO:
        """Open a stored file; see ``Store``."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as error:
            raise NotFound("Filen finns inte.") from error
        except OSError as error:
            raise unavailable(error) from error

    def exists(self, sha256: str) -> bool:
        """Say whether it is stored."""
        return self._path(sha256).is_file()

    def verify(self, sha256: str) -> int:
        """Check the bytes against the hash; see ``Store``."""
        return verify_stream(self.open(sha256), sha256)

    def delete(self, sha256: str) -> None:
        """Remove it; see ``Store``."""
        try:
            self._path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise unavailable(error) from error

    def hashes(self) -> Iterator[str]:
        """Yield the hash of every stored file, in order (for checks of fixity and of what no row names)."""
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if _HASH.fullmatch(path.name):
                yield path.name

    def sweep(self, older_than_seconds: float = 86_400) -> int:
        """Remove what a killed process left half written; return how many files."""
        limit, removed = time.time() - older_than_seconds, 0
        for path in self._incoming.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    path.unlink()
                    removed += 1
        return removed


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def verify_stream(source: IO[bytes], sha256: str) -> int:
    """Read an open file through, close it, and return its size; Damaged if the hash differs."""
    digest, size = hashlib.sha256(), 0
    try:
        with source:
            for chunk in chunks_of(source):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise unavailable(error) from error
    if digest.hexdigest() != sha256:
        raise Damaged(sha256)
    return size
