"""A SAML identity provider of the tests' own: pysaml2's, over real HTTP, which can be told to misbehave.

It shares nothing with our side but the standard: it reads our published metadata, takes only requests that we
signed, and answers with a form that posts to us. What goes wrong on the way is up to the test, which may
change what is answered before (``about``) and after (``tamper``) it is signed.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape, unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from re import search
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from saml2 import BINDING_HTTP_REDIRECT, class_name, saml, samlp  # type: ignore[import-untyped]
from saml2.config import IdPConfig  # type: ignore[import-untyped]
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID  # type: ignore[import-untyped]
from saml2.server import Server  # type: ignore[import-untyped]
from saml2.sigver import (  # type: ignore[import-untyped]
    pem_format,
    pre_encryption_part,
    pre_signature_part,
)
from tests.support.certificates import key_pair

from sambruk.operations.testing import find_xmlsec1

LOA2 = "http://id.elegnamnden.se/loa/1.0/loa2"
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
NUMBER = "urn:oid:1.2.752.29.4.13"
ANNA = {
    "NameID": "anna",
    "acr": LOA3,
    "urn:oid:2.5.4.42": "Anna",
    "urn:oid:2.5.4.4": "Ek",
    NUMBER: "199006022397",
}
BO = {**ANNA, "NameID": "bo", "urn:oid:2.5.4.42": "Bo", "urn:oid:2.5.4.4": "Lund", NUMBER: "199001012385"}


@dataclass
class SamlProvider:
    """The provider: its keys, whom it knows, and how the next answer misbehaves."""

    folder: Path
    port: int = 0
    service_metadata: str = ""
    person: dict[str, str] = field(default_factory=lambda: dict(ANNA))
    sign_with: str = "honest"
    sign_response: bool = False
    sign_assertion: bool = True
    encrypt: bool = False
    signature_method: str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    digest_method: str = "http://www.w3.org/2001/04/xmlenc#sha256"
    about: Callable[[Any], None] | None = None
    tamper: Callable[[str], str] | None = None
    status: str = ""
    requests: list[Any] = field(default_factory=list)
    last_xml: str = ""
    _servers: dict[tuple[str, str], Server] = field(default_factory=dict)

    @property
    def entity_id(self) -> str:
        return f"http://127.0.0.1:{self.port}/idp"

    @property
    def sso_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sso"

    def metadata(self, *, key: str = "honest", valid_until: str = "") -> str:
        """What an administrator would paste; written by hand, as providers' metadata differ."""
        certificate = "".join(key_pair(key)[1].strip().splitlines()[1:-1])
        until = f' validUntil="{valid_until}"' if valid_until else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!-- from the supplier -->'
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
            f' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{self.entity_id}"{until}>'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}'
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            f'<md:SingleSignOnService Binding="{BINDING_HTTP_REDIRECT}" Location="{self.sso_url}"/>'
            "</md:IDPSSODescriptor></md:EntityDescriptor>"
        )

    def answer(self, url: str) -> tuple[str, dict[str, str]]:
        """Play the browser and the person at the provider; return where its form goes, and what it holds."""
        page = httpx.get(url)
        assert page.status_code == 200, page.text
        return form_of(page.text)

    # What follows runs in the provider's thread.

    def _server(self) -> Server:
        """The provider's own software, set up with our metadata; again only where something of it changed."""
        key = (self.sign_with, self.service_metadata)
        if key not in self._servers:
            self._servers[key] = self._new_server()
        return self._servers[key]

    def _new_server(self) -> Server:
        private, certificate = key_pair(self.sign_with)
        for name, content in ((f"{self.sign_with}.key", private), (f"{self.sign_with}.crt", certificate)):
            (self.folder / name).write_text(content)
        config = IdPConfig().load(
            {
                "entityid": self.entity_id,
                "xmlsec_binary": find_xmlsec1(),
                "key_file": str(self.folder / f"{self.sign_with}.key"),
                "cert_file": str(self.folder / f"{self.sign_with}.crt"),
                "metadata": {"inline": [self.service_metadata]},
                "service": {
                    "idp": {
                        "endpoints": {"single_sign_on_service": [(self.sso_url, BINDING_HTTP_REDIRECT)]},
                        "want_authn_requests_signed": True,
                        "policy": {
                            "default": {"lifetime": {"minutes": 5}, "name_form": saml.NAME_FORMAT_URI}
                        },
                    }
                },
            }
        )
        return Server(config=config)

    def respond(self, query: dict[str, str]) -> tuple[str, str]:
        """Take a request that is signed by us, answer; return the form's address and the XML."""
        server = self._server()
        request = server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query["RelayState"],
            sigalg=query["SigAlg"],
            signature=query["Signature"],
        ).message
        self.requests.append(request)
        if self.status:
            return str(request.assertion_consumer_service_url), self._refusal(request)
        xml = self._assertion(server, request)
        return str(request.assertion_consumer_service_url), xml

    def _refusal(self, request: Any) -> str:
        return (
            f'<samlp:Response xmlns:samlp="{samlp.NAMESPACE}" xmlns:saml="{saml.NAMESPACE}" ID="_r1"'
            f' Version="2.0" IssueInstant="{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"'
            f' InResponseTo="{request.id}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Status>"
            f'<samlp:StatusCode Value="{samlp.STATUS_RESPONDER}"><samlp:StatusCode Value="{self.status}"/>'
            "</samlp:StatusCode></samlp:Status></samlp:Response>"
        )

    def _assertion(self, server: Server, request: Any) -> str:
        """Make the answer unsigned, let the test change it, sign it as pysaml2 signs."""
        person = dict(self.person)
        name_id = NameID(format=NAMEID_FORMAT_PERSISTENT, text=person.pop("NameID"))
        authn = {"class_ref": person.pop("acr"), "authn_auth": self.entity_id}
        response = server.create_authn_response(
            {},
            in_response_to=request.id,
            destination=request.assertion_consumer_service_url,
            sp_entity_id=request.issuer.text,
            name_id=name_id,
            authn=authn,
            sign_response=False,
            sign_assertion=False,
            encrypt_assertion=False,
        )
        response = samlp.response_from_string(str(response))
        assertion = response.assertion[0]
        assertion.attribute_statement = [
            saml.AttributeStatement(
                attribute=[
                    saml.Attribute(
                        name=name,
                        name_format=saml.NAME_FORMAT_URI,
                        attribute_value=[saml.AttributeValue(text=value) for value in _listed(values)],
                    )
                    for name, values in person.items()
                ]
            )
        ]
        if self.about:
            self.about(response)
        return self._signed(server, response)

    def _signed(self, server: Server, response: Any) -> str:
        sec, assertion = server.sec, response.assertion[0]
        wanted = [assertion] * self.sign_assertion + [response] * self.sign_response
        for item in wanted:
            item.signature = pre_signature_part(
                item.id, sec.my_cert, sign_alg=self.signature_method, digest_alg=self.digest_method
            )
        text = str(response)
        if self.sign_assertion:
            text = sec.sign_statement(text, class_name(assertion), node_id=assertion.id)
        if self.encrypt:
            text = self._encrypted(server, text)
        if self.sign_response:
            text = sec.sign_statement(text, class_name(response), node_id=response.id)
        return str(text)

    def _encrypted(self, server: Server, text: str) -> str:
        """Put the assertion into an EncryptedAssertion for us, by the key of our metadata."""
        found = search("<(\\w+):Assertion ", text)
        certificate = search("<[^>]*X509Certificate>([^<]*)<", self.service_metadata)
        assert found
        assert certificate
        prefix = found[1]
        wrapped = text.replace(f"<{prefix}:Assertion ", f"<{prefix}:EncryptedAssertion><{prefix}:Assertion ")
        wrapped = wrapped.replace(
            f"</{prefix}:Assertion>", f"</{prefix}:Assertion></{prefix}:EncryptedAssertion>"
        )
        key = self.folder / "encrypt.pem"
        key.write_bytes(pem_format(certificate[1]))
        opaque = server.sec.crypto.encrypt_assertion(wrapped, str(key), str(pre_encryption_part()))
        return opaque.decode() if isinstance(opaque, bytes) else str(opaque)


def _listed(values: str | list[str]) -> list[str]:
    return [values] if isinstance(values, str) else values


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Return a page's form: where it goes and its hidden fields."""
    action = search('action="([^"]*)"', page)
    assert action
    fields: dict[str, str] = {}
    for name in ("SAMLResponse", "RelayState"):
        found = search(f'name="{name}" value="([^"]*)"', page)
        if found:
            fields[name] = unescape(found[1])
    return unescape(action[1]), fields


def encoded(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def _handler(provider: SamlProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query))
            try:
                action, xml = provider.respond(query)
                provider.last_xml = provider.tamper(xml) if provider.tamper else xml
                status, body = 200, _page(action, provider.last_xml, query.get("RelayState", ""))
            except Exception as error:  # noqa: BLE001 - the test is told
                status, body = 500, f"{type(error).__name__}: {error}"
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _page(action: str, xml: str, relay_state: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="SAMLResponse" value="{encoded(xml)}">'
        f'<input type="hidden" name="RelayState" value="{escape(relay_state)}">'
        "<button>Gå vidare</button></form>"
    )


@contextmanager
def running() -> Iterator[SamlProvider]:
    """Start a provider on a free port of the loopback address; stop it after."""
    assert find_xmlsec1(), "xmlsec1 saknas: apt-get install xmlsec1, eller sätt SAMBRUK_XMLSEC1."
    with TemporaryDirectory() as folder:
        provider = SamlProvider(Path(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
        server.daemon_threads = True
        provider.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            server.server_close()
