"""A report without login: from the first page to the code by which it is followed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sambruk.platform.cases.models import Application, Case

pytestmark = pytest.mark.usefixtures("offered")
Browser = Callable[..., Client]

WHAT = {"kind": "road", "danger": "no", "description": "Ett stort hål mitt i gatan.", "continue": "1"}
WHERE = {"place.address": "Storgatan 1", "place.lat": "", "place.lon": "", "place.description": "vid kiosken"}
CONTACT = {"wants_answer": "no", "continue": "1"}


def begin(client: Client) -> str:
    """Begin a report; return the draft's address."""
    response = client.post("/tjanster/felanmalan/borja/")
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def fill(client: Client, address: str, **change: Any) -> None:
    for step, data in (("what", WHAT), ("where", WHERE), ("contact", CONTACT)):
        response = client.post(f"{address}{step}/", {**data, **change})
        assert response.status_code == 302, response.content.decode()


def test_a_report_becomes_a_case_that_its_code_follows(browser: Browser) -> None:
    client = browser()
    assert "Felanmälan gata och park" in client.get("/").content.decode()
    assert "Du behöver inte logga in" in client.get("/tjanster/felanmalan/").content.decode()
    address = begin(client)
    assert client.get(address, follow=True).redirect_chain == [(f"{address}what/", 302)]
    assert "Vad är fel?" in client.get(f"{address}what/").content.decode()
    fill(client, address)
    page = client.get(f"{address}granska/").content.decode()
    assert "Ett stort hål" in page
    response = client.post(f"{address}granska/")
    case = Case.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/kvitto/{case.pk}/")
    page = client.get(response["Location"]).content.decode()
    assert case.number in page
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{2}(?=</p>)", page)
    assert code is not None
    found = browser().post("/folj/", {"kod": code[0].lower()})
    assert case.number in found.content.decode()
    assert case.title == "Felanmälan: Hål eller skada i väg eller gångväg, Storgatan 1"
    assert case.code_hash
    assert code[0].replace("-", "") not in case.code_hash
    assert Application.objects.get().answers["place"] == {
        "address": "Storgatan 1",
        "description": "vid kiosken",
    }
