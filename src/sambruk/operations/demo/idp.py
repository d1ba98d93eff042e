"""The test identity provider: a real OpenID Connect server in a process of its own.

``oidc-provider-mock`` with what the demo needs beside it: a Swedish page on which to choose a person, a
login without that page where the request already names one (``login_hint``), PKCE that is verified,
``auth_time``, and clients with secrets and fixed return addresses. Run as
``python -m sambruk.operations.demo.idp``; its port, secret and the web's port come from the environment.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import logging
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
import oidc_provider_mock  # type: ignore[import-untyped]
from oidc_provider_mock._storage import (  # type: ignore[import-untyped]
    AuthorizationCode,
    Client,
    ClientAllowAny,
    Storage,
)
from werkzeug.serving import make_server

from sambruk.operations.demo import people
from sambruk.operations.ports import LOOPBACK
from sambruk.operations.processes import follow_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AUTHORIZE = "/oauth2/authorize"
_TOKEN = "/oauth2/token"  # noqa: S105 - an address
_END_SESSION = "/oauth2/end_session"
_PAGE = Path(__file__).parent / "idp_page.html"


@dataclass(kw_only=True, frozen=True)
class _Code(AuthorizationCode):  # type: ignore[misc]
    """A code that remembers when the person logged in, and the PKCE challenge of the request."""

    auth_time: int
    challenge: str

    def get_auth_time(self) -> int:
        return self.auth_time


def _storage() -> Storage:
    return cast("Storage", flask.g.oidc_provider_mock_storage)


def make_app(*, secret: str, web_port: int) -> WSGIApplication:
    """Return the provider for the demo's municipalities, whose clients all have the one secret."""
    users = [oidc_provider_mock.User(sub=found.sub, claims=found.claims) for found in people.EVERYBODY]
    app = oidc_provider_mock.app(
        require_client_registration=True, require_nonce=True, issue_refresh_token=False, user_claims=users
    )
    # The library switches an interactive debugger on, which lets whoever causes a fault run code.
    app.debug = False
    app.wsgi_app = cast("Any", app.wsgi_app).app
    app.before_request(_require_pkce)
    app.before_request(_check_verifier)
    app.before_request(_end_session)
    app.after_request(_choose_page)
    app.after_request(_remember_login)
    with app.test_request_context("/"):
        app.preprocess_request()
        for town in people.MUNICIPALITIES:
            for purpose in ("resident", "staff"):
                _storage().store_client(_client(town, purpose, secret, web_port))
    return _KnownPerson(app, {user.sub for user in users})


def _client(town: people.DemoMunicipality, purpose: str, secret: str, web_port: int) -> Client:
    return Client(
        id=town.client_id(purpose),
        secret=secret,
        redirect_uris=[f"{town.origin(web_port)}/logga-in/svar/"],
        allowed_scopes=Client.SCOPES_SUPPORTED,
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - a method's name
    )


class _KnownPerson:
    """Answers a request that names a known person as if that person had pressed the button.

    Not where the request asks for a login of its own (``prompt=login``, to sign something): then the person
    is shown what happens, and presses.
    """

    def __init__(self, app: flask.Flask, subs: set[str]) -> None:
        self._app = app
        self._subs = subs

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == AUTHORIZE and environ["REQUEST_METHOD"] == "GET":
            query = parse_qs(environ.get("QUERY_STRING", ""))
            hint = query.get("login_hint", [""])[0]
            if hint in self._subs and "login" not in query.get("prompt", [""])[0].split():
                body = urlencode({"sub": hint}).encode()
                environ["REQUEST_METHOD"] = "POST"
                environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
                environ["CONTENT_LENGTH"] = str(len(body))
                environ["wsgi.input"] = io.BytesIO(body)
        return self._app(environ, start_response)


def _refuse(error: str, description: str) -> tuple[flask.Response, int]:
    return flask.jsonify(error=error, error_description=description), 400


def _require_pkce() -> tuple[flask.Response, int] | None:
    request = flask.request
    if request.path != AUTHORIZE:
        return None
    if request.args.get("code_challenge_method") != "S256" or not request.args.get("code_challenge"):
        return _refuse("invalid_request", "PKCE with S256 is required")
    if request.method == "POST" and request.form.get("action") != "deny":
        sub = request.form.get("sub", "")
        if _storage().get_user(sub) is None:
            return _refuse("access_denied", "unknown person")
    return None


def _check_verifier() -> tuple[flask.Response, int] | None:
    request = flask.request
    if request.path != _TOKEN or request.form.get("grant_type") != "authorization_code":
        return None
    code = _storage().get_authorization_code(request.form.get("code", ""))
    if code is None:
        return None  # the library's own answer
    digest = hashlib.sha256(request.form.get("code_verifier", "").encode("utf-8", "replace")).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    if not isinstance(code, _Code) or not hmac.compare_digest(computed, code.challenge):
        _storage().remove_authorization_code(code.code)
        return _refuse("invalid_grant", "code_verifier does not match")
    return None


def _end_session() -> flask.typing.ResponseReturnValue | None:
    """Log out at once and go back, but only to an address of a client of ours."""
    request = flask.request
    if request.path != _END_SESSION:
        return None
    wanted = request.values.get("post_logout_redirect_uri", "")
    origins = {
        urlsplit(client.redirect_uris[0])[:2]
        for client in _storage()._clients.values()
        if not isinstance(client.redirect_uris, ClientAllowAny)
    }
    if urlsplit(wanted)[:2] not in origins:
        return flask.render_template_string("<!doctype html><html lang=sv><p>Du är utloggad.</p></html>")
    state = request.values.get("state")
    joined = "&" if "?" in wanted else "?"
    return flask.redirect(wanted + (joined + urlencode({"state": state}) if state else ""))


def _choose_page(response: flask.Response) -> flask.Response:
    """Put our page in the place of the library's where it asks who is logging in."""
    request = flask.request
    if request.path != AUTHORIZE or request.method != "GET" or response.status_code != 200:
        return response
    client_id = request.args.get("client_id", "")
    _, code, purpose = client_id.split("-")
    everybody: tuple[people.Resident | people.Staff, ...] = (
        people.RESIDENTS if purpose == "resident" else people.STAFF
    )
    hint = request.args.get("login_hint", "")
    known = next((found for found in everybody if found.sub == hint), None)
    response.set_data(
        flask.render_template_string(
            _PAGE.read_text(encoding="utf-8"),
            town=people.municipality(code),
            known=known,
            here=[found for found in everybody if found.municipality == code and found is not known],
            others=[found for found in everybody if found.municipality != code and purpose == "resident"],
            fresh="login" in request.args.get("prompt", "").split(),
        )
    )
    return response


def _remember_login(response: flask.Response) -> flask.Response:
    """Put the time of the login and the PKCE challenge with the code; the state with a refusal."""
    request = flask.request
    if request.path != AUTHORIZE or response.status_code not in (302, 303) or not response.location:
        return response
    answer = parse_qs(urlsplit(response.location).query)
    if "error" in answer and "state" not in answer and "state" in request.args:
        # RFC 6749 section 4.1.2.1 asks for it; the library leaves it out where a person declines.
        response.location += "&" + urlencode({"state": request.args["state"]})
    code = _storage().get_authorization_code(answer.get("code", [""])[0])
    if code is not None:
        values = {field.name: getattr(code, field.name) for field in fields(code)}
        challenge = request.args["code_challenge"]
        _storage().store_authorization_code(_Code(**values, auth_time=int(time.time()), challenge=challenge))
    return response


def main() -> None:
    """Serve on the loopback address until stopped."""
    follow_parent()
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback alone
    # Addresses hold codes and names of people; a line for each request would keep them.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    port = int(os.environ["SAMBRUK_DEMO_IDP_PORT"])
    app = make_app(
        secret=os.environ["SAMBRUK_DEMO_IDP_SECRET"], web_port=int(os.environ["SAMBRUK_DEMO_PORT"])
    )
    server = make_server(LOOPBACK, port, app, threaded=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
