"""Logging in by SAML 2.0: what works, and every answer that must not be believed."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from saml2 import saml  # type: ignore[import-untyped]
from tests.platform.identity.saml_support import SP, Refuse, begin, fault, log_in, post, record_of, target
from tests.support.browser import Browser
from tests.support.saml import ANNA, BO, LOA2, LOA3, NUMBER, SamlProvider, encoded

from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.identity.models import IdentityProvider, LoginAttempt, Person
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

pytestmark = pytest.mark.urls("tests.platform.identity.urls")


def test_a_resident_logs_in_and_comes_back_where_she_was(
    saml_browser: Browser, saml_provider: SamlProvider, jarfalla: Principal
) -> None:
    response = log_in(saml_browser, saml_provider, "/logga-in/?next=/whoami/%3Fsida=2")
    assert (response.status_code, response["Location"]) == (302, "/whoami/?sida=2")
    me = saml_browser.whoami()
    assert (me["kind"], me["name"], me["assurance"]) == ("resident", "Anna Ek", 3)
    with tenant_transaction(jarfalla.pk):
        person = Person.objects.get()
        assert person.personal_number == ANNA[NUMBER]
        assert AuditEvent.objects.filter(event="session.began", person_id=person.pk).exists()
        assert not LoginAttempt.objects.get().response


def test_the_request_says_what_we_want(saml_browser: Browser, saml_provider: SamlProvider) -> None:
    log_in(saml_browser, saml_provider)
    (request,) = saml_provider.requests
    assert request.assertion_consumer_service_url == "http://jarfalla.localhost:8000/logga-in/saml/svar/"
    assert request.issuer.text == SP
    assert [ref.text for ref in request.requested_authn_context.authn_context_class_ref] == [LOA3]
    assert request.force_authn is None


def test_our_metadata_is_for_one_municipality_and_one_provider(
    saml_browser: Browser, saml_provider: SamlProvider, botkyrka: Principal
) -> None:
    assert f'entityID="{SP}"' in saml_provider.service_metadata
    assert "loa3-pnr" in saml_provider.service_metadata
    assert "PRIVATE" not in saml_provider.service_metadata
    assert saml_browser.get("/logga-in/saml/metadata/annan/").status_code == 404
    assert Browser("botkyrka.localhost").get("/logga-in/saml/metadata/eid/").status_code == 404


@pytest.mark.parametrize(("response", "assertion"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("encrypt", [False, True])
def test_what_is_signed_may_be_the_response_the_assertion_or_both_encrypted_or_not(
    saml_browser: Browser, saml_provider: SamlProvider, response: bool, assertion: bool, encrypt: bool
) -> None:
    saml_provider.sign_response, saml_provider.sign_assertion = response, assertion
    saml_provider.encrypt = encrypt
    answer = log_in(saml_browser, saml_provider)
    assert (ANNA[NUMBER] in saml_provider.last_xml) != encrypt
    if encrypt and not response:
        assert fault(answer) == "token_refused"
    else:
        assert target(answer) == "/whoami/"


def test_an_unsigned_answer_is_refused(saml_refused: Refuse, saml_provider: SamlProvider) -> None:
    saml_provider.sign_response = saml_provider.sign_assertion = False
    assert saml_refused() == "unsigned"


def test_another_key_is_refused(saml_refused: Refuse, saml_provider: SamlProvider) -> None:
    saml_provider.sign_with = "stranger"
    assert saml_refused() == "signature"


@pytest.mark.parametrize("both", [True, False])
def test_what_was_changed_after_signing_is_refused(
    saml_refused: Refuse, saml_provider: SamlProvider, both: bool
) -> None:
    saml_provider.sign_response = both
    saml_provider.tamper = lambda xml: xml.replace(ANNA[NUMBER], BO[NUMBER])
    assert saml_refused() == "signature"


def test_sha_1_is_refused(saml_refused: Refuse, saml_provider: SamlProvider) -> None:
    saml_provider.signature_method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    assert saml_refused() == "alg"
    saml_provider.signature_method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    saml_provider.digest_method = "http://www.w3.org/2000/09/xmldsig#sha1"
    assert saml_refused() == "alg"


def _time(minutes: int) -> str:
    return f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def _confirmation(response: Any) -> Any:
    return response.assertion[0].subject.subject_confirmation[0].subject_confirmation_data


def _audience(response: Any, *names: str) -> None:
    response.assertion[0].conditions.audience_restriction = [
        saml.AudienceRestriction(audience=[saml.Audience(text=name)]) for name in names
    ]


def _set(where: Callable[[Any], Any], **values: Any) -> Callable[[Any], None]:
    def change(response: Any) -> None:
        for name, value in values.items():
            setattr(where(response), name, value)

    return change


def _assertion(response: Any) -> Any:
    return response.assertion[0]


def _response(response: Any) -> Any:
    return response


def _conditions(response: Any) -> Any:
    return response.assertion[0].conditions


def _statement(response: Any) -> Any:
    return response.assertion[0].authn_statement[0]


_ELSEWHERE = "http://botkyrka.localhost:8000/logga-in/saml/svar/"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (_set(_assertion, issuer=saml.Issuer(text="https://another.example")), "iss"),
        (_set(_response, issuer=saml.Issuer(text="https://another.example")), "iss"),
        (lambda r: _audience(r, "https://another.example"), "aud"),
        (lambda r: _audience(r, SP.replace("jarfalla", "botkyrka")), "aud"),
        (lambda r: _audience(r, SP, "https://another.example"), "aud"),
        (lambda r: _audience(r), "aud"),
        (_set(_assertion, conditions=None), "aud"),
        (_set(_conditions, not_on_or_after=_time(-1)), "exp"),
        (_set(_conditions, not_before=_time(120)), "nbf"),
        (_set(_confirmation, not_on_or_after=_time(-1)), "exp"),
        (_set(_confirmation, not_on_or_after=None), "exp"),
        (_set(_confirmation, recipient=_ELSEWHERE), "recipient"),
        (_set(_confirmation, recipient=None), "recipient"),
        (_set(_confirmation, in_response_to="_another"), "in_response_to"),
        (_set(_confirmation, in_response_to=None), "in_response_to"),
        (_set(_response, in_response_to="_another"), "in_response_to"),
        (_set(_response, in_response_to=None), "in_response_to"),
        (_set(_response, destination=_ELSEWHERE), "destination"),
        (_set(_response, destination=None), "destination"),
        (_set(_assertion, issue_instant=_time(-60)), "iat"),
        (_set(_assertion, issue_instant=_time(60)), "iat"),
        (_set(_statement, authn_instant=_time(60)), "auth_time"),
        (_set(_statement, session_not_on_or_after=_time(-2)), "exp"),
        (_set(_assertion, authn_statement=[]), "login"),
        (_set(_assertion, subject=None), "confirmation"),
    ],
)
def test_a_signed_answer_that_is_not_for_us_here_and_now_is_refused(
    saml_refused: Refuse, saml_provider: SamlProvider, change: Callable[[Any], None], check: str
) -> None:
    saml_provider.sign_response = check == "destination"
    saml_provider.about = change
    assert saml_refused() == check


def test_an_answer_to_another_municipality_s_request_is_refused(
    saml_browser: Browser, saml_provider: SamlProvider, botkyrka: Principal
) -> None:
    with tenant_transaction(botkyrka.pk):
        record_of(saml_provider, "botkyrka.localhost")
    other = Browser("botkyrka.localhost", csrf=True)
    ours = saml_provider.service_metadata
    saml_provider.service_metadata = other.get("/logga-in/saml/metadata/eid/").content.decode()
    _, for_botkyrka = saml_provider.answer(begin(other))
    assert fault(post(saml_browser, for_botkyrka)) == "login_unknown"
    saml_provider.service_metadata = ours
    _, form = saml_provider.answer(begin(saml_browser))
    assert (
        fault(post(saml_browser, {**form, "SAMLResponse": for_botkyrka["SAMLResponse"]})) == "token_refused"
    )
    assert saml_browser.whoami()["kind"] == "anonymous"


def test_an_answer_is_good_once(saml_browser: Browser, saml_provider: SamlProvider) -> None:
    _, form = saml_provider.answer(begin(saml_browser))
    assert target(post(saml_browser, form)) == "/whoami/"
    assert fault(post(saml_browser, form)) == "login_unknown"
    _, another = saml_provider.answer(begin(saml_browser, "/logga-in/?niva=4"))
    assert fault(post(saml_browser, {**another, "SAMLResponse": form["SAMLResponse"]})) == "token_refused"


def test_an_assertion_s_id_is_good_once(
    saml_refused: Refuse, saml_provider: SamlProvider, saml_browser: Browser
) -> None:
    saml_provider.about = _set(_assertion, id="_the-same")
    assert target(log_in(saml_browser, saml_provider)) == "/whoami/"
    saml_browser.client.cookies.pop("sambruk_session")
    assert saml_refused() == "replay"


def test_an_answer_belongs_to_the_browser_that_began(
    saml_browser: Browser, saml_provider: SamlProvider
) -> None:
    """Somebody else's visit with the answer logs nobody in, and uses nothing up."""
    _, form = saml_provider.answer(begin(saml_browser))
    victim = Browser("jarfalla.localhost", csrf=True)
    begin(victim)
    assert fault(post(victim, form)) == "login_unknown"
    assert victim.whoami()["kind"] == "anonymous"

    assert target(post(saml_browser, form)) == "/whoami/"


@pytest.mark.parametrize("form", [{}, {"RelayState": "x" * 43}, {"RelayState": "", "SAMLResponse": "PHg+"}])
def test_an_answer_that_nobody_asked_for_is_refused(saml_browser: Browser, form: dict[str, str]) -> None:
    assert fault(post(saml_browser, form)) == "login_unknown"


@pytest.mark.parametrize("content", ["", "åäö", "AAAA", "PHg+", "A" * 500_000, encoded("<x>ö</x>")])
def test_what_is_no_answer_is_refused(saml_browser: Browser, content: str) -> None:
    state = parse_qs(urlsplit(begin(saml_browser)).query)["RelayState"][0]
    assert fault(post(saml_browser, {"RelayState": state, "SAMLResponse": content})) == "token_refused"


def test_a_level_that_is_lower_or_unknown_is_refused(
    saml_browser: Browser, saml_provider: SamlProvider
) -> None:
    saml_provider.person["acr"] = LOA2
    assert fault(log_in(saml_browser, saml_provider, "/logga-in/?niva=3")) == "assurance_too_low"
    saml_provider.person["acr"] = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    assert fault(log_in(saml_browser, saml_provider)) == "assurance_too_low"
    saml_provider.person["acr"] = LOA2
    assert target(log_in(saml_browser, saml_provider)) == "/whoami/"
    assert saml_browser.whoami()["assurance"] == 2


@pytest.mark.parametrize("number", ["", "19900602", [ANNA[NUMBER], BO[NUMBER]]])
def test_without_one_valid_personal_number_nobody_is_logged_in(
    saml_browser: Browser, saml_provider: SamlProvider, number: Any
) -> None:
    saml_provider.person[NUMBER] = number
    assert fault(log_in(saml_browser, saml_provider)) == "no_personal_number"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("http://id.elegnamnden.se/status/1.0/cancel", "login_cancelled"),
        ("urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext", "assurance_too_low"),
        ("urn:oasis:names:tc:SAML:2.0:status:AuthnFailed", "provider_refused"),
    ],
)
def test_a_provider_that_refuses_is_told_apart(
    saml_browser: Browser, saml_provider: SamlProvider, status: str, says: str
) -> None:
    saml_provider.status = status
    assert fault(log_in(saml_browser, saml_provider)) == says


def test_metadata_that_is_too_old_lets_nobody_in(
    saml_browser: Browser, saml_provider: SamlProvider, jarfalla: Principal
) -> None:
    with tenant_transaction(jarfalla.pk):
        IdentityProvider.objects.update(saml_metadata=saml_provider.metadata(valid_until=_time(-1)))
    assert fault(log_in(saml_browser, saml_provider)) == "provider_misconfigured"


def test_a_machine_without_xmlsec1_says_so_and_lets_nobody_in(
    saml_browser: Browser, saml_provider: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, form = saml_provider.answer(begin(saml_browser))
    monkeypatch.setenv("SAMBRUK_XMLSEC1", "/nowhere/xmlsec1")
    assert fault(post(saml_browser, form)) == "provider_misconfigured"


def test_base64_may_be_broken_into_lines(saml_browser: Browser, saml_provider: SamlProvider) -> None:
    _, form = saml_provider.answer(begin(saml_browser))
    lines = base64.encodebytes(base64.b64decode(form["SAMLResponse"])).decode()
    assert target(post(saml_browser, {**form, "SAMLResponse": lines})) == "/whoami/"


def test_no_log_of_the_library_says_what_an_answer_says(
    saml_browser: Browser, saml_provider: SamlProvider, caplog: pytest.LogCaptureFixture
) -> None:
    saml_provider.tamper = lambda xml: re.sub(ANNA[NUMBER], BO[NUMBER], xml)
    with caplog.at_level("DEBUG"):
        log_in(saml_browser, saml_provider)
    assert BO[NUMBER] not in caplog.text
