"""Signing: a login of its own, for these very bytes, by the one who began."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.db import connection
from tests.platform.identity.conftest import record_of
from tests.platform.identity.urls import PAYLOAD
from tests.support.browser import Browser
from tests.support.oidc import ANNA, BO, LOA2, NUMBER_CLAIM, Provider, rsa_key

from sambruk.common.clock import now
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity.attempts import signing_nonce
from sambruk.platform.identity.models import LoginAttempt, Session
from sambruk.platform.identity.signing import SignatureEvidence
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")


@pytest.fixture
def browser(committed_db: str, jarfalla: Principal, provider: Provider) -> Browser:
    with tenant_transaction(jarfalla.pk):
        record_of(provider)
    browser = Browser("jarfalla.localhost")
    browser.log_in(provider)
    return browser


def sign(browser: Browser, provider: Provider, person: dict[str, Any] = ANNA) -> Any:
    """Sign all the way to the provider's answer; return the response to it."""
    return browser.answer(provider.authorize(browser.begin("/sign/"), person))


def collected(browser: Browser, response: Any) -> Any:
    assert response.status_code == 302
    return browser.get(response["Location"])


def test_the_evidence_binds_person_bytes_and_the_providers_word(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    response = sign(browser, provider)
    assert response["Location"].startswith("/signed/?draft=7&signatur=")
    body = collected(browser, response).json()
    evidence = SignatureEvidence.from_json(body["sealed"])
    assert str(evidence.person_id) == browser.whoami()["id"]
    assert evidence.payload_sha256 == hashlib.sha256(PAYLOAD).hexdigest()
    assert (evidence.assurance, evidence.provider, evidence.subject) == (3, "test-resident", "anna")
    assert evidence.id_token == provider.last_token
    assert evidence.id_token_hash == hashlib.sha256(provider.last_token.encode()).hexdigest()
    assert evidence.nonce == signing_nonce(evidence.payload_sha256, "test", evidence.nonce_salt)
    assert now() - evidence.at < timedelta(minutes=1)
    with tenant_transaction(jarfalla.pk):
        assert AuditEvent.objects.get(event="signature.made").person_id == evidence.person_id


def test_the_open_evidence_holds_no_personal_data(browser: Browser, provider: Provider) -> None:
    body = collected(browser, sign(browser, provider)).json()
    text = str(body["open"])
    assert ANNA[NUMBER_CLAIM] not in text
    assert provider.last_token not in text
    assert "'anna'" not in text
    assert body["open"]["subject_hash"] == hashlib.sha256(b"anna").hexdigest()


def test_the_request_asks_for_a_login_of_its_own_bound_to_the_bytes(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    query = dict(parse_qsl(urlsplit(browser.begin("/sign/")).query))
    assert (query["prompt"], query["max_age"]) == ("login", "0")
    with tenant_transaction(jarfalla.pk):
        attempt = LoginAttempt.objects.exclude(payload_sha256="").get()
        digest = hashlib.sha256(PAYLOAD).hexdigest()
        assert query["nonce"] == signing_nonce(digest, "test", attempt.nonce_salt)
    assert query["nonce"] != signing_nonce(hashlib.sha256(b"other").hexdigest(), "test", attempt.nonce_salt)


def test_another_person_does_not_sign(browser: Browser, provider: Provider) -> None:
    response = collected(browser, sign(browser, provider, BO))
    assert response.status_code == 409
    assert response.json()["fault"] == "signed_by_another"
    assert "egen e-legitimation" in response.json()["text"]
    assert browser.whoami()["name"] == "Anna Ek"


def test_an_old_login_does_not_sign(browser: Browser, provider: Provider) -> None:
    provider.change = {"auth_time": int(time.time()) - 300}
    assert collected(browser, sign(browser, provider)).json()["fault"] == "signing_failed"


def test_a_weaker_login_than_the_session_s_does_not_sign(browser: Browser, provider: Provider) -> None:
    response = sign(browser, provider, {**ANNA, "acr": LOA2})
    assert collected(browser, response).json()["fault"] == "assurance_too_low"


@pytest.mark.parametrize("wrong", ["signature", "nonce", "code"])
def test_an_answer_that_does_not_hold_does_not_sign(browser: Browser, provider: Provider, wrong: str) -> None:
    parameters = provider.authorize(browser.begin("/sign/"), ANNA)
    if wrong == "signature":
        provider.sign_with = rsa_key("first")
    elif wrong == "nonce":
        provider.change = {"nonce": "another"}
    else:
        parameters["code"] = "used"
    assert collected(browser, browser.answer(parameters)).json()["fault"] == "signing_failed"


def test_cancelling_leads_back_and_says_that_nothing_is_signed(browser: Browser) -> None:
    state = parse_qs(urlsplit(browser.begin("/sign/")).query)["state"][0]
    response = collected(browser, browser.answer({"state": state, "error": "access_denied"}))
    assert response.json()["fault"] == "signing_cancelled"
    assert "Inget är undertecknat" in response.json()["text"]


def test_a_signature_is_collected_once(browser: Browser, provider: Provider, jarfalla: Principal) -> None:
    response = sign(browser, provider)
    assert collected(browser, response).status_code == 200
    assert collected(browser, response).json()["fault"] == "signing_expired"
    with connection.cursor() as cursor, tenant_transaction(jarfalla.pk):
        cursor.execute("SELECT count(*) FROM identity_loginattempt WHERE evidence IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_nobody_else_collects_it(browser: Browser, provider: Provider) -> None:
    response = sign(browser, provider)
    other = Browser("jarfalla.localhost")
    other.log_in(provider, BO)
    assert collected(other, response).json()["fault"] == "signing_expired"
    assert collected(Browser("jarfalla.localhost"), response).json()["fault"] == "signing_expired"
    assert collected(browser, response).status_code == 200


def test_a_signature_for_another_purpose_is_not_this_one(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    response = sign(browser, provider)
    with tenant_transaction(jarfalla.pk):
        LoginAttempt.objects.exclude(payload_sha256="").update(signing_purpose="another")
    assert collected(browser, response).json()["fault"] == "signing_expired"


def test_a_session_that_ended_meanwhile_does_not_sign(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    url = browser.begin("/sign/")
    with tenant_transaction(jarfalla.pk):
        Session.objects.update(expires_at=now() - timedelta(seconds=1))
    response = browser.answer(provider.authorize(url, ANNA))
    assert collected(browser, response).json()["fault"] == "signing_expired"


def test_a_signature_of_long_ago_is_not_collected(
    browser: Browser, provider: Provider, jarfalla: Principal
) -> None:
    response = sign(browser, provider)
    with tenant_transaction(jarfalla.pk):
        LoginAttempt.objects.update(used_at=now() - timedelta(minutes=11))
    assert collected(browser, response).json()["fault"] == "signing_expired"


@pytest.mark.parametrize("named", ["", "x", "00000000-0000-7000-8000-000000000000"])
def test_a_made_up_signature_is_none(browser: Browser, named: str) -> None:
    assert browser.get(f"/signed/?signatur={named}").json()["fault"] == "signing_expired"


def test_who_is_not_logged_in_does_not_sign(browser: Browser) -> None:
    assert Browser("jarfalla.localhost").get("/sign/").status_code == 403


def test_a_provider_that_is_down_loses_nothing(browser: Browser, provider: Provider) -> None:
    parameters = provider.authorize(browser.begin("/sign/"), ANNA)
    provider.token_status = 503
    assert browser.answer(parameters).status_code == 503
    provider.token_status = None
    assert collected(browser, browser.answer(parameters)).status_code == 200


def test_the_page_that_asks_may_lead_to_the_provider_alone(browser: Browser, provider: Provider) -> None:
    policy = browser.get("/ask/")["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' {provider.issuer}")
    assert browser.get("/whoami/")["Content-Security-Policy"].endswith("form-action 'self'")


def test_a_fragment_s_request_leads_the_whole_page_there(browser: Browser, provider: Provider) -> None:
    response = browser.get("/sign/", **{"hx-request": "true"})
    assert response["HX-Redirect"].startswith(f"{provider.issuer}/authorize?")
