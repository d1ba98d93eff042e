"""A place by address, by the telephone's position and, where a tile server is configured, on a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sambruk.platform.forms import maps
from sambruk.platform.forms.models import Draft
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.usefixtures("offered")
TILES = "https://kartor.example:8443/bilder/{z}/{x}/{y}.png"
WHAT = {"kind": "road", "danger": "no", "description": "Ett hål i gatan.", "continue": "1"}


@pytest.fixture
def report(browser: Callable[..., Client]) -> tuple[Client, str]:
    """A report that has come to the question of where."""
    client = browser()
    address = str(client.post("/tjanster/felanmalan/borja/")["Location"])
    assert client.post(f"{address}what/", WHAT).status_code == 302
    return client, f"{address}where/"


def policy(answer: Any) -> list[str]:
    return [part for part in answer["Content-Security-Policy"].split("; ") if "kartor" in part]


def test_without_a_tile_server_no_page_speaks_of_a_map(report: tuple[Client, str], settings: Any) -> None:
    settings.TILE_URL = ""
    client, where = report
    answer = client.get(where)
    page = answer.content.decode()
    assert "Skriv adressen, eller använd telefonens position." in page
    assert "kart" not in page.lower()
    assert policy(answer) == []
    wrong = client.post(where, {"place.address": "", "continue": "1"}).content.decode()
    assert "data-error-summary" in wrong
    assert "kart" not in wrong.lower()


def test_with_one_the_map_is_there_and_its_pictures_alone_are_let_in(
    report: tuple[Client, str], settings: Any
) -> None:
    settings.TILE_URL, settings.TILE_ATTRIBUTION = TILES, "© <Kommunen>"
    client, where = report
    answer = client.get(where)
    page = answer.content.decode()
    assert f'data-tiles="{TILES}"' in page
    assert 'data-attribution="© &lt;Kommunen&gt;"' in page
    # The map is hidden until a script shows it: without scripts the page is of words.
    assert " hidden>" in page.split("data-map ", 1)[1].split("\n", 1)[0]
    assert policy(answer) == ["img-src 'self' data: blob: https://kartor.example:8443"]
    # Another page of the same form lets in nothing.
    assert policy(client.get(where.replace("where", "what"))) == []
    # Also a page that shows errors.
    assert policy(client.post(where, {"place.address": "", "continue": "1"})) != []


def test_a_municipality_has_a_server_and_a_place_of_its_own(
    report: tuple[Client, str], settings: Any, jarfalla: Principal
) -> None:
    settings.TILE_URL = "https://annan.example/{z}/{x}/{y}.png"
    jarfalla.settings = {"map": {"tiles": TILES, "centre": [59.42, 17.83], "zoom": 13}}
    jarfalla.save()
    client, where = report
    page = client.get(where).content.decode()
    assert f'data-tiles="{TILES}"' in page
    assert 'data-centre="59.420000,17.830000" data-zoom="13"' in page
    assert "annan.example" not in page


@pytest.mark.parametrize(
    "address",
    [
        "ftp://kartor.example/{z}/{x}/{y}.png",
        "https://kartor.example/{z}/{x}.png",
        "https://kartor.example; script-src */{z}/{x}/{y}.png",
        "https://kartor.example script/{z}/{x}/{y}.png",
        "https://a:b@kartor.example/{z}/{x}/{y}.png",
        "https://{s}.kartor.example/{z}/{x}/{y}.png",
        "https://kartor.example:x/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
        "//kartor.example/{z}/{x}/{y}.png",
    ],
)
def test_an_address_that_would_break_the_policy_is_no_map(
    report: tuple[Client, str], settings: Any, address: str
) -> None:
    settings.TILE_URL = address
    assert maps.address_fault(address)
    client, where = report
    answer = client.get(where)
    assert "data-map" not in answer.content.decode()
    assert policy(answer) == []


@pytest.mark.parametrize(
    "given", [{"centre": "59"}, {"centre": [True, 1]}, {"centre": [99, 17]}, {"zoom": 40}, []]
)
def test_settings_that_are_no_view_begin_with_the_country(
    jarfalla: Principal, tenant: object, settings: Any, given: Any
) -> None:
    settings.TILE_URL = TILES
    jarfalla.settings = {"map": given}
    jarfalla.save()
    server = maps.tile_server()
    assert server is not None
    assert (server.latitude, server.longitude, server.zoom) == (60.0, 16.0, 5)


def test_a_position_is_enough_is_shown_and_stays(report: tuple[Client, str]) -> None:
    client, where = report
    spot = {"place.address": "", "place.lat": "59.425000", "place.lon": "17.830000"}
    assert client.post(where, {**spot, "continue": "1"}).status_code == 302
    assert Draft.objects.get().answers["place"] == {"lat": "59.425000", "lon": "17.830000"}
    page = client.get(where).content.decode()
    assert "59.425000, 17.830000" in page
    assert 'name="place.lat" id="id_place.lat" value="59.425000"' in page


def test_a_position_elsewhere_is_told_at_the_field(report: tuple[Client, str]) -> None:
    client, where = report
    paris = {"place.lat": "48.850000", "place.lon": "2.350000", "continue": "1"}
    answer = client.post(where, paris)
    assert answer.status_code == 422
    assert "Platsen ligger inte i Sverige" in answer.content.decode()
