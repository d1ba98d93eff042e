"""Files that are not what they say, or want to be elsewhere: refused in words, and kept by hash alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.platform.forms import household
from tests.platform.forms.conftest import anna, browser, offered
from tests.platform.forms.test_application import earlier_case
from tests.platform.forms.test_report import PNG, begin
from tests.support import people

from sambruk.platform.documents import stores
from sambruk.platform.documents.models import Document
from sambruk.platform.forms.models import DraftFile
from sambruk.platform.identity.models import Person
from sambruk.platform.tenancy.models import Principal

__all__ = ["anna", "browser", "offered"]
pytestmark = pytest.mark.usefixtures("offered")

NAMES = (
    "../../../etc/cron.d/evil.png", "..\\..\\windows\\evil.png", "/etc/passwd.png", "C:\\evil.png",
    "a\0b.png",
    "evil.png\r\nSet-Cookie: a=b.png", "\u202egnp.exe.png", ".htaccess.png", "con.png", "a" * 400 + ".png",
    '"><img src=x onerror=alert(1)>.png', "%2e%2e%2fevil.png", "....//evil.png", ".png", "evil.png/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Any:
    settings.CLAMD = ""
    settings.DOCUMENT_STORE = str(tmp_path / "store")
    stores._store.cache_clear()
    yield tmp_path
    stores._store.cache_clear()


def test_a_name_decides_nothing_about_where_it_is_kept(
    browser: Callable[..., Client], store: Path, tenant: Principal
) -> None:
    for name in NAMES:
        client = browser()
        address = begin(client)
        # By hand: the test client's own files take the path off a name before it is sent.
        answer = client.generic("POST", f"{address}fil/photo/", multipart(name), content_type=FORM)
        assert answer.status_code in (200, 400, 404, 422), (name, answer.status_code)
        assert "Set-Cookie" not in answer.headers
    kept = {document.name for document in Document.objects.all()}
    assert len(kept) > 6
    for name in kept:
        assert not set(name) & set("/\\\0\r\n\u202e"), name
        assert len(name) <= 200
        assert name.strip(". ")
    files = [path for path in store.rglob("*") if path.is_file()]
    assert {path.name for path in files} == set(Document.objects.values_list("sha256", flat=True))
    assert all(str(tenant.pk) in path.parts for path in files)


FORM = "multipart/form-data; boundary=gr"


def multipart(name: str) -> bytes:
    """A form with one picture under this name, as it stands."""
    head = f'--gr\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: image/png\r\n\r\n" + PNG + b"\r\n--gr--\r\n"


def archive(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return buffer.getvalue()


WORD = (("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>"))


@pytest.mark.parametrize(
    "content",
    [
        archive(*WORD, ("../../etc/passwd", b"x")),
        archive(*WORD, ("/etc/passwd", b"x")),
        archive(*WORD, ("word/vbaProject.bin", b"x")),
        archive(*WORD, ("word/bomb.xml", b"0" * 300_000_000)),
        archive(("a.txt", b"x")),
        archive(*WORD)[:-30],
        b"PK\x03\x04" + b"\0" * 200,
        b"MZ\x90\0" + b"\0" * 200,
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"",
    ],
    ids=["up", "root", "macro", "bomb", "no document", "torn", "head only", "program", "page", "drawing",
         "empty"],
)  # fmt: skip
def test_what_is_no_document_is_refused_in_words(
    browser: Callable[..., Client], anna: Person, content: bytes
) -> None:
    earlier_case(anna)
    client = browser(anna)
    address = household.begin(client)
    sent = client.post(
        f"{address}fil/other_files/", {"other_files": SimpleUploadedFile("intyg.docx", content)}
    )
    assert sent.status_code == 422
    assert "intyg.docx" in sent.content.decode()
    assert not DraftFile.objects.exists()
    assert not Document.objects.exists()


def test_too_large_and_too_many(browser: Callable[..., Client]) -> None:
    client = browser()
    address = begin(client)
    large = SimpleUploadedFile("stor.png", PNG + b"\0" * (16 * 1024 * 1024))
    answer = client.post(f"{address}fil/photo/", {"photo": large})
    assert answer.status_code == 422
    assert "MB" in answer.content.decode()
    many = [SimpleUploadedFile(f"{number}.png", PNG) for number in range(9)]
    answer = client.post(f"{address}fil/photo/", {"photo": many})
    assert answer.status_code == 422
    assert DraftFile.objects.count() <= 5
    parts = {f"f{number}": SimpleUploadedFile("a.png", PNG) for number in range(150)}
    assert client.post(f"{address}fil/photo/", parts).status_code in (400, 404, 413, 422)


def test_another_municipalitys_equal_file_is_not_told(
    browser: Callable[..., Client], tenant: Principal, store: Path
) -> None:
    """Equal bytes are stored once in each tenant: nobody learns that another had them."""
    client = browser()
    address = begin(client)
    client.post(f"{address}fil/photo/", {"photo": SimpleUploadedFile("a.png", PNG)})
    client.post(f"{address}fil/photo/", {"photo": SimpleUploadedFile("b.png", PNG)})
    assert Document.objects.count() == 2
    assert {path.relative_to(store / "store").parts[0] for path in store.rglob("*") if path.is_file()} == {
        str(tenant.pk)
    }
    assert people.browser(tenant).get(f"/dokument/{Document.objects.first().pk}/").status_code == 404  # type: ignore[union-attr]
