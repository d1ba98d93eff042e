"""What happens to stored files in the background: they are checked, and what nobody names is swept away."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from tests.platform.documents.conftest import PDF, TEXT
from tests.platform.documents.test_documents import readable, save, stored

from sambruk.common.actor import Actor, system_actor
from sambruk.common.calendar import now
from sambruk.common.errors import Conflict, Unavailable
from sambruk.platform.documents import access, actions, jobs
from sambruk.platform.documents.models import Document, Fixity
from sambruk.platform.exchange import faults
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.usefixtures("store_folder", "committed_db")

LONG_AGO = timedelta(days=31)


def path_of(folder: Path, document: Document) -> Path:
    return next(path for path in folder.rglob(document.sha256) if path.is_file())


def age(principal: Principal) -> None:
    with tenant_transaction(principal.pk):
        Document.objects.update(verified_at=now() - LONG_AGO)


def saved(principal: Principal, by: Actor, content: bytes = PDF) -> Document:
    with tenant_transaction(principal.pk):
        return save(by, content)


def fixity(principal: Principal, document: Document) -> str:
    with tenant_transaction(principal.pk):
        return Document.objects.get(pk=document.pk).fixity


def test_damaged_and_missing_files_are_named_and_closed(
    jarfalla: Principal, anna: Actor, store_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "VERIFY_BATCH", 2)
    sound, changed, missing = (saved(jarfalla, anna, TEXT + bytes([65 + n])) for n in range(3))
    path_of(store_folder, changed).write_bytes(b"something else")
    path_of(store_folder, missing).unlink()
    jobs.verify_documents(jarfalla.pk)
    assert fixity(jarfalla, changed) == Fixity.SOUND, "they were read when they were saved"
    age(jarfalla)
    jobs.verify_documents(jarfalla.pk)
    assert [fixity(jarfalla, each) for each in (sound, changed, missing)] == ["", "changed", "missing"]
    with readable(), tenant_transaction(jarfalla.pk):
        changed.refresh_from_db()
        with pytest.raises(Conflict, match="skadad"):
            access.require(changed, anna)
        [found] = [each for each in faults.current() if each.name == "documents.fixity"]
        assert len(found.faults) == 2
        assert not found.more


def test_one_that_was_mended_in_the_store_is_found_sound_the_next_time(
    jarfalla: Principal, anna: Actor, store_folder: Path
) -> None:
    document = saved(jarfalla, anna)
    path = path_of(store_folder, document)
    path.write_bytes(b"x")
    age(jarfalla)
    jobs.verify_documents(jarfalla.pk)
    assert fixity(jarfalla, document) == Fixity.CHANGED
    path.write_bytes(PDF)
    jobs.verify_documents(jarfalla.pk)
    assert fixity(jarfalla, document) == Fixity.SOUND


def test_a_store_that_does_not_answer_is_no_finding_about_a_file(
    jarfalla: Principal, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = saved(jarfalla, anna)
    age(jarfalla)

    def gone(*_: object) -> int:
        raise Unavailable

    monkeypatch.setattr("sambruk.platform.documents.store.FolderStore.verify", gone)
    with pytest.raises(Unavailable):
        jobs.verify_documents(jarfalla.pk)
    assert fixity(jarfalla, document) == Fixity.SOUND


def test_only_what_no_document_names_is_swept(
    jarfalla: Principal, botkyrka: Principal, anna: Actor, store_folder: Path
) -> None:
    kept = saved(jarfalla, anna, TEXT)
    other = saved(botkyrka, anna, TEXT)
    with pytest.raises(RuntimeError), tenant_transaction(jarfalla.pk):
        save(anna, PDF)
        raise RuntimeError
    gone = saved(jarfalla, anna, TEXT + b"!")
    with tenant_transaction(jarfalla.pk):
        by = system_actor(jarfalla.pk, "retention")
        actions.dispose(document_ids=[gone.pk], reason="Gallring.", by=by)
    assert len(stored(store_folder)) == 4
    jobs.sweep_orphans(jarfalla.pk)
    assert sorted(stored(store_folder)) == [kept.sha256, other.sha256]


def test_a_file_whose_transaction_is_still_open_is_not_swept(
    jarfalla: Principal, anna: Actor, store_folder: Path
) -> None:
    saved_it, finish = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with tenant_transaction(jarfalla.pk):
                save(anna)
                saved_it.set()
                finish.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert saved_it.wait(20)
    jobs.sweep_orphans(jarfalla.pk)
    finish.set()
    thread.join(20)
    with tenant_transaction(jarfalla.pk):
        document = Document.objects.get()
    assert stored(store_folder) == [document.sha256]


def test_a_file_swept_while_equal_bytes_are_saved_is_stored_again(
    jarfalla: Principal, anna: Actor, store_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the store's answer and the lock the sweep may take the bytes."""
    real = actions.lock_bytes

    def swept_first(sha256: str, *, shared: bool) -> bool:
        for path in store_folder.rglob(sha256):
            path.unlink()
        return real(sha256, shared=shared)

    monkeypatch.setattr(actions, "lock_bytes", swept_first)
    document = saved(jarfalla, anna)
    assert stored(store_folder) == [document.sha256]
