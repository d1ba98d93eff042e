"""A session: whose it is, how it begins, lives and ends."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.platform.identity.conftest import record_of
from tests.support.browser import Browser
from tests.support.oidc import BO, Provider, running

from sambruk.common.clock import now
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity import sessions
from sambruk.platform.identity.models import IdentityProvider, LoginAttempt, Session
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")


@pytest.fixture
def browser(committed_db: str, jarfalla: Principal, provider: Provider) -> Browser:
    with tenant_transaction(jarfalla.pk):
        record_of(provider)
    return Browser("jarfalla.localhost")


def age(jarfalla: Principal, by: timedelta) -> None:
    """Make the session as old as if it had begun that much earlier."""
    with tenant_transaction(jarfalla.pk):
        session = Session.objects.get()
        for name in ("created_at", "seen_at", "expires_at", "ends_at"):
            setattr(session, name, getattr(session, name) - by)
        session.save()


def test_without_a_cookie_nobody_is_asked_for(browser: Browser, django_assert_num_queries: Any) -> None:
    browser.get("/whoami/")
    # The host is remembered; what is left is the transaction's beginning, its tenant, and its end.
    with django_assert_num_queries(3):
        assert browser.whoami()["kind"] == "anonymous"


def test_with_a_cookie_it_is_one_query_more(
    browser: Browser, provider: Provider, django_assert_num_queries: Any
) -> None:
    browser.log_in(provider)
    with django_assert_num_queries(4):
        assert browser.whoami()["kind"] == "resident"


def test_a_key_planted_before_the_login_is_worth_nothing_after(browser: Browser, provider: Provider) -> None:
    planted = sessions.new_secret()
    browser.client.cookies["sambruk_session"] = planted
    browser.log_in(provider)
    assert browser.session_key not in (None, planted)
    attacker = Browser("jarfalla.localhost")
    attacker.client.cookies["sambruk_session"] = planted
    assert attacker.whoami()["kind"] == "anonymous"


def test_a_new_login_ends_the_former_session(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    former = browser.session_key
    browser.log_in(provider, {**BO, "acr": "http://id.elegnamnden.se/loa/1.0/loa4"}, "/logga-in/?niva=4")
    assert browser.whoami()["name"] == "Bo Lund"
    old = Browser("jarfalla.localhost")
    old.client.cookies["sambruk_session"] = former or ""
    assert old.whoami()["kind"] == "anonymous"
    with tenant_transaction(jarfalla.pk):
        assert Session.objects.count() == 1


def test_a_session_of_another_municipality_is_refused(
    browser: Browser, provider: Provider, botkyrka: Principal
) -> None:
    browser.log_in(provider)
    other = Browser("botkyrka.localhost")
    other.client.cookies["sambruk_session"] = browser.session_key or ""
    response = other.get("/whoami/")
    assert response.json()["kind"] == "anonymous"
    assert response.cookies["sambruk_session"].value == ""
    assert browser.whoami()["kind"] == "resident"


@pytest.mark.parametrize("key", ["", "x", "x" * 5000, "å" * 43, "' OR 1=1 --" * 3])
def test_a_made_up_key_is_nobody(browser: Browser, key: str) -> None:
    browser.client.cookies["sambruk_session"] = key
    assert browser.whoami()["kind"] == "anonymous"


def test_logging_out_ends_the_session_here_and_at_the_provider(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    key = browser.session_key
    response = browser.post("/logga-ut/")
    # A page that goes on by itself: a redirect of the form's own answer is stopped by form-action.
    assert response.status_code == 200
    assert "Du är utloggad" in response.content.decode()
    address = urlsplit(response["Refresh"].removeprefix("0; url="))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/logout"
    query = parse_qs(address.query)
    assert query == {
        "client_id": ["0123-resident"],
        "post_logout_redirect_uri": ["http://jarfalla.localhost:8000/"],
    }
    assert browser.session_key is None
    browser.client.cookies["sambruk_session"] = key or ""
    assert browser.whoami()["kind"] == "anonymous"
    with tenant_transaction(jarfalla.pk):
        assert AuditEvent.objects.filter(event="session.ended").count() == 1


def test_a_provider_that_is_down_keeps_nobody_logged_in(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    with running() as gone:
        pass
    with tenant_transaction(jarfalla.pk):
        IdentityProvider.objects.update(issuer=gone.issuer)
    response = browser.post("/logga-ut/")
    assert "Du är utloggad" in response.content.decode()
    assert "Refresh" not in response
    assert browser.whoami()["kind"] == "anonymous"


def test_logging_out_needs_the_page_s_own_form(browser: Browser, provider: Provider) -> None:
    strict = Browser("jarfalla.localhost", csrf=True)
    strict.log_in(provider)
    assert strict.post("/logga-ut/").status_code == 403
    assert strict.whoami()["kind"] == "resident"
    page = strict.get("/logga-ut/").content.decode()
    assert "Vill du logga ut?" in page
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    assert strict.post("/logga-ut/", {"csrfmiddlewaretoken": token[1]}).status_code == 200
    assert "Du är utloggad" in strict.get("/logga-ut/").content.decode()


def test_the_form_token_changes_at_login(browser: Browser, provider: Provider) -> None:
    browser.client.cookies["csrftoken"] = "a" * 32
    browser.log_in(provider)
    assert browser.client.cookies["csrftoken"].value != "a" * 32


def test_use_moves_the_end_on_but_is_not_written_at_each_request(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    first = browser.log_in(provider)["X-Session-Expires"]
    assert browser.get("/whoami/")["X-Session-Expires"] == first
    age(jarfalla, timedelta(minutes=20))
    assert browser.get("/whoami/")["X-Session-Expires"] > first


def test_the_page_s_own_question_does_not_keep_a_session_alive(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    age(jarfalla, timedelta(minutes=20))
    state = browser.get("/session/").json()
    assert 500 < state["seconds_left"] <= 600
    assert browser.get("/session/").json()["expires_at"] == state["expires_at"]
    longer = browser.post("/session/forlang/")
    assert longer.json()["seconds_left"] > 1700
    assert longer["X-Session-Expires"] == longer.json()["expires_at"]


def test_an_idle_session_ends_and_says_so(browser: Browser, provider: Provider, jarfalla: Principal) -> None:
    browser.log_in(provider)
    age(jarfalla, timedelta(minutes=31))
    response = browser.get("/resident/")
    assert response["Location"] == "/logga-in/?next=%2Fresident%2F&niva=3"
    assert browser.session_key is None
    assert browser.get("/session/").status_code == 401
    assert browser.post("/session/forlang/").status_code == 401


def test_a_session_ends_after_a_working_day_however_used(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    age(jarfalla, timedelta(hours=7, minutes=59))
    with tenant_transaction(jarfalla.pk):
        session = Session.objects.get()
        session.expires_at = session.ends_at
        session.save()
    assert browser.post("/session/forlang/").json()["seconds_left"] <= 60


def test_what_somebody_logged_in_sees_is_not_kept_by_caches(browser: Browser, provider: Provider) -> None:
    assert browser.get("/whoami/").get("Cache-Control") is None
    browser.log_in(provider)
    assert browser.get("/whoami/")["Cache-Control"] == "no-store"


def test_what_has_expired_goes_at_the_next_login(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    age(jarfalla, timedelta(hours=1))
    with tenant_transaction(jarfalla.pk):
        LoginAttempt.objects.update(expires_at=now() - timedelta(hours=2))
        old = Session.objects.get().pk
    Browser("jarfalla.localhost").log_in(provider, BO)
    with tenant_transaction(jarfalla.pk):
        assert old not in Session.objects.values_list("pk", flat=True)
        assert LoginAttempt.objects.count() == 1


def test_a_fragment_of_a_page_leads_the_whole_page_to_the_login(browser: Browser) -> None:
    response = browser.get("/resident/", **{"hx-request": "true"})
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/logga-in/?next=%2Fresident%2F&niva=3"


def test_a_resident_is_not_staff_and_is_told_so(browser: Browser, provider: Provider) -> None:
    assert browser.get("/staff/")["Location"].startswith("/personal/logga-in/?next=%2Fstaff%2F")
    browser.log_in(provider)
    response = browser.get("/staff/")
    assert response.status_code == 403
    assert "bara för dem som arbetar här" in response.content.decode()
