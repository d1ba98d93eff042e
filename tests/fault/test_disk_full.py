"""The disk is full when a file is sent: a sentence at the field; what was there or typed is not lost."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.platform.forms.conftest import anna, browser, offered
from tests.platform.forms.test_report import PNG, WHAT, begin, fill
from tests.support import people

from sambruk.common.clock import now
from sambruk.platform.cases.models import Case, CaseDocument, Task
from sambruk.platform.documents import stores
from sambruk.platform.documents.models import Document
from sambruk.platform.forms.models import Draft, DraftFile
from sambruk.platform.messaging.models import Message
from sambruk.platform.tenancy.models import Principal

__all__ = ["anna", "browser", "offered"]
pytestmark = [pytest.mark.fault, pytest.mark.usefixtures("offered")]

FULL = "Det finns inte plats för fler filer just nu."


class Disk:
    """A disk of 512 KiB to fill up; where nothing may be mounted, a store whose writing says it is full."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, monkeypatch
        command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
        self.mounted = (
            os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
        )

    def fill(self) -> None:
        if not self.mounted:
            self._patch.setattr("sambruk.platform.documents.store.os.fsync", _no_space)
            return
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError as error:
                assert error.errno == errno.ENOSPC

    def empty(self) -> None:
        if self.mounted:
            (self.folder / "filler").unlink()
        else:
            self._patch.undo()

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


def _no_space(_descriptor: int) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def disk(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    settings.CLAMD = ""
    settings.DOCUMENT_STORE = str(tmp_path)
    stores._store.cache_clear()
    made = Disk(tmp_path, monkeypatch)
    yield made
    made.unmount()
    stores._store.cache_clear()


def picture(name: str) -> SimpleUploadedFile:
    """A picture whose bytes are its own: equal ones are stored once."""
    remark = b"tEXtComment\0" + name.encode() * 2000
    chunk = struct.pack(">I", len(remark) - 4) + remark + struct.pack(">I", zlib.crc32(remark))
    return SimpleUploadedFile(name, PNG[:-12] + chunk + PNG[-12:])


def test_a_report_survives_a_full_disk(disk: Disk, browser: Callable[..., Client]) -> None:
    client = browser()
    address = begin(client)
    fill(client, address)
    first = client.post(f"{address}fil/photo/", {"photo": picture("första.png")})
    assert first.status_code == 200
    disk.fill()
    refused = client.post(
        f"{address}fil/photo/", {"photo": picture("andra.png")}, headers={"hx-request": "true"}
    )
    assert FULL in refused.content.decode()
    assert "första.png" in refused.content.decode()
    assert refused.status_code == 422
    # Without scripts the file comes with the form: what was typed beside it is kept.
    typed = {**WHAT, "description": "Hålet har blivit djupare.", "photo": picture("andra.png")}
    page = client.post(f"{address}what/", typed)
    assert page.status_code == 422
    assert FULL in page.content.decode()
    assert Draft.objects.get().answers["description"] == "Hålet har blivit djupare."
    assert [one.document.name for one in DraftFile.objects.all()] == ["första.png"]
    assert Document.objects.count() == 1
    disk.empty()
    assert client.post(f"{address}fil/photo/", {"photo": picture("andra.png")}).status_code == 200
    client.post(f"{address}granska/")
    assert sorted(CaseDocument.objects.values_list("title", flat=True)) == ["andra.png", "första.png"]


def test_a_message_and_a_completion_are_kept_as_typed(disk: Disk, tenant: Principal, anna: Any) -> None:
    case = _case_of(anna)
    client = people.browser(tenant, anna)
    task = Task.objects.create(
        case=case,
        element="ask",
        title="Komplettera",
        done_by_kind=Task.For.RESIDENT,
        person=anna,
        opened_at=now(),
    )
    disk.fill()
    for path in (
        f"/mina-sidor/arenden/{case.pk}/meddelanden/",
        f"/mina-sidor/arenden/{case.pk}/komplettera/{task.pk}/",
    ):
        page = client.post(path, {"text": "Här är intyget.", "files": picture("intyg.png")})
        text = page.content.decode()
        assert page.status_code == 422, path
        assert FULL in text
        assert "Här är intyget." in text
    assert not Message.objects.exists()
    assert not Document.objects.exists()
    assert Task.objects.get(pk=task.pk).state == Task.State.OPEN


def _case_of(person: Any) -> Case:
    from sambruk.platform.definitions import effective

    found = effective.for_service("felanmalan")
    return people.case(person, service_id="felanmalan", definition_hash=found.hash, secrecy="public")
