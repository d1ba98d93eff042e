"""pysaml2, in the one module that imports it: signatures (by the program xmlsec1), requests, our metadata.

pysaml2's own checks of an answer's content are not used: their errors have no names, and their log says what
the answer says. That log is shut off here, since it holds personal data.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree
from saml2 import element_to_extension_element, md, saml, samlp, xmldsig  # type: ignore[import-untyped]
from saml2.extension import mdattr, mdui  # type: ignore[import-untyped]
from saml2.pack import http_redirect_message  # type: ignore[import-untyped]
from saml2.sigver import (  # type: ignore[import-untyped]
    CryptoBackendXmlSec1,
    DecryptError,
    RSASigner,
    SecurityContext,
)

from sambruk.platform.identity.errors import Misconfigured, TokenRefused
from sambruk.platform.identity.saml.names import POST, RSA_SHA256, SAML, SAMLP

_log = logging.getLogger("saml2")
_log.propagate = False
_log.setLevel(logging.CRITICAL + 1)
_log.addHandler(logging.NullHandler())

_ENTITY_CATEGORY = "http://macedir.org/entity-category"
#: Which line installs the program, where we may not.
HOW_TO_INSTALL = "sudo apt-get install -y xmlsec1"


def find_program() -> str | None:
    """Return the path of xmlsec1: ``SAMBRUK_XMLSEC1``, or the one on the path."""
    return shutil.which(os.environ.get("SAMBRUK_XMLSEC1") or "xmlsec1")


class _Certificates:
    """What pysaml2 asks its metadata: the keys of whoever is named. Here it is always the one provider."""

    def __init__(self, certificates: Sequence[x509.Certificate]) -> None:
        self._certs = [
            ("", "".join(cert.public_bytes(Encoding.PEM).decode("ascii").splitlines()[1:-1]))
            for cert in certificates
        ]

    def certs(self, *_: object) -> list[tuple[str, str]]:
        return self._certs


@cache
def _version_of(program: str) -> tuple[int, ...]:
    numbers: tuple[int, ...] = CryptoBackendXmlSec1(program).version_nums
    return numbers


class _XmlSec(CryptoBackendXmlSec1):  # type: ignore[misc]
    """pysaml2's, which would start the program twice more for each signature, to ask it for its version."""

    @property
    def version_nums(self) -> tuple[int, ...]:
        return _version_of(self.xmlsec)


def _security(certificates: Sequence[x509.Certificate] = ()) -> SecurityContext:
    program = find_program()
    if program is None:
        raise Misconfigured("xmlsec1 is not installed")
    return SecurityContext(
        _XmlSec(program),
        metadata=_Certificates(certificates),
        only_use_keys_in_metadata=True,
        enc_key_files=[],
    )


def check_signature(xml: bytes, element: etree._Element, certificates: Sequence[x509.Certificate]) -> None:
    """Verify the signature of ``element`` (Response or Assertion) in the document ``xml``.

    The element's id must be unique in the document (``document.read_answer``). Raises TokenRefused
    ("signature"), Misconfigured where xmlsec1 is missing, OSError where a file for it cannot be written.
    """
    security = _security(certificates)
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    is_response = element.tag == f"{{{SAMLP}}}Response"
    try:
        item = samlp.response_from_string(text) if is_response else saml.assertion_from_string(text)
        node_name = f"{SAMLP}:Response" if is_response else f"{SAML}:Assertion"
        verified = security.check_signature(item, node_name, origdoc=xml.decode("utf-8"))
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - see below
        # Whatever the library stumbles on: the answer is not believed. Its message may hold personal data.
        raise TokenRefused("signature", type(error).__name__) from None
    if verified is None:
        raise TokenRefused("signature")


def decrypt(xml: bytes, key_pem: str) -> bytes:
    """Return the document with its encrypted assertion opened. Raises TokenRefused ("decrypt")."""
    try:
        text: str = _security().decrypt_keys(xml.decode("utf-8"), keys=[key_pem])
    except DecryptError:
        raise TokenRefused("decrypt") from None
    return text.encode("utf-8")


@dataclass(frozen=True, slots=True)
class Request:
    """What an authentication request says."""

    id: str
    issued: datetime
    destination: str
    entity_id: str
    answer_to: str
    contexts: tuple[str, ...] = ()
    force: bool = False


class _Signers:
    """Gives a signer of its own for each message: pysaml2's share one key between all threads."""

    def __init__(self, key: object) -> None:
        self._key = key

    def get_signer(self, algorithm: str) -> RSASigner:
        assert algorithm == RSA_SHA256  # noqa: S101 - the one that we ask for
        return RSASigner(SHA256(), self._key)


def request_address(request: Request, *, relay_state: str, key_pem: str) -> str:
    """Return the address that carries the signed request to the provider (HTTP-Redirect, RSA-SHA256)."""
    wanted = None
    if request.contexts:
        refs = [saml.AuthnContextClassRef(text=context) for context in request.contexts]
        wanted = samlp.RequestedAuthnContext(authn_context_class_ref=refs, comparison="exact")
    message = samlp.AuthnRequest(
        id=request.id,
        version="2.0",
        issue_instant=f"{request.issued:%Y-%m-%dT%H:%M:%SZ}",
        destination=request.destination,
        assertion_consumer_service_url=request.answer_to,
        protocol_binding=POST,
        force_authn="true" if request.force else None,
        issuer=saml.Issuer(text=request.entity_id),
        requested_authn_context=wanted,
    )
    # The key is of our own making, from an encrypted column: testing its primes takes a tenth of a second.
    key = load_pem_private_key(key_pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True)
    packed = http_redirect_message(
        message.to_string().decode("utf-8"),
        request.destination,
        relay_state=relay_state,
        sigalg=RSA_SHA256,
        sign=True,
        backend=_Signers(key),
    )
    return str(dict(packed["headers"])["Location"])


def service_metadata(
    *, entity_id: str, answer_to: str, certificate_pem: str, name: str, categories: Sequence[str]
) -> bytes:
    """Return what we publish of ourselves to one provider (SAML 2.0 Metadata, UTF-8 XML)."""
    content = "".join(certificate_pem.strip().splitlines()[1:-1])
    keys = [
        md.KeyDescriptor(
            use=use,
            key_info=xmldsig.KeyInfo(
                x509_data=[xmldsig.X509Data(x509_certificate=xmldsig.X509Certificate(text=content))]
            ),
        )
        for use in ("signing", "encryption")
    ]
    shown = mdui.UIInfo(display_name=[mdui.DisplayName(lang="sv", text=name)])
    role = md.SPSSODescriptor(
        protocol_support_enumeration=SAMLP,
        authn_requests_signed="true",
        want_assertions_signed="true",
        key_descriptor=keys,
        extensions=md.Extensions(extension_elements=[element_to_extension_element(shown)]),
        assertion_consumer_service=[
            md.AssertionConsumerService(binding=POST, location=answer_to, index="0", is_default="true")
        ],
    )
    entity = md.EntityDescriptor(entity_id=entity_id, spsso_descriptor=role)
    if categories:
        attribute = saml.Attribute(
            name=_ENTITY_CATEGORY,
            name_format=saml.NAME_FORMAT_URI,
            attribute_value=[saml.AttributeValue(text=category) for category in categories],
        )
        attributes = mdattr.EntityAttributes(attribute=[attribute])
        entity.extensions = md.Extensions(extension_elements=[element_to_extension_element(attributes)])
    xml: bytes = entity.to_string()
    return xml
