"""An ID token is believed only if its signature and every claim hold."""

from __future__ import annotations

import base64
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.support.oidc import ANNA, Provider, rsa_key, unsigned

from sambruk.platform.identity.errors import Misconfigured, ProviderDown, TokenRefused
from sambruk.platform.identity.oidc import http, metadata
from sambruk.platform.identity.oidc.verify import Expected, verify_id_token

NONCE = "n-0S6_WzA2Mj"


def grant() -> dict[str, Any]:
    return {
        "query": {"client_id": "0123-resident", "nonce": NONCE},
        "person": ANNA,
        "auth_time": int(time.time()),
    }


def verify(provider: Provider, *, token: str | None = None, fresh: bool = False) -> dict[str, Any]:
    now = datetime.now(UTC)
    expected = Expected("0123-resident", NONCE, now - timedelta(seconds=5), fresh)
    token = token if token is not None else provider.id_token(grant())
    return verify_id_token(token, metadata.metadata_of(provider.issuer), expected, now=now)


def refused(provider: Provider, **more: Any) -> str:
    with pytest.raises(TokenRefused) as caught:
        verify(provider, **more)
    return caught.value.check


def test_an_honest_token_is_believed(provider: Provider) -> None:
    assert verify(provider)["sub"] == "anna"
    assert verify(provider, fresh=True)["given_name"] == "Anna"


def test_elliptic_keys_are_believed(provider: Provider) -> None:
    provider.key = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
    assert verify(provider)["sub"] == "anna"


def test_a_changed_payload_is_refused(provider: Provider) -> None:
    head, body, signature = provider.id_token(grant()).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = "bo"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert refused(provider, token=f"{head}.{forged}.{signature}") == "signature"


def test_another_key_under_the_same_name_is_refused(provider: Provider) -> None:
    provider.sign_with = rsa_key("first")
    assert refused(provider) == "signature"
    assert provider.requests.count("/jwks") == 1


def test_a_key_that_the_provider_does_not_publish_is_refused(provider: Provider) -> None:
    provider.sign_with = rsa_key("strangers")
    assert refused(provider) == "key"


def test_an_unknown_key_makes_us_ask_once_and_not_again(provider: Provider) -> None:
    verify(provider)
    provider.sign_with = rsa_key("strangers")
    for _ in range(5):
        assert refused(provider) == "key"
    assert provider.requests.count("/jwks") == 2


def test_a_provider_may_change_its_key(provider: Provider) -> None:
    verify(provider)
    provider.key = rsa_key("second")
    assert verify(provider)["sub"] == "anna"
    assert provider.requests.count("/jwks") == 2


def test_a_provider_without_key_names_may_change_its_key(provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048, {"use": "sig"})
    assert verify(provider)["sub"] == "anna"
    provider.key = RSAKey.generate_key(2048, {"use": "sig"})
    assert verify(provider)["sub"] == "anna"


@pytest.mark.parametrize("name", ["none", "None", "NONE"])
def test_an_unsigned_token_is_refused(provider: Provider, name: str) -> None:
    token = unsigned({"alg": name}, provider.claims_for(grant()))
    assert refused(provider, token=token) == "alg"


def test_the_public_key_as_a_shared_secret_is_refused(provider: Provider) -> None:
    head, body = unsigned({"alg": "HS256", "kid": "first"}, provider.claims_for(grant())).split(".")[:2]
    secret = provider.key.as_pem(private=False)
    digest = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
    signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert refused(provider, token=f"{head}.{body}.{signature}") == "alg"


def test_a_symmetric_key_among_the_published_is_no_key(provider: Provider) -> None:
    shared = OctKey.generate_key(256, {"kid": "shared"})
    provider.published = [provider.key.as_dict(private=False), shared.as_dict(private=True)]
    provider.sign_with = shared
    assert refused(provider) == "alg"


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_short_rsa_key_is_no_key(provider: Provider) -> None:
    provider.key = RSAKey.generate_key(1024, {"kid": "short"})
    assert refused(provider) == "key"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"iss": "https://another.example"}, "iss"),
        ({"aud": "0127-resident"}, "aud"),
        ({"aud": ["0127-resident"]}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": ["0123-resident", "0127-resident"]}, "azp"),
        ({"aud": ["0123-resident", "0127-resident"], "azp": "0127-resident"}, "azp"),
        ({"azp": "0127-resident"}, "azp"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"exp": time.time() - 31}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": time.time() + 3600}, "iat"),
        ({"iat": time.time() - 3600}, "iat"),
        ({"nbf": time.time() + 3600}, "nbf"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "sub"),
    ],
)
def test_a_wrong_claim_is_refused(provider: Provider, change: dict[str, Any], check: str) -> None:
    provider.change = change
    assert refused(provider) == check


@pytest.mark.parametrize("name", ["iss", "aud", "nonce", "exp", "iat", "sub"])
def test_a_missing_claim_is_refused(provider: Provider, name: str) -> None:
    provider.drop = {name}
    assert refused(provider) == name


def test_several_audiences_with_us_as_the_party_are_believed(provider: Provider) -> None:
    provider.change = {"aud": ["0123-resident", "other"], "azp": "0123-resident"}
    assert verify(provider)["sub"] == "anna"


def test_a_signature_needs_a_login_of_its_own(provider: Provider) -> None:
    provider.change = {"auth_time": time.time() - 600}
    assert verify(provider)["sub"] == "anna"
    assert refused(provider, fresh=True) == "auth_time"
    provider.change, provider.drop = {}, {"auth_time"}
    assert refused(provider, fresh=True) == "auth_time"


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "ä.ö.å", "..", "e30.e30.", "x" * 70000])
def test_what_is_no_token_is_refused(provider: Provider, token: str) -> None:
    assert refused(provider, token=token) in {"form", "alg"}


def test_metadata_of_another_issuer_is_refused(provider: Provider) -> None:
    provider.metadata = {"issuer": "https://another.example"}
    with pytest.raises(Misconfigured):
        metadata.metadata_of(provider.issuer)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["http://login.example/x", "javascript:alert(1)", "ftp://x/y", None, 7])
def test_an_endpoint_that_is_not_https_is_refused(provider: Provider, name: str, address: object) -> None:
    provider.metadata = {name: address}
    with pytest.raises(Misconfigured):
        metadata.metadata_of(provider.issuer)


def test_in_production_even_the_loopback_needs_https(provider: Provider, settings: Any) -> None:
    settings.TEST_MODE = settings.DEMO = False
    with pytest.raises(Misconfigured):
        metadata.metadata_of(provider.issuer)


@pytest.mark.slow
def test_a_provider_that_hangs_or_drips_is_left_in_time(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT", 1.0)
    http._client.cache_clear()
    for fault in ("hang", "drip"):
        setattr(provider, fault, 20.0)
        began = time.monotonic()
        with pytest.raises(ProviderDown):
            metadata.metadata_of(provider.issuer)
        assert time.monotonic() - began < 3
        provider.hang, provider.drip = 0.0, False
    http._client.cache_clear()
    assert metadata.metadata_of(provider.issuer).issuer == provider.issuer


def test_an_answer_without_end_is_cut_off(provider: Provider) -> None:
    provider.metadata = {"padding": "x" * (http.MAX_BYTES + 1)}
    with pytest.raises(ProviderDown):
        metadata.metadata_of(provider.issuer)
