"""Logging in as a resident or as staff: what works, and every answer that must not be believed."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.conf import LazySettings
from tests.platform.identity.conftest import record_of
from tests.support.browser import Browser
from tests.support.oidc import ANNA, BO, LOA2, LOA3, NUMBER_CLAIM, Provider, rsa_key, running

from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity.models import IdentityProvider, LoginAttempt, Person, Session, StaffMember
from sambruk.platform.identity.oidc import http
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")


@pytest.fixture
def browser(committed_db: str, jarfalla: Principal, provider: Provider) -> Browser:
    with tenant_transaction(jarfalla.pk):
        record_of(provider)
    return Browser("jarfalla.localhost")


def fault(response: Any) -> str:
    """Return which fault a page shows; it must lead on, and tell whom to ask."""
    text = response.content.decode()
    assert "Du är inte inloggad" in text
    assert "Försök igen" in text
    return text.partition('data-login-fault="')[2].partition('"')[0]


def test_a_resident_logs_in_and_comes_back_where_she_was(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    response = browser.log_in(provider, path="/logga-in/?next=/whoami/%3Fsida=2")
    assert (response.status_code, response["Location"]) == (302, "/whoami/?sida=2")
    me = browser.whoami()
    assert (me["kind"], me["name"], me["assurance"]) == ("resident", "Anna Ek", 3)
    with tenant_transaction(jarfalla.pk):
        person = Person.objects.get()
        assert person.personal_number == ANNA[NUMBER_CLAIM]
        assert {e.event for e in AuditEvent.objects.filter(person_id=person.pk)} == {
            "person.created_by_login",
            "session.began",
        }


def test_the_request_is_as_the_standards_ask(browser: Browser, provider: Provider) -> None:
    query = dict(parse_qsl(urlsplit(browser.begin()).query))
    assert query["redirect_uri"] == "http://jarfalla.localhost:8000/logga-in/svar/"
    assert query["code_challenge_method"] == "S256"
    assert "openid" in query["scope"].split()
    assert len(query["state"]) > 40
    assert len(query["nonce"]) > 40
    other = dict(parse_qsl(urlsplit(browser.begin()).query))
    assert {query[name] for name in ("state", "nonce", "code_challenge")}.isdisjoint(
        other[name] for name in ("state", "nonce", "code_challenge")
    )


def test_the_session_cookie_is_the_browsers_alone(browser: Browser, provider: Provider) -> None:
    cookie = browser.log_in(provider).cookies["sambruk_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["domain"] == ""
    assert cookie["max-age"] == ""


def test_the_table_does_not_hold_the_cookies_key(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    with tenant_transaction(jarfalla.pk):
        assert browser.session_key not in str(Session.objects.values().get())


def test_logging_in_again_is_the_same_person_under_a_new_name(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    browser.log_in(provider)
    browser.post("/logga-ut/")
    browser.log_in(provider, {**ANNA, "family_name": "Ekström"})
    with tenant_transaction(jarfalla.pk):
        assert Person.objects.get().full_name == "Anna Ekström"


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/mina-sidor/", "/mina-sidor/"),
        ("https://evil.example/", "/mina-sidor/"),
        ("//evil.example/", "/mina-sidor/"),
        ("/\\evil.example/", "/mina-sidor/"),
        ("javascript:alert(1)", "/mina-sidor/"),
        ("/x%0d%0aSet-Cookie:a=b", "/mina-sidor/"),
        ("", "/mina-sidor/"),
    ],
)
def test_a_login_leads_only_to_a_page_here(
    browser: Browser, provider: Provider, target: str, lands: str
) -> None:
    assert browser.log_in(provider, path=f"/logga-in/?next={target}")["Location"] == lands


WRONG: dict[str, dict[str, Any]] = {
    "signature": {"sign_with": "stranger"},
    "key": {"sign_with": "unpublished"},
    "audience": {"change": {"aud": "0127-resident"}},
    "issuer": {"change": {"iss": "https://evil.example"}},
    "nonce": {"change": {"nonce": "x" * 43}},
    "no nonce": {"drop": {"nonce"}},
    "expired": {"change": {"exp": 1_000_000_000}},
    "old": {"change": {"iat": 1_000_000_000}},
    "alg none": {"header": {"alg": "none"}},
    "no token": {"raw_token": "rubbish"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_token_that_does_not_hold_logs_nobody_in(
    browser: Browser, provider: Provider, jarfalla: Principal, wrong: str
) -> None:
    for name, value in WRONG[wrong].items():
        made = {"stranger": "first", "unpublished": "other"}
        setattr(provider, name, rsa_key(made[value]) if name == "sign_with" else value)
    response = browser.log_in(provider)
    assert response.status_code == 400
    assert fault(response) == "token_refused"
    assert browser.whoami()["kind"] == "anonymous"
    with tenant_transaction(jarfalla.pk):
        assert not Session.objects.exists()
        assert not Person.objects.exists()


def test_the_page_of_a_fault_leads_to_where_one_was_going(browser: Browser, provider: Provider) -> None:
    provider.change = {"nonce": "x"}
    page = browser.log_in(provider, path="/logga-in/?next=/resident/").content.decode()
    assert 'href="/logga-in/?next=%2Fresident%2F"' in page


def test_an_answer_is_good_once(browser: Browser, provider: Provider) -> None:
    provider.reuse_codes = True
    parameters = provider.authorize(browser.begin(), ANNA)
    assert browser.answer(parameters).status_code == 302
    again = browser.answer(parameters)
    assert (again.status_code, fault(again)) == (400, "login_unknown")


def test_a_code_is_good_once(browser: Browser, provider: Provider) -> None:
    first = provider.authorize(browser.begin(), ANNA)
    browser.answer(first)
    second = provider.authorize(browser.begin("/logga-in/?niva=4"), ANNA)
    response = browser.answer({**second, "code": first["code"]})
    assert (response.status_code, fault(response)) == (400, "code_refused")


def test_a_token_of_an_earlier_login_is_refused(browser: Browser, provider: Provider) -> None:
    browser.log_in(provider)
    provider.raw_token = provider.last_token
    other = Browser("jarfalla.localhost")
    assert fault(other.log_in(provider, BO)) == "token_refused"
    assert other.whoami()["kind"] == "anonymous"


def test_an_answer_that_another_browser_asked_for_is_refused(browser: Browser, provider: Provider) -> None:
    """An attacker sends the victim a link that would log her in as the attacker."""
    parameters = provider.authorize(browser.begin(), BO)
    victim = Browser("jarfalla.localhost")
    assert fault(victim.answer(parameters)) == "login_unknown"
    victim.begin()
    assert fault(victim.answer(parameters)) == "login_unknown"
    assert browser.answer(parameters).status_code == 302


@pytest.mark.parametrize("parameters", [{}, {"state": ""}, {"state": "x" * 43, "code": "y"}, {"code": "y"}])
def test_an_answer_that_nobody_asked_for_is_refused(browser: Browser, parameters: dict[str, str]) -> None:
    assert fault(browser.answer(parameters)) == "login_unknown"


def test_an_answer_after_ten_minutes_is_refused(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    parameters = provider.authorize(browser.begin(), ANNA)
    with tenant_transaction(jarfalla.pk):
        attempt = LoginAttempt.objects.get()
        attempt.expires_at = attempt.created_at
        attempt.save()
    assert fault(browser.answer(parameters)) == "login_expired"


def test_two_tabs_may_log_in_at_once(browser: Browser, provider: Provider) -> None:
    first, second = browser.begin(), browser.begin()
    assert browser.answer(provider.authorize(first, ANNA)).status_code == 302
    assert browser.answer(provider.authorize(second, ANNA)).status_code == 302


def test_an_answer_for_another_municipality_is_refused(
    browser: Browser, provider: Provider, botkyrka: Principal
) -> None:
    with tenant_transaction(botkyrka.pk):
        record_of(provider)
    other = Browser("botkyrka.localhost")
    theirs = provider.authorize(other.begin(), ANNA)
    browser.begin()
    browser.client.cookies["sambruk_login"] = other.client.cookies["sambruk_login"].value
    assert fault(browser.answer(theirs)) == "login_unknown"


def test_a_token_issued_for_another_municipality_is_refused(browser: Browser, provider: Provider) -> None:
    provider.change = {"aud": "0127-resident"}
    assert fault(browser.log_in(provider)) == "token_refused"


def test_an_answer_that_names_another_issuer_is_refused(browser: Browser, provider: Provider) -> None:
    parameters = provider.authorize(browser.begin(), ANNA)
    assert fault(browser.answer({**parameters, "iss": "https://evil.example"})) == "token_refused"
    assert fault(browser.answer(parameters)) == "login_unknown"


def test_a_provider_that_says_it_names_itself_must(browser: Browser, provider: Provider) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    parameters = provider.authorize(browser.begin(), ANNA)
    assert fault(browser.answer(parameters)) == "token_refused"
    parameters = provider.authorize(browser.begin(), ANNA)
    assert browser.answer({**parameters, "iss": provider.issuer}).status_code == 302


def test_cancelling_says_so(browser: Browser, provider: Provider) -> None:
    state = parse_qs(urlsplit(browser.begin()).query)["state"][0]
    response = browser.answer({"error": "access_denied", "state": state})
    assert fault(response) == "login_cancelled"


@pytest.mark.parametrize("number", [None, "", "199006022398", "abc", "556036-0793"])
def test_without_a_valid_personal_number_nobody_is_logged_in(
    browser: Browser, provider: Provider, number: str | None
) -> None:
    response = browser.log_in(provider, {**ANNA, NUMBER_CLAIM: number})
    assert (response.status_code, fault(response)) == (403, "no_personal_number")


def test_a_test_number_is_refused_outside_tests(
    browser: Browser, provider: Provider, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = provider.authorize(browser.begin(), ANNA)
    settings.TEST_MODE = False
    assert fault(browser.answer(parameters)) == "no_personal_number"


@pytest.mark.parametrize(
    ("acr", "default", "wanted", "gets"),
    [
        (LOA3, 0, 3, "resident"),
        (LOA2, 0, 0, "resident"),
        (LOA2, 0, 3, "assurance_too_low"),
        ("urn:made-up", 4, 0, "assurance_too_low"),
        (None, 0, 0, "assurance_too_low"),
        (None, 3, 3, "resident"),
    ],
)
def test_the_level_of_assurance_is_what_the_record_says(
    browser: Browser,
    provider: Provider,
    jarfalla: Principal,
    acr: str | None,
    default: int,
    wanted: int,
    gets: str,
) -> None:
    with tenant_transaction(jarfalla.pk):
        IdentityProvider.objects.update(default_assurance=default)
    provider.change = {"acr": acr}
    response = browser.log_in(provider, path=f"/logga-in/?next=/whoami/&niva={wanted}")
    if gets == "resident":
        assert browser.whoami()["kind"] == "resident"
    else:
        assert (response.status_code, fault(response)) == (403, gets)


def test_a_page_that_needs_more_asks_for_another_login(browser: Browser, provider: Provider) -> None:
    browser.log_in(provider, {**ANNA, "acr": LOA2})
    response = browser.get("/resident/")
    assert response["Location"] == "/logga-in/?next=%2Fresident%2F&niva=3"
    assert browser.log_in(provider, path=response["Location"])["Location"] == "/resident/"
    assert browser.get("/resident/").content == b"resident"


def test_who_is_logged_in_enough_is_led_on(browser: Browser, provider: Provider) -> None:
    browser.log_in(provider)
    assert browser.get("/logga-in/?next=/resident/&niva=3")["Location"] == "/resident/"


def test_the_host_header_does_not_decide_where_the_provider_sends(
    browser: Browser, provider: Provider
) -> None:
    url = browser.client.get("/logga-in/", headers={"host": "jarfalla.localhost:6666"})["Location"]
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == ["http://jarfalla.localhost:8000/logga-in/svar/"]


def test_a_provider_that_is_down_loses_nothing(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = provider.authorize(browser.begin("/logga-in/?next=/resident/"), ANNA)
    provider.token_status = 503
    response = browser.answer(parameters)
    assert (response.status_code, fault(response)) == (503, "provider_down")
    assert response["Retry-After"]
    provider.token_status = None
    assert browser.answer(parameters)["Location"] == "/resident/"


@pytest.mark.slow
def test_a_provider_that_hangs_is_left_after_its_time(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT", 0.5)
    http._client.cache_clear()
    parameters = provider.authorize(browser.begin("/logga-in/?next=/resident/"), ANNA)
    provider.hang = 5
    began = time.monotonic()
    assert fault(browser.answer(parameters)) == "provider_down"
    assert time.monotonic() - began < 2
    provider.hang = 0
    http._client.cache_clear()


def test_a_provider_that_is_gone_at_the_start_keeps_where_one_was_going(
    browser: Browser, jarfalla: Principal
) -> None:
    with running() as gone:
        pass
    with tenant_transaction(jarfalla.pk):
        IdentityProvider.objects.update(issuer=gone.issuer)
    response = browser.get("/logga-in/?next=/resident/")
    assert (response.status_code, fault(response)) == (503, "provider_down")
    assert 'href="/logga-in/?next=%2Fresident%2F"' in response.content.decode()


def test_without_a_provider_the_page_says_whom_to_ask(browser: Browser, jarfalla: Principal) -> None:
    with tenant_transaction(jarfalla.pk):
        IdentityProvider.objects.update(active=False)
    assert fault(browser.get("/logga-in/")) == "no_provider"


def test_several_ways_are_offered_and_the_chosen_one_is_taken(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    with tenant_transaction(jarfalla.pk):
        record_of(provider, slug="annan", name="En annan e-legitimation", client_id="annan")
    page = browser.get("/logga-in/?next=/whoami/").content.decode()
    assert "En annan e-legitimation" in page
    assert "/logga-in/?next=%2Fwhoami%2F&amp;idp=annan" in page
    url = browser.begin("/logga-in/?next=/whoami/&idp=annan")
    assert parse_qs(urlsplit(url).query)["client_id"] == ["annan"]
    assert fault(browser.get("/logga-in/?idp=finns-inte")) == "no_provider"


def test_the_hint_of_whom_to_be_is_for_the_demo_alone(
    browser: Browser, provider: Provider, settings: LazySettings
) -> None:
    assert "login_hint" not in browser.begin("/logga-in/?som=anna")
    settings.DEMO = True
    assert "login_hint=anna" in browser.begin("/logga-in/?som=anna")


def staff_record(provider: Provider, jarfalla: Principal, **more: Any) -> StaffMember:
    with tenant_transaction(jarfalla.pk):
        record = record_of(provider, "staff", **more)
        return StaffMember.objects.create(provider=record, subject="karin", name="Karin Berg")


KARIN = {"sub": "karin", "acr": LOA3}


def test_staff_log_in_by_their_account(browser: Browser, provider: Provider, jarfalla: Principal) -> None:
    staff_record(provider, jarfalla)
    response = browser.log_in(provider, KARIN, "/personal/logga-in/")
    assert response["Location"] == "/handlaggning/"
    me = browser.whoami()
    assert (me["kind"], me["name"]) == ("staff", "Karin Berg")


@pytest.mark.parametrize("account", ["unknown", "closed"])
def test_staff_who_are_not_here_are_told_whom_to_ask(
    browser: Browser, provider: Provider, jarfalla: Principal, account: str
) -> None:
    staff = staff_record(provider, jarfalla)
    with tenant_transaction(jarfalla.pk):
        if account == "closed":
            StaffMember.objects.filter(pk=staff.pk).update(active=False)
    person = KARIN if account == "closed" else {**KARIN, "sub": "okand"}
    response = browser.log_in(provider, person, "/personal/logga-in/")
    assert (response.status_code, fault(response)) == (403, "staff_unknown")
    assert "administratör" in response.content.decode()


def test_the_same_account_at_another_provider_is_another(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    staff_record(provider, jarfalla)
    with tenant_transaction(jarfalla.pk):
        record_of(provider, "staff", slug="other", client_id="other")
    response = browser.log_in(provider, KARIN, "/personal/logga-in/?idp=other")
    assert fault(response) == "staff_unknown"


def test_an_account_may_be_named_by_another_claim(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    staff_record(provider, jarfalla, claims={"subject": "employee"})
    browser.log_in(provider, {"sub": "x9", "employee": "karin", "acr": LOA3}, "/personal/logga-in/")
    assert browser.whoami()["kind"] == "staff"
    browser.post("/logga-ut/")
    response = browser.log_in(provider, {"sub": "karin", "acr": LOA3}, "/personal/logga-in/")
    assert fault(response) == "token_refused"


def test_a_residents_provider_lets_no_staff_in(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    staff_record(provider, jarfalla)
    browser.log_in(provider, {**ANNA, "sub": "karin"})
    assert browser.whoami()["kind"] == "resident"


def test_a_secret_that_the_provider_does_not_take_is_our_fault(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    with tenant_transaction(jarfalla.pk):
        for record in IdentityProvider.objects.all():
            record.client_secret = "wrong"
            record.save()
    response = browser.log_in(provider)
    assert (response.status_code, fault(response)) == (400, "provider_misconfigured")


@pytest.mark.parametrize("way", ["post", "none"])
def test_a_client_proves_itself_as_the_provider_asks(
    browser: Browser, provider: Provider, jarfalla: Principal, way: str
) -> None:
    provider.client_auth = way
    if way == "post":
        provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    else:
        with tenant_transaction(jarfalla.pk):
            record = IdentityProvider.objects.get()
            record.client_secret = ""
            record.save()
    browser.log_in(provider)
    assert browser.whoami()["kind"] == "resident"


def test_a_provider_that_takes_no_secret_of_ours_is_our_fault(browser: Browser, provider: Provider) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["private_key_jwt"]}
    assert fault(browser.log_in(provider)) == "provider_misconfigured"


def test_a_provider_that_was_closed_meanwhile_lets_nobody_in(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    parameters = provider.authorize(browser.begin(), ANNA)
    with tenant_transaction(jarfalla.pk):
        IdentityProvider.objects.update(active=False)
    assert fault(browser.answer(parameters)) == "provider_misconfigured"


def test_the_log_tells_which_check_failed_and_nothing_of_the_person(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.change = {"nonce": "another"}
    browser.log_in(provider)
    text = caplog.text
    assert "login_refused" in text
    assert "'detail': 'nonce'" in text
    for secret in ("Anna", ANNA[NUMBER_CLAIM], provider.last_token):
        assert secret not in text
