"""The frame of the pages: headers, theme, logo, errors, notices, navigation."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from tests.platform.ui.site import ANNA, LOGO

from sambruk.common.actor import anonymous_actor
from sambruk.common.errors import SambrukError
from sambruk.platform.ui import errors, navigation, notices
from sambruk.platform.ui.context import Chrome, theme_of
from sambruk.platform.ui.navigation import NavItem, links, register
from sambruk.platform.ui.theme import DEFAULT_COLOUR, theme_for
from sambruk.platform.ui.views import logo_digest

PAGES = ["", "formular/", "handlaggning/"]


@pytest.fixture
def client(site: Any) -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("page", PAGES)
def test_the_gallery_shows_every_page_without_inline_code(client: Client, page: str) -> None:
    answer = client.get(f"/galleri/{page}")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Järfälla kommun" in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert "<style" not in text
    assert "<script>" not in text
    assert '<html lang="sv" data-color-scheme="auto">' in text
    assert "historyCacheSize" in text


@pytest.mark.parametrize("page", ["finns-inte", "999"])
def test_the_gallery_has_no_other_pages(client: Client, page: str) -> None:
    assert client.get(f"/galleri/{page}/").status_code == 404


def test_the_gallery_is_closed_in_production(client: Client, site: Any) -> None:
    site.DEBUG = site.DEMO = site.TEST_MODE = False
    assert client.get("/galleri/").status_code == 404


def test_headers_forbid_everything_from_elsewhere(client: Client) -> None:
    answer = client.get("/galleri/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("form-action 'self'")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "geolocation=(self)" in answer["Permissions-Policy"]
    assert "frame-ancestors 'none'" in policy


def test_a_page_may_name_where_its_forms_end_and_pictures_come_from(client: Client) -> None:
    policy = client.get("/logga-in/")["Content-Security-Policy"]
    assert "form-action 'self' https://idp.example" in policy
    assert "img-src 'self' data: blob: https://tiles.example" in policy


def test_the_theme_is_served_by_its_hash_for_ever(client: Client) -> None:
    client.cookies["colour"] = "#c8102e"
    theme = theme_for("#c8102e")
    answer = client.get(f"/tema/{theme.digest}.css")
    assert answer.content.decode() == theme.css
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert theme.digest in client.get("/galleri/").content.decode()
    assert client.get(f"/tema/{theme_for('#fff').digest}.css").status_code == 404


def test_a_colour_that_is_none_gives_the_houses_own_theme() -> None:
    class Tenant:
        colour = "röd"

    assert theme_of(Tenant()) == theme_for(DEFAULT_COLOUR)
    assert theme_of(None) == theme_for(DEFAULT_COLOUR)


def test_the_logo_is_a_picture_that_can_run_nothing(client: Client) -> None:
    answer = client.get(f"/vapen/{logo_digest(LOGO)}.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert client.get(f"/vapen/{logo_digest('other')}.svg").status_code == 404


def test_the_accessibility_statement_names_the_law(client: Client) -> None:
    assert "2018:1937" in client.get("/tillganglighet/").content.decode()


@pytest.mark.parametrize(
    ("name", "status"),
    [("NotAllowed", 403), ("NotFound", 404), ("Conflict", 409), ("Invalid", 422), ("Unavailable", 503)],
)
def test_an_expected_fault_is_a_page_with_its_sentence(client: Client, name: str, status: int) -> None:
    answer = client.get(f"/fel/{name}/")
    assert answer.status_code == status
    assert "Det här är en egen mening." in answer.content.decode()
    assert ("Läs om sidan</a>" in answer.content.decode()) == (status in (409, 503))


def test_an_expected_fault_rolls_the_transaction_back(site: Any) -> None:
    request = RequestFactory().post("/")
    middleware = errors.ErrorPagesMiddleware(lambda request: errors.not_found(request))
    with patch.object(errors, "connection") as connection, patch.object(errors, "transaction") as transaction:
        connection.in_atomic_block = True
        answer = middleware.process_exception(request, SambrukError("Något blev fel."))
    transaction.set_rollback.assert_called_once_with(True)
    assert answer is not None
    assert answer.status_code == 500
    assert middleware.process_exception(request, ValueError()) is None


def test_a_fault_of_ours_says_so(client: Client) -> None:
    answer = client.get("/krasch/")
    assert answer.status_code == 500
    assert "Något gick fel hos oss" in answer.content.decode()
    assert "a fault of ours" not in answer.content.decode()


def test_pages_of_errors_say_what_to_do(client: Client) -> None:
    assert "Sidan finns inte" in client.get("/galleri/404/").content.decode()
    assert "Någon annan hann före" in client.get("/galleri/409/").content.decode()
    request = RequestFactory().get("/")
    assert errors.bad_request(request).status_code == 400
    assert errors.forbidden(request).status_code == 403


def test_a_form_without_its_token_is_explained(site: Any) -> None:
    answer = Client(enforce_csrf_checks=True).post("/logga-in/", {})
    assert answer.status_code == 403
    assert "öppen för länge" in answer.content.decode()


def test_a_notice_is_said_once_on_the_next_page(client: Client) -> None:
    client.get("/besked/")
    first = client.get("/galleri/").content.decode()
    assert "Ansökan är borttagen." in first
    assert "Ansökan är borttagen." not in client.get("/galleri/").content.decode()


def test_a_notice_that_was_tampered_with_is_not_said(client: Client) -> None:
    client.cookies[notices.COOKIE] = "nonsense"
    assert client.get("/galleri/").status_code == 200


def test_notices_of_two_requests_are_said_together(client: Client) -> None:
    client.get("/besked/")
    client.get("/besked/")
    assert client.get("/galleri/").content.decode().count("Ansökan är borttagen.") == 2


def _request(path: str, actor: Any) -> HttpRequest:
    request = RequestFactory().get(path)
    request.actor = actor  # type: ignore[attr-defined]
    return request


def test_navigation_shows_what_one_may_open(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_items", {})
    register(NavItem(face="resident", label="Hem", url_name="home", order=1))
    register(
        NavItem(face="resident", label="Galleri", url_name="ui:gallery", order=2, badge=lambda request: 3)
    )
    register(
        NavItem(face="resident", label="Tillgänglighet", url_name="ui:accessibility", permission="login")
    )
    register(NavItem(face="resident", label="Hemligt", url_name="session_extend", permission="case.write"))
    register(NavItem(face="resident", label="Saknas", url_name="not:installed"))
    register(NavItem(face="staff", label="Inkorg", url_name="home"))
    shown = links("resident", _request("/galleri/formular/", ANNA))
    assert [(link.label, link.current, link.count) for link in shown] == [
        ("Hem", False, None),
        ("Galleri", True, 3),
        ("Tillgänglighet", False, None),
    ]
    assert [link.label for link in links("resident", _request("/", anonymous_actor(None)))] == [
        "Hem",
        "Galleri",
    ]
    nobody = RequestFactory().get("/")
    assert [link.label for link in links("resident", nobody)] == ["Hem", "Galleri"]


def test_the_frame_of_somebody_who_is_not_logged_in(site: Any) -> None:
    chrome = Chrome(_request("/", anonymous_actor(None)))
    assert (chrome.logged_in, chrome.person_name, chrome.actor_key, chrome.session_expires) == (
        False,
        "",
        "",
        "",
    )
    assert chrome.name == "Sambruk"
    assert chrome.logo_url == ""
    assert chrome.palette_url == ""


def test_the_actors_key_says_nothing_of_who_it_is(site: Any) -> None:
    key = Chrome(_request("/", ANNA)).actor_key
    assert len(key) == 16
    assert str(ANNA.id) not in key
