"""What happens to files in the background: the late virus search, the check of their bytes, the sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable
from uuid import UUID

import structlog
from django.db.models import Q

from sambruk.common.calendar import now
from sambruk.common.errors import NotFound, Unavailable
from sambruk.platform.documents.locks import lock_bytes
from sambruk.platform.documents.models import Document, Fixity, Scan
from sambruk.platform.documents.store import Damaged, FolderStore, Store
from sambruk.platform.documents.stores import scanner, store_for
from sambruk.platform.documents.virus import Verdict, VerdictKind
from sambruk.platform.exchange import outbox
from sambruk.platform.exchange.faults import Fault, source
from sambruk.platform.exchange.jobs import periodic
from sambruk.platform.exchange.registry import Attempt, Handler
from sambruk.platform.tenancy.context import tenant_transaction

log = structlog.get_logger(__name__)

SCAN = "documents.scan"
#: Every stored file is read through at least this often, a part of them each night.
VERIFY_EVERY = timedelta(days=30)
VERIFY_BATCH = 200


def promise_scan(document: Document) -> None:
    """Have a pending document searched once clamd answers. In the running transaction."""
    outbox.enqueue(kind=SCAN, object_id=document.id, key=f"{SCAN}:{document.id}")


@outbox.handler(SCAN, label="Virussökning av fil")
class ScanLater(Handler[str, Verdict]):
    """Searches a file that was saved while clamd did not answer."""

    def prepare(self, attempt: Attempt) -> str | None:
        """The file's hash; nothing if it is gone or already searched."""
        document = Document.objects.filter(pk=attempt.object_id, scan=Scan.PENDING).first()
        return document.sha256 if document else None

    def call(self, attempt: Attempt, prepared: str) -> Verdict:
        """Ask clamd. No answer is no verdict."""
        clamd = scanner(total_seconds=60.0)
        if clamd is None:
            raise Unavailable(
                "Ingen virussökning är inställd. Sätt SAMBRUK_CLAMD.", "no_scanner", permanent=True
            )
        with store_for(attempt.tenant_id).open(prepared) as stored:
            verdict = clamd.scan(stored)
        if verdict.kind is VerdictKind.UNAVAILABLE:
            raise Unavailable("Virussökningen svarar inte.", "scanner")
        return verdict

    def finish(self, attempt: Attempt, prepared: str, result: Verdict) -> None:
        """Open the file for reading, or close it for good."""
        outcome = Scan.CLEAN if result.is_clean else Scan.INFECTED
        Document.objects.filter(pk=attempt.object_id, scan=Scan.PENDING).update(
            scan=outcome, scanned_at=now()
        )
        if outcome is Scan.INFECTED:
            log.error("document.infected", document=str(attempt.object_id))


@periodic("43 1 * * *", name="documents.verify", label="Kontroll av lagrade filer", in_transaction=False)
def verify_documents(tenant_id: UUID) -> None:
    """Read through every file not read for VERIFY_EVERY, and mark those that are damaged or missing.

    Those that were damaged are read every time, so that one mended in the store is found sound again.
    Raises Unavailable where the store does not answer: that is no finding about any file.
    """
    store = store_for(tenant_id)
    begun = now()
    due = Q(verified_at__lt=begun - VERIFY_EVERY) | ~Q(fixity=Fixity.SOUND)
    while True:
        with tenant_transaction(tenant_id):
            found = Document.objects.filter(due, verified_at__lt=begun).order_by("verified_at")
            batch = list(found.values_list("id", "sha256", "fixity")[:VERIFY_BATCH])
        outcomes = [(document_id, before, _examine(store, sha256)) for document_id, sha256, before in batch]
        with tenant_transaction(tenant_id):
            for document_id, before, outcome in outcomes:
                Document.objects.filter(pk=document_id).update(verified_at=now(), fixity=outcome)
                if outcome != before:
                    log.error("document.fixity", document=str(document_id), fixity=outcome or "sound")
        if len(batch) < VERIFY_BATCH:
            return


def _examine(store: Store, sha256: str) -> str:
    try:
        store.verify(sha256)
    except Damaged:
        return Fixity.CHANGED
    except NotFound:
        return Fixity.MISSING
    return Fixity.SOUND


@runtime_checkable
class Listing(Protocol):
    """A store that can list what it holds."""

    def hashes(self) -> Iterator[str]:
        """Yield the hash of every stored file."""


@periodic("23 3 * * *", name="documents.sweep", label="Rensning av filer utan post", in_transaction=False)
def sweep_orphans(tenant_id: UUID) -> None:
    """Remove bytes that no document names: their transaction was rolled back, or the document disposed of."""
    store = store_for(tenant_id)
    if isinstance(store, FolderStore):
        store.sweep()
    if not isinstance(store, Listing):
        return
    batch: list[str] = []
    for sha256 in store.hashes():
        batch.append(sha256)
        if len(batch) == 500:
            _sweep(tenant_id, store, batch)
            batch = []
    _sweep(tenant_id, store, batch)


def _sweep(tenant_id: UUID, store: Store, hashes: Sequence[str]) -> None:
    with tenant_transaction(tenant_id):
        named = set(Document.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    for sha256 in (each for each in hashes if each not in named):
        _remove_if_orphan(tenant_id, store, sha256)


def _remove_if_orphan(tenant_id: UUID, store: Store, sha256: str) -> None:
    """Remove one file's bytes unless a row names them or a transaction that is about to holds their lock."""
    with tenant_transaction(tenant_id):
        if lock_bytes(sha256, shared=False) and not Document.objects.filter(sha256=sha256).exists():
            store.delete(sha256)
            log.info("document.orphan_removed", sha256=sha256)


@source("documents.fixity", label="Filer som är skadade i lagret")
def _damaged(limit: int) -> Sequence[Fault]:
    rows = Document.objects.exclude(fixity=Fixity.SOUND).order_by("-id")[:limit]
    return [Fault(f"Dokument {row.id}: {row.get_fixity_display().lower()}.", row.verified_at) for row in rows]


@source("documents.infected", label="Filer som innehåller virus")
def _infected(limit: int) -> Sequence[Fault]:
    rows = Document.objects.filter(scan=Scan.INFECTED).order_by("-id")[:limit]
    return [Fault(f"Dokument {row.id} innehåller virus och är spärrat.", row.scanned_at) for row in rows]
