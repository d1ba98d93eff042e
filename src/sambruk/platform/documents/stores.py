"""Which store and which virus scanner this installation has, from the settings."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from sambruk.platform.documents.object_store import s3_store
from sambruk.platform.documents.store import FolderStore, Store
from sambruk.platform.documents.virus import Scanner


@lru_cache(maxsize=1024)
def _store(place: str, tenant_id: UUID) -> Store:
    if place.startswith("s3://"):
        parts = urlsplit(place)
        prefix = "/".join(part for part in (parts.path.strip("/"), str(tenant_id)) if part)
        return s3_store(prefix, bucket_name=parts.netloc)
    return FolderStore(Path(place) / str(tenant_id))


def store_for(tenant_id: UUID) -> Store:
    """Return a tenant's store: each has its own, so that equal files of two know nothing of each other."""
    return _store(settings.DOCUMENT_STORE, tenant_id)


def scanner(*, total_seconds: float = 20.0) -> Scanner | None:
    """Return the scanner, or None where no clamd is configured. Raises ValueError for a malformed address."""
    address = settings.CLAMD
    if not address:
        return None
    if address.startswith("tcp:") and not address.startswith("tcp://"):
        address = f"tcp://{address.removeprefix('tcp:')}"
    return Scanner(address, connect_seconds=2.0, total_seconds=total_seconds)
