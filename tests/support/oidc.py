"""An OpenID Connect provider of the tests' own, over real HTTP, which can be told to misbehave.

It checks what an honest provider checks (client secret, PKCE, return address, a code used once), so that the
relying party's side is tested too; what it then answers is up to the test.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

NUMBER_CLAIM = "https://id.oidc.se/claim/personalIdentityNumber"
LOA2 = "http://id.elegnamnden.se/loa/1.0/loa2"
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
ANNA = {"sub": "anna", "given_name": "Anna", "family_name": "Ek", NUMBER_CLAIM: "199006022397", "acr": LOA3}
BO = {"sub": "bo", "given_name": "Bo", "family_name": "Lund", NUMBER_CLAIM: "199001012385", "acr": LOA3}


def rsa_key(kid: str) -> RSAKey:
    """A new key of that name."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@cache
def _first_key() -> RSAKey:
    """The key that every provider begins with: making one takes a tenth of a second."""
    return rsa_key("first")


@dataclass
class Provider:
    """The provider: its keys, what it has handed out, and how it misbehaves."""

    port: int = 0
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(12) + "/+å")
    key: RSAKey | ECKey = field(default_factory=_first_key)
    published: list[Any] = field(default_factory=list)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    # How the next answers misbehave.
    change: dict[str, Any] = field(default_factory=dict)
    drop: set[str] = field(default_factory=set)
    header: dict[str, Any] = field(default_factory=dict)
    sign_with: Any = None
    raw_token: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    token_status: int | None = None
    hang: float = 0.0
    drip: bool = False
    reuse_codes: bool = False
    client_auth: str = "basic"  # or "post", "none"
    last_token: str = ""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def jwks(self) -> dict[str, Any]:
        keys = self.published or [self.key.as_dict(private=False)]
        return {"keys": keys}

    def discovery(self) -> dict[str, Any]:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
        }
        return {name: value for name, value in {**document, **self.metadata}.items() if value is not None}

    def authorize(self, url: str, person: dict[str, Any]) -> dict[str, str]:
        """Play the browser and the person at the provider; return the answer's query parameters."""
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self.codes[code] = {"query": query, "person": person, "auth_time": int(time.time())}
        return {"code": code, "state": query["state"]}

    def claims_for(self, grant: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": grant["query"]["client_id"],
            "iat": now,
            "exp": now + 300,
            "auth_time": grant["auth_time"],
            "nonce": grant["query"]["nonce"],
            **grant["person"],
            **self.change,
        }
        return {name: value for name, value in claims.items() if name not in self.drop}

    def id_token(self, grant: dict[str, Any]) -> str:
        if self.raw_token is not None:
            return self.raw_token
        claims = self.claims_for(grant)
        key = self.sign_with or self.key
        algorithm = "ES256" if isinstance(key, ECKey) else "HS256" if isinstance(key, OctKey) else "RS256"
        header = {"alg": algorithm, "kid": getattr(key, "kid", None), **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        if header["alg"] == "none":
            return unsigned(header, claims)
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    def token_answer(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if self.token_status is not None:
            return self.token_status, {"error": "server_error"}
        grant = self.codes.get(form.get("code", ""))
        if grant is None:
            return 400, {"error": "invalid_grant"}
        query = grant["query"]
        if not self._client_is_right(query["client_id"], form, authorization):
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != query["code_challenge"] or form.get("redirect_uri") != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if not self.reuse_codes:
            del self.codes[form["code"]]
        self.last_token = self.id_token(grant)
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self.last_token}

    def _client_is_right(self, client_id: str, form: dict[str, str], authorization: str) -> bool:
        if self.client_auth != "basic":
            secret = {"post": self.secret, "none": None}[self.client_auth]
            return (form.get("client_id"), form.get("client_secret")) == (client_id, secret)
        scheme, _, encoded = authorization.partition(" ")
        if scheme != "Basic":
            return False
        given_id, _, given_secret = base64.b64decode(encoded).decode().partition(":")
        return unquote_plus(given_id) == client_id and unquote_plus(given_secret) == self.secret


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            provider.requests.append(urlsplit(self.path).path)
            content = json.dumps(body).encode()
            if provider.hang:
                time.sleep(provider.hang)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if not provider.drip:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                for part in self._parts(content):
                    self.wfile.write(part)
                    self.wfile.flush()
            except OSError:
                pass  # the other side has had enough, which is what the test wants

        def _parts(self, content: bytes) -> Iterator[bytes]:
            if not provider.drip:
                yield content
                return
            for byte in content:
                time.sleep(0.2)
                yield bytes([byte])

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/.well-known/openid-configuration":
                self._answer(200, provider.discovery())
            elif path == "/jwks":
                self._answer(200, provider.jwks())
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[-1] for name, values in parse_qs(body).items()}
            self._answer(*provider.token_answer(form, self.headers.get("Authorization", "")))

    return Handler


@contextmanager
def running() -> Iterator[Provider]:
    """Start a provider on a free port of the loopback address; stop it after."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.daemon_threads = True
    server.block_on_close = False
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
