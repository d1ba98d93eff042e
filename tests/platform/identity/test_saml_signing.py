"""Signing by SAML binds the bytes: the request's ID is made of them, and comes back in what is signed."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from tests.platform.identity.saml_support import begin, log_in, post, target
from tests.platform.identity.urls import PAYLOAD
from tests.support.browser import Browser
from tests.support.saml import ANNA, BO, LOA2, NUMBER, SamlProvider

from sambruk.platform.identity.attempts import signing_nonce
from sambruk.platform.identity.saml.names import SAML, q
from sambruk.platform.identity.signing import SignatureEvidence

pytestmark = pytest.mark.urls("tests.platform.identity.urls")


@pytest.fixture
def signer(saml_browser: Browser, saml_provider: SamlProvider) -> Browser:
    assert target(log_in(saml_browser, saml_provider)) == "/whoami/"
    return saml_browser


def sign(browser: Browser, provider: SamlProvider) -> Any:
    """Sign, come back, collect."""
    response = post(browser, provider.answer(begin(browser, "/sign/"))[1])
    assert target(response).startswith("/signed/?draft=7&signatur=")
    return browser.get(response["Location"])


@pytest.mark.parametrize("encrypt", [False, True])
def test_the_signed_assertion_answers_a_request_made_of_the_very_bytes(
    signer: Browser, saml_provider: SamlProvider, encrypt: bool
) -> None:
    saml_provider.encrypt = saml_provider.sign_response = encrypt
    body = sign(signer, saml_provider).json()
    evidence = SignatureEvidence.from_json(body["sealed"])
    digest = hashlib.sha256(PAYLOAD).hexdigest()
    assert evidence.payload_sha256 == digest
    assert evidence.nonce == signing_nonce(digest, "test", evidence.nonce_salt)
    assert (evidence.subject, evidence.assurance, evidence.provider) == ("anna", 3, "eid")
    assert evidence.id_token_hash == hashlib.sha256(evidence.id_token.encode()).hexdigest()
    # The proof is the provider's signed XML, readable without our key, and names the request's ID.
    proof = etree.fromstring(base64.b64decode(evidence.id_token))
    assertion = next(proof.iter(q(SAML, "Assertion")))
    data = next(assertion.iter(q(SAML, "SubjectConfirmationData")))
    assert data.get("InResponseTo") == f"_{evidence.nonce}"
    assert saml_provider.requests[-1].id == f"_{evidence.nonce}"
    assert ANNA[NUMBER] not in str(body["open"])


def test_the_person_is_asked_to_log_in_anew(signer: Browser, saml_provider: SamlProvider) -> None:
    sign(signer, saml_provider)
    assert saml_provider.requests[-1].force_authn == "true"


def test_an_older_login_does_not_sign(signer: Browser, saml_provider: SamlProvider) -> None:
    def older(response: Any) -> None:
        at = datetime.now(UTC) - timedelta(minutes=2)
        response.assertion[0].authn_statement[0].authn_instant = f"{at:%Y-%m-%dT%H:%M:%SZ}"

    saml_provider.about = older
    assert sign(signer, saml_provider).json()["fault"] == "signing_failed"
    # For a login it is enough: the provider may know the person from before.
    signer.client.cookies.pop("sambruk_session")
    assert target(log_in(signer, saml_provider)) == "/whoami/"


def test_an_encrypted_assertion_that_is_not_signed_itself_proves_nothing(
    signer: Browser, saml_provider: SamlProvider
) -> None:
    saml_provider.encrypt = saml_provider.sign_response = True
    saml_provider.sign_assertion = False
    assert sign(signer, saml_provider).json()["fault"] == "signing_failed"


@pytest.mark.parametrize(
    ("person", "fault"), [(BO, "signed_by_another"), ({**ANNA, "acr": LOA2}, "assurance_too_low")]
)
def test_another_person_or_a_weaker_e_id_does_not_sign(
    signer: Browser, saml_provider: SamlProvider, person: dict[str, str], fault: str
) -> None:
    saml_provider.person = dict(person)
    assert sign(signer, saml_provider).json()["fault"] == fault


def test_cancelling_leads_back_and_says_that_nothing_is_signed(
    signer: Browser, saml_provider: SamlProvider
) -> None:
    saml_provider.status = "http://id.elegnamnden.se/status/1.0/cancel"
    assert sign(signer, saml_provider).json()["fault"] == "signing_cancelled"


def test_the_page_that_asks_may_lead_to_the_provider_alone(
    signer: Browser, saml_provider: SamlProvider
) -> None:
    policy = signer.get("/ask/")["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' http://127.0.0.1:{saml_provider.port}")
