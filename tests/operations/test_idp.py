"""The test identity provider keeps the rules of a real one: PKCE, state, secrets, addresses, auth_time."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.test import Client, TestResponse

from sambruk.common.personal_number import parse
from sambruk.operations.demo import people
from sambruk.operations.demo.idp import make_app

SECRET = "s3cret"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
RETURN = "http://jarfalla.localhost:8000/logga-in/svar/"
BASE = "http://127.0.0.1:9999"


@pytest.fixture(autouse=True)
def insecure_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(scope="module")
def idp() -> Client:
    return Client(make_app(secret=SECRET, web_port=8000))


_nonces = iter(range(10_000))


def _authorize(idp: Client, form: dict[str, str] | None = None, **changed: str) -> TestResponse:
    query = {
        "client_id": "sambruk-0123-resident",
        "response_type": "code",
        "redirect_uri": RETURN,
        "scope": "openid profile",
        "state": "the-state",
        "nonce": f"nonce-{next(_nonces)}",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changed
    path = f"/oauth2/authorize?{urlencode({name: value for name, value in query.items() if value})}"
    return idp.open(path, method="POST" if form else "GET", data=form, base_url=BASE)


def _code(response: TestResponse) -> str:
    assert response.status_code == 302, response.text
    answer = parse_qs(urlsplit(response.location).query)
    assert answer["state"] == ["the-state"]
    return answer["code"][0]


def _token(idp: Client, code: str, verifier: str = VERIFIER, secret: str = SECRET) -> TestResponse:
    login = base64.b64encode(f"sambruk-0123-resident:{secret}".encode()).decode()
    return idp.post(
        "/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": RETURN,
            "code_verifier": verifier,
        },
        headers={"Authorization": f"Basic {login}"},
        base_url=BASE,
    )


def _claims(response: TestResponse) -> dict[str, Any]:
    payload = response.get_json()["id_token"].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims


def test_choosing_a_person_gives_a_token_that_says_who_and_how_well_proven(idp: Client) -> None:
    page = _authorize(idp)
    assert "Anna Lindqvist" in page.text
    response = _token(idp, _code(_authorize(idp, {"sub": "anna"}, nonce="n-1")))
    claims = _claims(response)
    assert claims[people.NUMBER_CLAIM] == people.person("anna").claims[people.NUMBER_CLAIM]
    assert claims["acr"] == people.LOA3
    assert claims["nonce"] == "n-1"
    assert claims["iss"] == BASE
    assert claims["aud"] == ["sambruk-0123-resident"]
    assert abs(claims["auth_time"] - time.time()) < 60


def test_a_known_hint_logs_in_without_a_page(idp: Client) -> None:
    assert _claims(_token(idp, _code(_authorize(idp, login_hint="anna"))))["sub"] == "anna"


def test_a_login_of_its_own_is_always_confirmed_by_the_person(idp: Client) -> None:
    page = _authorize(idp, login_hint="anna", prompt="login")
    assert page.status_code == 200
    assert "Jag är Anna Lindqvist, bekräfta" in page.text


def test_an_unknown_hint_shows_the_page(idp: Client) -> None:
    assert _authorize(idp, login_hint="nobody").status_code == 200


def test_staff_choose_among_their_own(idp: Client) -> None:
    page = _authorize(idp, client_id="sambruk-0123-staff").text
    assert "Karin Sjöberg" in page
    assert "Anna Lindqvist" not in page
    assert "Leila Aziz" not in page


def test_declining_goes_back_with_the_state(idp: Client) -> None:
    answer = parse_qs(urlsplit(_authorize(idp, {"action": "deny"}).location).query)
    assert answer["error"] == ["access_denied"]
    assert answer["state"] == ["the-state"]


def test_a_wrong_verifier_is_refused_and_spends_the_code(idp: Client) -> None:
    code = _code(_authorize(idp, {"sub": "anna"}))
    assert _token(idp, code, verifier="x" * 43).get_json()["error"] == "invalid_grant"
    assert _token(idp, code).status_code == 400


def test_a_code_is_good_once(idp: Client) -> None:
    code = _code(_authorize(idp, {"sub": "anna"}))
    assert _token(idp, code).status_code == 200
    assert _token(idp, code).status_code == 400


def test_a_wrong_secret_is_refused(idp: Client) -> None:
    assert _token(idp, _code(_authorize(idp, {"sub": "anna"})), secret="wrong").status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"redirect_uri": "http://evil.example/logga-in/svar/"},
        {"redirect_uri": "http://botkyrka.localhost:8000/logga-in/svar/"},
        {"client_id": "somebody-else"},
    ],
)
def test_a_request_that_is_not_ours_is_refused(idp: Client, changed: dict[str, str]) -> None:
    response = _authorize(idp, {"sub": "anna"}, **changed)
    assert response.status_code in (400, 401)
    assert "code=" not in (response.location or "")


def test_a_person_who_is_not_there_cannot_be_made_up(idp: Client) -> None:
    assert _authorize(idp, {"sub": "made-up"}).status_code == 400


def test_logging_out_leads_back_to_us_alone(idp: Client) -> None:
    ours = "http://jarfalla.localhost:8000/"
    assert idp.get(f"/oauth2/end_session?{urlencode({'post_logout_redirect_uri': ours})}").location == ours
    evil = idp.get("/oauth2/end_session?post_logout_redirect_uri=http://evil.example/")
    assert evil.status_code == 200
    assert evil.location is None


def test_everybody_has_a_name_of_their_own_and_a_valid_test_number() -> None:
    subs = [one.sub for one in people.EVERYBODY]
    assert len(set(subs)) == len(subs)
    numbers = [parse(one.personal_number, test_mode=True) for one in people.RESIDENTS]
    assert all(number.is_test for number in numbers)
    assert len(set(numbers)) == len(numbers)
    for one in people.RESIDENTS:
        assert not one.partner or people.person(one.partner) in people.RESIDENTS


def test_every_role_exists() -> None:
    from sambruk.platform.identity.roles import ROLES

    held = {role for one in people.STAFF for _, role in one.roles}
    assert held <= ROLES.keys()
    assert {slug for one in people.STAFF for slug, _ in one.roles} <= {unit.slug for unit in people.UNITS}
