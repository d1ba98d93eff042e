"""What a SAML provider publishes of itself, as the administrator pasted it: address, keys, how long it holds.

SAML 2.0 Metadata; nothing is fetched. The keys are trusted because the administrator put them here, so a
certificate's own dates and issuer do not decide (they are shown where the record is checked).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from sambruk.platform.identity.errors import Misconfigured, TokenRefused
from sambruk.platform.identity.oidc.http import require_safe_url
from sambruk.platform.identity.saml.document import read_xml
from sambruk.platform.identity.saml.names import DS, MD, REDIRECT, SAMLP, q

_MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class SamlMetadata:
    """A provider: its entityID, where requests go, the certificates by which its answers are verified."""

    entity_id: str
    sso_url: str
    certificates: tuple[x509.Certificate, ...]
    valid_until: datetime | None


def instant(text: str | None) -> datetime | None:
    """Read an xs:dateTime with its zone; None for anything else (a time without zone says nothing)."""
    if not text:
        return None
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return value if value.tzinfo else None


@lru_cache(maxsize=512)
def parse_metadata(xml: str) -> SamlMetadata:
    """Read the XML of one provider. Raises Misconfigured; ``detail`` says in Swedish what is wrong."""
    root = _entity(xml)
    role = _role(root)
    address = next(
        (
            node.get("Location")
            for node in role.findall(q(MD, "SingleSignOnService"))
            if node.get("Binding") == REDIRECT
        ),
        None,
    )
    if address is None:
        raise Misconfigured("Metadata har ingen SingleSignOnService med HTTP-Redirect, som vi behöver.")
    try:
        sso_url = require_safe_url(address, "SingleSignOnService")
    except Misconfigured as error:
        raise Misconfigured("Adressen i SingleSignOnService börjar inte med https://.") from error
    return SamlMetadata(
        entity_id=(root.get("entityID") or "").strip(),
        sso_url=sso_url,
        certificates=_certificates(role),
        valid_until=_valid_until(root, role),
    )


def _entity(xml: str) -> etree._Element:
    try:
        root = read_xml(_without_comments(xml))
    except (TokenRefused, etree.XMLSyntaxError, ValueError) as error:
        raise Misconfigured("Texten är inte läsbar XML. Kopiera hela texten från leverantören.") from error
    if root.tag == q(MD, "EntitiesDescriptor"):
        raise Misconfigured("Texten beskriver flera tjänster. Klistra in bara den som gäller.")
    if root.tag != q(MD, "EntityDescriptor") or not root.get("entityID"):
        raise Misconfigured("Texten är inte SAML-metadata: den ska börja med EntityDescriptor.")
    return root


def _without_comments(xml: str) -> bytes:
    """Metadata often has comments, which mean nothing; answers may not have any."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(xml.strip().encode("utf-8"), parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type")
    return etree.tostring(root)


def _role(root: etree._Element) -> etree._Element:
    roles = [
        role
        for role in root.findall(q(MD, "IDPSSODescriptor"))
        if SAMLP in (role.get("protocolSupportEnumeration") or "").split()
    ]
    if len(roles) != 1:
        raise Misconfigured("Metadata beskriver ingen inloggningstjänst (IDPSSODescriptor för SAML 2.0).")
    return roles[0]


def _certificates(role: etree._Element) -> tuple[x509.Certificate, ...]:
    found: dict[bytes, x509.Certificate] = {}
    for descriptor in role.findall(q(MD, "KeyDescriptor")):
        if descriptor.get("use", "signing") != "signing":
            continue
        for node in descriptor.iter(q(DS, "X509Certificate")):
            try:
                content = base64.b64decode("".join((node.text or "").split()), validate=True)
                certificate = x509.load_der_x509_certificate(content)
                key = certificate.public_key()
            except (ValueError, binascii.Error) as error:
                raise Misconfigured("Ett certifikat i metadata går inte att läsa.") from error
            if isinstance(key, RSAPublicKey) and key.key_size < _MIN_RSA_BITS:
                raise Misconfigured("Ett certifikat i metadata har en för kort nyckel (minst 2048 bitar).")
            if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
                raise Misconfigured("Ett certifikat i metadata har en nyckel som vi inte kan använda.")
            found[content] = certificate
    if not found:
        raise Misconfigured("Metadata har inget certifikat för underskrifter (KeyDescriptor).")
    return tuple(found.values())


def _valid_until(*nodes: etree._Element) -> datetime | None:
    """The earliest validUntil; one that cannot be read is no promise, and is refused."""
    ends = []
    for text in (node.get("validUntil") for node in nodes):
        if text is None:
            continue
        end = instant(text)
        if end is None:
            raise Misconfigured("Metadata anger validUntil på ett sätt som inte går att läsa.")
        ends.append(end)
    return min(ends, default=None)
