"""The content-addressed store over any Django storage, such as S3 by django-storages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from typing import IO, Any, Protocol, TypeVar

from sambruk.common.errors import NotFound, Unavailable
from sambruk.platform.documents.store import Stored, check_hash, measured, unavailable, verify_stream

_SPOOL = 8 * 1024 * 1024
T = TypeVar("T")


class DjangoStorage(Protocol):
    """The part of Django's storage interface that is used."""

    def save(self, name: str, content: Any) -> str:
        """Write; return the name under which it was stored."""
        ...

    def open(self, name: str, mode: str = "rb") -> Any:
        """Open for reading."""
        ...

    def exists(self, name: str) -> bool:
        """Say whether there is such a name."""
        ...

    def size(self, name: str) -> int:
        """Return the size in bytes."""
        ...

    def delete(self, name: str) -> None:
        """Remove."""
        ...


class ObjectStore:
    """A ``Store`` in a Django storage: the stream is spooled to learn its hash, then sent whole."""

    def __init__(self, storage: DjangoStorage, prefix: str = "files") -> None:
        self._storage = storage
        self._prefix = prefix

    def _name(self, sha256: str) -> str:
        check_hash(sha256)
        return f"{self._prefix}/{sha256[:2]}/{sha256}"

    def _ask(self, act: Callable[[], T]) -> T:
        """Call the storage; whatever its client raises becomes Unavailable, except a missing file."""
        try:
            return act()
        except FileNotFoundError as error:
            raise NotFound("Filen finns inte.") from error
        except OSError as error:
            raise unavailable(error) from error
        except Exception as error:  # each client has exceptions of its own
            raise Unavailable(
                "Filerna går inte att nå just nu. Försök igen om en stund.", "storage"
            ) from error

    def put(self, source: IO[bytes] | Iterable[bytes], *, max_bytes: int) -> Stored:
        """Store a stream; see ``Store``. What the storage cut short or renamed is refused, and removed."""
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
            try:
                stored = measured(source, spool, max_bytes)
            except OSError as error:
                raise unavailable(error) from error
            name = self._name(stored.sha256)
            if self._ask(lambda: self._storage.exists(name) and self._storage.size(name) == stored.size):
                return stored
            spool.seek(0)
            saved = self._ask(lambda: self._storage.save(name, spool))
            # Another process that stored the same bytes meanwhile makes Django pick another name.
            if saved != name:
                self._ask(lambda: self._storage.delete(saved))
            if self._ask(lambda: self._storage.size(name)) != stored.size:
                raise Unavailable("Filen kunde inte sparas. Försök igen om en stund.", "storage")
        return stored

    def open(self, sha256: str) -> IO[bytes]:
        """Open a stored file; see ``Store``."""
        name = self._name(sha256)
        if not self.exists(sha256):
            raise NotFound("Filen finns inte.")
        opened: IO[bytes] = self._ask(lambda: self._storage.open(name, "rb"))
        return opened

    def exists(self, sha256: str) -> bool:
        """Say whether it is stored."""
        name = self._name(sha256)
        return self._ask(lambda: self._storage.exists(name))

    def verify(self, sha256: str) -> int:
        """Check the bytes against the hash; see ``Store``."""
        return verify_stream(self.open(sha256), sha256)

    def delete(self, sha256: str) -> None:
        """Remove it; see ``Store``."""
        name = self._name(sha256)
        self._ask(lambda: self._storage.delete(name))


def s3_store(prefix: str = "files", **options: Any) -> ObjectStore:
    """Return a store in S3; ``options`` are django-storages' (``bucket_name``, ``endpoint_url``, ...)."""
    from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

    return ObjectStore(S3Storage(file_overwrite=True, **options), prefix)
