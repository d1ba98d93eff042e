"""An answer's XML as a document: read strictly, and only in the one form that leaves nothing to choose.

A signature holds for an element with an id; what is read must be that element. Signature wrapping puts a
second assertion where it is read and hides the signed one elsewhere. Here is one Response (the root), one
assertion (its child), ids are unique, and a signature is the child of the very element that it names.
Comments, processing instructions and document types are refused: no honest provider sends them, and parsers
differ on them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lxml import etree

from sambruk.platform.identity.errors import TokenRefused
from sambruk.platform.identity.saml.names import DIGESTS, DS, SAML, SAMLP, SIGNATURES, q

MAX_BYTES = 256 * 1024
_ID_NAMES = frozenset({"id", "Id", "ID"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the expected form. Nothing is verified yet.

    ``assertion`` is None where the provider refuses, or where it is encrypted.
    """

    root: etree._Element
    assertion: etree._Element | None
    encrypted: bool
    response_signed: bool
    assertion_signed: bool


def read_xml(xml: bytes) -> etree._Element:
    """Return the root. Raises TokenRefused("form") for what is no XML or could be read in two ways."""
    if len(xml) > MAX_BYTES:
        raise TokenRefused("form", "too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        xml.decode("utf-8")
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, UnicodeDecodeError, ValueError) as error:
        raise TokenRefused("form", "no XML in UTF-8") from error
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise TokenRefused("form", "a document type")
    if (info.encoding or "UTF-8").upper() != "UTF-8":
        raise TokenRefused("form", "another encoding")
    outside = root.getprevious() is not None or root.getnext() is not None
    if outside or any(not isinstance(node.tag, str) for node in root.iter()):
        raise TokenRefused("form", "a comment or a processing instruction")
    return root


def read_answer(xml: bytes, *, decrypted: bool = False) -> Answer:
    """Return the parts of a response, if it has the one form that is read here.

    ``decrypted``: the assertion stands where it was encrypted, inside EncryptedAssertion. Raises TokenRefused
    with "form", "wrapped", "unsigned" or "alg".
    """
    root = read_xml(xml)
    if root.tag != q(SAMLP, "Response"):
        raise TokenRefused("form", "no Response")
    _check_ids(root)
    assertions = list(root.iter(q(SAML, "Assertion")))
    sealed = list(root.iter(q(SAML, "EncryptedAssertion")))
    if len(list(root.iter(q(SAMLP, "Response")))) != 1:
        raise TokenRefused("wrapped", "several responses")
    if len(assertions) > 1 or len(sealed) > 1 or (assertions and sealed and not decrypted):
        raise TokenRefused("wrapped", "several assertions")
    holder = sealed[0] if decrypted and sealed else root
    if any(found.getparent() is not holder for found in assertions) or any(
        found.getparent() is not root for found in sealed
    ):
        raise TokenRefused("wrapped", "an assertion elsewhere")
    assertion = assertions[0] if assertions else None
    signed = _check_signatures(root, assertion)
    answer = Answer(root, assertion, bool(sealed), root in signed, assertion in signed)
    if (assertion is not None or sealed) and not (answer.response_signed or answer.assertion_signed):
        raise TokenRefused("unsigned")
    return answer


def _check_ids(root: etree._Element) -> None:
    ids = [str(node.get(name)) for node in root.iter() for name in node.attrib if name in _ID_NAMES]
    if any(count > 1 for count in Counter(ids).values()):
        raise TokenRefused("wrapped", "an id twice")


def _check_signatures(root: etree._Element, assertion: etree._Element | None) -> list[etree._Element]:
    """Return the signed elements. A signature names its parent, which is the response or the assertion."""
    signed: list[etree._Element] = []
    for signature in root.iter(q(DS, "Signature")):
        parent = signature.getparent()
        if parent is None or (parent is not root and parent is not assertion) or parent in signed:
            raise TokenRefused("wrapped", "a signature elsewhere")
        references = list(signature.iter(q(DS, "Reference")))
        if len(references) != 1 or references[0].get("URI") != f"#{parent.get('ID')}" or not parent.get("ID"):
            raise TokenRefused("wrapped", "the signature is of something else")
        if next(signature.iter(q(DS, "Object")), None) is not None:
            raise TokenRefused("wrapped", "an object in the signature")
        _check_algorithms(signature)
        signed.append(parent)
    return signed


def _check_algorithms(signature: etree._Element) -> None:
    for name, allowed in (("SignatureMethod", SIGNATURES), ("DigestMethod", DIGESTS)):
        found = [node.get("Algorithm") for node in signature.iter(q(DS, name))]
        if len(found) != 1 or found[0] not in allowed:
            raise TokenRefused("alg", str(found[:1])[:80])
