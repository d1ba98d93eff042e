"""Saving a file, and disposing of one."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Collection
from datetime import datetime
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from sambruk.common.actor import Actor
from sambruk.common.calendar import now
from sambruk.common.errors import Invalid, NotAllowed
from sambruk.common.text import single_line
from sambruk.platform.audit import actions as audit
from sambruk.platform.documents import jobs
from sambruk.platform.documents.locks import lock_bytes
from sambruk.platform.documents.models import Document, Scan
from sambruk.platform.documents.sniff import ALL_TYPES, sniff
from sambruk.platform.documents.store import Store, Stored, TooLarge, chunks_of
from sambruk.platform.documents.stores import scanner, store_for
from sambruk.platform.documents.virus import VerdictKind
from sambruk.platform.exchange.failpoints import declare, failpoint
from sambruk.platform.tenancy.context import current_tenant_id

STORED = declare("documents.stored", "a file's bytes are in the store, its row is not committed")

_SPOOL = 2 * 1024 * 1024


@transaction.atomic
def save(
    *,
    content: bytes | IO[bytes],
    name: str,
    kind: str,
    by: Actor,
    mime: str | None = None,
    allowed: Collection[str] = ALL_TYPES,
    max_bytes: int | None = None,
) -> Document:
    """Save a file and return its record. Who may attach it to what is checked by the caller's action.

    What somebody sends is sniffed, must be of the ``allowed`` types (ids of ``sniff``) and at most
    ``max_bytes`` (the setting unless given), and is searched for viruses where clamd is configured; while
    clamd does not answer it is kept as pending and searched later by a job. ``mime`` says that we made the
    file ourselves: it is neither sniffed nor searched.

    Raises Invalid with a sentence for the field (too large, wrong type, damaged, infected), Unavailable when
    the store is full or gone. Bytes whose transaction rolls back are removed by the sweep.
    """
    limit = max_bytes or settings.UPLOAD_MAX_BYTES
    with _seekable(content, limit) as source:
        scan, scanned_at = Scan.NONE, None
        if mime is None:
            file_type = sniff(source, allowed)
            mime, name = file_type.media_type, file_type.name(name)
            scan, scanned_at = _search(source)
        stored = _put(source, limit)
    failpoint(STORED)
    document = Document.objects.create(
        sha256=stored.sha256,
        size=stored.size,
        mime=mime,
        name=single_line(name, 200) or "fil",
        kind=kind,
        created_by_id=by.id,
        created_by_kind=str(by.kind),
        scan=scan,
        scanned_at=scanned_at,
        verified_at=now(),
    )
    audit.record(
        event="document.saved",
        by=by,
        obj=document,
        fields={"name": document.name, "kind": kind, "size": stored.size, "sha256": stored.sha256},
    )
    if scan is Scan.PENDING:
        jobs.promise_scan(document)
    return document


def _seekable(content: bytes | IO[bytes], limit: int) -> IO[bytes]:
    """Return the content as a file that can be wound back, at most ``limit`` bytes of it; TooLarge past that.

    Always a file of our own: the caller's stays open.
    """
    if isinstance(content, bytes):
        if len(content) > limit:
            raise TooLarge(limit)
        return io.BytesIO(content)
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - the caller closes it
    size = 0
    for chunk in chunks_of(content):
        size += len(chunk)
        if size > limit:
            spool.close()
            raise TooLarge(limit)
        spool.write(chunk)
    spool.seek(0)
    return spool


def _search(source: IO[bytes]) -> tuple[Scan, datetime | None]:
    """Search a file for viruses now. Raises Invalid for one that has any; the file is left at its start."""
    clamd = scanner()
    if clamd is None:
        return Scan.NONE, None
    verdict = clamd.scan(source)
    source.seek(0)
    if verdict.kind is VerdictKind.FOUND:
        raise Invalid("Filen innehåller virus och kan inte tas emot. Skicka en annan fil.", code="infected")
    if verdict.is_clean:
        return Scan.CLEAN, now()
    return Scan.PENDING, None


def _put(source: IO[bytes], limit: int) -> Stored:
    """Store the bytes so that the sweep cannot take them before the row is committed."""
    store: Store = store_for(current_tenant_id())
    source.seek(0)
    stored = store.put(source, max_bytes=limit)
    lock_bytes(stored.sha256, shared=True)
    if not store.exists(stored.sha256):
        # The sweep took equal bytes, left by a transaction that failed, between the two lines above.
        source.seek(0)
        stored = store.put(source, max_bytes=limit)
    return stored


@transaction.atomic
def dispose(*, document_ids: Collection[UUID], reason: str, by: Actor) -> int:
    """Remove documents for good (gallring), by the system alone; returns how many. Bytes: by the sweep.

    What refers to them must be gone first: the database refuses otherwise.
    """
    if not by.is_system:
        raise NotAllowed
    documents = list(Document.objects.filter(id__in=document_ids).select_for_update())
    audit.record_many(
        audit.Entry(event="document.disposed", by=by, obj=each, fields={"sha256": each.sha256}, reason=reason)
        for each in documents
    )
    # Past Django's collector, which would carry out cascades: the database's own keys say no.
    Document.objects.filter(id__in=[each.id for each in documents])._raw_delete(connection.alias)
    return len(documents)
