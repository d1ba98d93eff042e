"""The demo's bare address leads to its start page, its mailbox tells Swedish time."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include, path

from sambruk.operations.demo import mailbox
from sambruk.operations.demo.front_door import FrontDoorMiddleware
from sambruk.platform.ui.formats import datum_tid

urlpatterns = [path("demo/", include("sambruk.operations.demo.urls"))]


@pytest.mark.parametrize(
    ("host", "address", "leads"),
    [
        ("localhost:8000", "/", "/demo/"),
        ("127.0.0.1:8000", "/", "/demo/"),
        ("jarfalla.localhost:8000", "/", ""),
        ("localhost:8000", "/handlaggning/", ""),
    ],
)
@override_settings(ROOT_URLCONF=__name__)
def test_only_the_bare_address_leads_to_the_start_page(host: str, address: str, leads: str) -> None:
    door = FrontDoorMiddleware(lambda request: HttpResponse("the site"))
    answer = door(RequestFactory().get(address, headers={"host": host}))
    assert answer.headers.get("Location", "") == leads


def test_a_mail_that_was_dated_in_utc_is_told_in_swedish_time(tmp_path: Path) -> None:
    mail = b"Subject: Nytt\r\nDate: Tue, 24 Nov 2026 23:42:00 -0000\r\n\r\nHej\r\n"
    (tmp_path / "1.eml").write_bytes(mail)
    [read] = mailbox.latest(tmp_path)
    assert datum_tid(read.at) == "25 november 2026 kl. 00.42"
