"""Saving a file: what is accepted, what is refused, what is searched for viruses and when."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.platform.documents.clamd_server import MARK, ClamdServer
from tests.platform.documents.conftest import PDF, TEXT

from sambruk.common.actor import Actor, system_actor
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.documents import access, actions, queries
from sambruk.platform.documents.models import Document, Scan
from sambruk.platform.exchange import runner
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.usefixtures("store_folder")


def save(by: Actor, content: Any = PDF, **how: Any) -> Document:
    values = {"name": "intyg.pdf", "kind": "attachment", **how}
    return actions.save(content=content, by=by, **values)


def stored(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


@contextmanager
def readable() -> Iterator[None]:
    """Somebody answers yes for every attachment."""

    def yes(document: Document, actor: Actor) -> bool:
        return True

    access.reader("attachment")(yes)
    try:
        yield
    finally:
        access.forget(yes)


@pytest.mark.parametrize("content", [PDF, io.BytesIO(PDF)])
def test_what_is_saved_can_be_read_back(tenant: Principal, anna: Actor, content: Any) -> None:
    document = save(anna, content)
    with queries.open_document(document) as found:
        assert found.read() == PDF
    assert (document.mime, document.size, document.scan) == ("application/pdf", len(PDF), Scan.NONE)
    assert (document.created_by_id, document.created_by_kind) == (anna.id, "resident")
    event = AuditEvent.objects.get(object_id=document.pk)
    assert event.event == "document.saved"


def test_a_stream_that_cannot_be_wound_back_is_taken_too(tenant: Principal, anna: Actor) -> None:
    reading, writing = os.pipe()
    os.write(writing, PDF)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert save(anna, pipe).size == len(PDF)


def test_the_type_comes_from_the_bytes_and_the_name_follows(tenant: Principal, anna: Actor) -> None:
    document = save(anna, TEXT, name="../../etc/intyg.pdf\r\nX-Evil: 1")
    assert document.mime == "text/plain"
    assert document.name.endswith(".txt")
    assert not {"/", "\r", "\n"} & set(document.name)


@pytest.mark.parametrize(
    ("content", "how"),
    [
        (b"", {}),
        (b"MZ\x90\x00" + b"\0" * 200, {}),
        (b"<!doctype html><script>alert(1)</script>", {}),
        (PDF, {"allowed": ["jpeg"]}),
        (PDF, {"max_bytes": len(PDF) - 1}),
        (io.BytesIO(PDF), {"max_bytes": len(PDF) - 1}),
    ],
)
def test_what_is_refused_leaves_neither_row_nor_file(
    tenant: Principal, anna: Actor, store_folder: Path, content: Any, how: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        save(anna, content, **how)
    assert refused.value.message_sv
    assert not Document.objects.exists()
    assert stored(store_folder) == []


def test_a_file_of_our_own_is_taken_as_it_is(tenant: Principal) -> None:
    by = system_actor(tenant.pk, "payments")
    document = save(by, b"<?xml version='1.0'?><Document/>", name="betalning.xml", mime="application/xml")
    assert (document.mime, document.name, document.scan) == ("application/xml", "betalning.xml", Scan.NONE)


def test_equal_files_are_stored_once_in_a_tenant_and_apart_between_tenants(
    tenant: Principal, botkyrka: Principal, as_tenant: Callable[..., Any], anna: Actor, store_folder: Path
) -> None:
    first, second = save(anna), save(anna)
    assert first.pk != second.pk
    assert len(stored(store_folder)) == 1
    with as_tenant(botkyrka):
        save(anna)
    assert len(stored(store_folder)) == 2


def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    tenant: Principal, anna: Actor, store_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sambruk.platform.documents.store.os.fsync", full)
    with pytest.raises(Unavailable) as refused:
        save(anna)
    assert "plats" in refused.value.message_sv
    assert not Document.objects.exists()
    assert stored(store_folder) == []


def test_where_the_log_cannot_be_written_no_row_is_left(
    tenant: Principal, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("sambruk.platform.audit.actions.record", refuse)
    with pytest.raises(IntegrityError), transaction.atomic():
        save(anna)
    assert not Document.objects.exists()


def test_a_clean_file_is_marked_and_one_with_a_virus_is_refused(
    tenant: Principal, anna: Actor, settings: Any, store_folder: Path
) -> None:
    with ClamdServer() as clamd:
        settings.CLAMD = clamd.address
        document = save(anna)
        assert (document.scan, clamd.received) == (Scan.CLEAN, PDF)
        with pytest.raises(Invalid) as refused:
            save(anna, TEXT + MARK)
    assert "virus" in refused.value.message_sv
    assert refused.value.code == "infected"
    assert Document.objects.count() == 1
    assert len(stored(store_folder)) == 1


def test_a_clamd_that_is_gone_closes_the_file_until_it_is_back(
    committed_db: str, jarfalla: Principal, anna: Actor, karin: Actor, settings: Any
) -> None:
    settings.CLAMD = "tcp:127.0.0.1:1"
    with readable(), tenant_transaction(jarfalla.pk):
        document = save(anna)
        assert document.scan == Scan.PENDING
        assert access.require(document, anna)
        with pytest.raises(Conflict, match="väntar på virussökning"):
            access.require(document, karin)
        delivery = Delivery.objects.get(kind="documents.scan", object_id=document.pk)
    assert runner.run(tenant_id=jarfalla.pk, delivery_id=delivery.pk) is runner.Outcome.RETRY
    with tenant_transaction(jarfalla.pk):
        assert Document.objects.get().scan == Scan.PENDING
        Delivery.objects.update(next_at=delivery.created_at)
    with ClamdServer() as clamd:
        settings.CLAMD = clamd.address
        assert runner.run(tenant_id=jarfalla.pk, delivery_id=delivery.pk) is runner.Outcome.DONE
    with readable(), tenant_transaction(jarfalla.pk):
        document.refresh_from_db()
        assert document.scan == Scan.CLEAN
        assert access.require(document, karin)


@pytest.mark.parametrize("mode", ["hang_up", "garbage", "half", "error"])
def test_a_clamd_that_answers_wrongly_says_nothing_about_the_file(
    tenant: Principal, anna: Actor, settings: Any, mode: str
) -> None:
    with ClamdServer(mode) as clamd:
        settings.CLAMD = clamd.address
        assert save(anna).scan == Scan.PENDING


def test_a_virus_found_late_closes_the_file_for_everybody(
    committed_db: str, jarfalla: Principal, anna: Actor, settings: Any
) -> None:
    settings.CLAMD = "tcp:127.0.0.1:1"
    with tenant_transaction(jarfalla.pk):
        document = save(anna, TEXT + MARK)
        delivery = Delivery.objects.get(object_id=document.pk)
    with ClamdServer() as clamd:
        settings.CLAMD = clamd.address
        runner.run(tenant_id=jarfalla.pk, delivery_id=delivery.pk)
    with readable(), tenant_transaction(jarfalla.pk):
        document.refresh_from_db()
        assert document.scan == Scan.INFECTED
        assert document.url == ""
        with pytest.raises(Conflict, match="virus"):
            access.require(document, anna)


def test_where_the_scanner_was_removed_the_operator_is_told(
    committed_db: str, jarfalla: Principal, anna: Actor, settings: Any
) -> None:
    settings.CLAMD = "tcp:127.0.0.1:1"
    with tenant_transaction(jarfalla.pk):
        delivery = Delivery.objects.get(object_id=save(anna).pk)
    settings.CLAMD = ""
    assert runner.run(tenant_id=jarfalla.pk, delivery_id=delivery.pk) is runner.Outcome.GAVE_UP
    with tenant_transaction(jarfalla.pk):
        assert Document.objects.get().scan == Scan.PENDING
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_code) == (DeliveryState.GIVEN_UP, "no_scanner")


def test_what_nobody_answers_for_nobody_may_read(tenant: Principal, anna: Actor, karin: Actor) -> None:
    document = save(anna)
    for actor in (anna, karin):
        with pytest.raises(NotFound):
            access.require(document, actor)
    with readable():
        assert access.grant_for(document, karin) == access.Grant()
        assert access.grant_for(save(anna, kind="other"), karin) is None


def test_only_the_system_disposes(tenant: Principal, anna: Actor, karin: Actor) -> None:
    document = save(anna)
    with pytest.raises(NotAllowed):
        actions.dispose(document_ids=[document.pk], reason="Gallring.", by=karin)
    system = system_actor(tenant.pk, "retention")
    assert actions.dispose(document_ids=[document.pk], reason="Gallring.", by=system) == 1
    assert not Document.objects.exists()
    assert AuditEvent.objects.filter(event="document.disposed", object_id=document.pk).exists()
