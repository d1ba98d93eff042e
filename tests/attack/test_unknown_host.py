"""The whole stack on a host that is nobody's: a page in Swedish, and not a word of who is there."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

NAMES = ("Järfälla", "Botkyrka", "Jönköping")


@pytest.mark.parametrize("path", ["/", "/mina-sidor/", "/handlaggning/", "/api/v1/", "/finns-inte/"])
@pytest.mark.parametrize("host", ["okand.localhost", "127.0.0.1"])
def test_an_unknown_host_is_told_nothing(path: str, host: str) -> None:
    response = Client().get(path, HTTP_HOST=host)
    page = response.content.decode()
    assert response.status_code == 404
    assert not any(name in page for name in NAMES)
    assert "finns inte" in page  # the page, or problem+json under /api/


def test_health_and_readiness_answer_on_any_host() -> None:
    web = Client()
    assert web.get("/halsa/", HTTP_HOST="127.0.0.1").json() == {"status": "ok"}
    assert web.get("/redo/", HTTP_HOST="127.0.0.1").json()["checks"]["database"] == "ok"


def test_a_page_that_is_not_there_is_the_municipalitys_own(jarfalla: object) -> None:
    response = Client().get("/finns-inte/", HTTP_HOST="jarfalla.localhost")
    assert response.status_code == 404
    assert "Järfälla" in response.content.decode()
