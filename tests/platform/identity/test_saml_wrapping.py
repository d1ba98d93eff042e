"""Signature wrapping, injected comments and other second readings of a signed answer: all are refused.

Each begins with an honest, signed answer for Anna, and ends with a document whose signature would still hold
for what was signed, while a careless reader would find Bo.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from lxml import etree
from tests.platform.identity.saml_support import Refuse, log_in, target
from tests.support.browser import Browser
from tests.support.saml import ANNA, BO, NUMBER, SamlProvider

from sambruk.platform.identity.errors import TokenRefused
from sambruk.platform.identity.saml.document import read_answer
from sambruk.platform.identity.saml.names import DS, SAML, SAMLP, q

pytestmark = pytest.mark.urls("tests.platform.identity.urls")
Element = etree._Element


def _parts(xml: str) -> tuple[Element, Element, Element]:
    """The response, its assertion, and the assertion's signature."""
    root = etree.fromstring(xml.encode())
    assertion = root.find(q(SAML, "Assertion"))
    assert assertion is not None
    signature = assertion.find(q(DS, "Signature"))
    assert signature is not None
    return root, assertion, signature


def _forged(assertion: Element, *, name: str = "_evil") -> Element:
    """The same assertion about Bo, without a signature, under an id of its own."""
    forged = copy.deepcopy(assertion)
    forged.set("ID", name)
    for signature in forged.findall(q(DS, "Signature")):
        forged.remove(signature)
    for value in forged.iter(q(SAML, "AttributeValue")):
        value.text = (value.text or "").replace(ANNA[NUMBER], BO[NUMBER])
    return forged


def _written(root: Element) -> str:
    return etree.tostring(root, encoding="unicode")


def forged_before(xml: str) -> str:
    root, assertion, _ = _parts(xml)
    assertion.addprevious(_forged(assertion))
    return _written(root)


def forged_after(xml: str) -> str:
    root, assertion, _ = _parts(xml)
    assertion.addnext(_forged(assertion))
    return _written(root)


def honest_inside_the_forged(xml: str) -> str:
    root, assertion, _ = _parts(xml)
    forged = _forged(assertion)
    root.replace(assertion, forged)
    forged.append(assertion)
    return _written(root)


def honest_inside_the_forged_one_s_signature(xml: str) -> str:
    root, assertion, signature = _parts(xml)
    forged = _forged(assertion)
    root.replace(assertion, forged)
    moved = copy.deepcopy(signature)
    forged.insert(1, moved)
    assertion.remove(signature)
    etree.SubElement(moved, q(DS, "Object")).append(assertion)
    return _written(root)


def honest_in_the_extensions(xml: str) -> str:
    root, assertion, _ = _parts(xml)
    root.replace(assertion, _forged(assertion))
    extensions = etree.Element(q(SAMLP, "Extensions"))
    extensions.append(assertion)
    root.insert(1, extensions)
    return _written(root)


def signature_moved_to_the_forged(xml: str) -> str:
    root, assertion, signature = _parts(xml)
    forged = _forged(assertion)
    forged.insert(1, copy.deepcopy(signature))
    assertion.addprevious(forged)
    return _written(root)


def two_of_one_id(xml: str) -> str:
    root, assertion, signature = _parts(xml)
    forged = _forged(assertion, name=str(assertion.get("ID")))
    root.replace(assertion, forged)
    forged.insert(1, copy.deepcopy(signature))
    advice = etree.SubElement(forged, q(SAML, "Advice"))
    advice.append(assertion)
    return _written(root)


def response_around_a_response(xml: str) -> str:
    root, assertion, _ = _parts(xml)
    outer = copy.deepcopy(root)
    outer.set("ID", "_outer")
    inside = outer.find(q(SAML, "Assertion"))
    assert inside is not None
    outer.replace(inside, _forged(assertion))
    etree.SubElement(outer, q(SAMLP, "Extensions")).append(root)
    return _written(outer)


def unsigned_reference(xml: str) -> str:
    root, _, signature = _parts(xml)
    reference = next(signature.iter(q(DS, "Reference")))
    reference.set("URI", "")
    return _written(root)


def second_reference(xml: str) -> str:
    root, _, signature = _parts(xml)
    reference = next(signature.iter(q(DS, "Reference")))
    reference.addnext(copy.deepcopy(reference))
    return _written(root)


@pytest.mark.parametrize(
    "wrap",
    [
        forged_before,
        forged_after,
        honest_inside_the_forged,
        honest_inside_the_forged_one_s_signature,
        honest_in_the_extensions,
        signature_moved_to_the_forged,
        two_of_one_id,
        response_around_a_response,
        unsigned_reference,
        second_reference,
    ],
)
def test_wrapping_is_refused(
    saml_refused: Refuse, saml_provider: SamlProvider, wrap: Callable[[str], str]
) -> None:
    saml_provider.tamper = wrap
    assert saml_refused() == "wrapped"


def comment_in_the_number(xml: str) -> str:
    number = ANNA[NUMBER]
    return xml.replace(number, f"{number[:8]}<!-- -->{number[8:]}")


def comment_in_the_name(xml: str) -> str:
    return xml.replace(">anna<", ">anna<!---->.annan<").replace(">anna.annan<", ">anna<")


def instruction(xml: str) -> str:
    return xml.replace(ANNA[NUMBER], f"{ANNA[NUMBER]}<?x y?>")


def document_type(xml: str) -> str:
    body = xml.partition("?>")[2] if xml.startswith("<?xml") else xml
    return f'<!DOCTYPE r [<!ENTITY n "{BO[NUMBER]}">]>{body}'


def another_encoding(xml: str) -> str:
    body = xml.partition("?>")[2] if xml.startswith("<?xml") else xml
    return f'<?xml version="1.0" encoding="ISO-8859-1"?>{body}'


def comment_outside(xml: str) -> str:
    return f"{xml}<!-- after -->"


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        comment_in_the_number,
        comment_in_the_name,
        instruction,
        document_type,
        another_encoding,
        comment_outside,
    ],
)
def test_what_parsers_may_read_in_two_ways_is_refused(
    saml_refused: Refuse, saml_provider: SamlProvider, change: Callable[[str], str], both: bool
) -> None:
    """Canonicalization drops comments: the signature holds, and some readers stop at the comment."""
    saml_provider.sign_response = both
    saml_provider.tamper = change
    assert saml_refused() == "form"


def test_a_second_assertion_inside_what_was_encrypted_is_refused() -> None:
    xml = (
        f'<p:Response xmlns:p="{SAMLP}" xmlns:a="{SAML}" ID="_r"><a:EncryptedAssertion>'
        '<a:Assertion ID="_1"/><a:Assertion ID="_2"/></a:EncryptedAssertion></p:Response>'
    )
    with pytest.raises(TokenRefused) as caught:
        read_answer(xml.encode(), decrypted=True)
    assert caught.value.check == "wrapped"


def test_the_honest_answer_that_all_of_these_began_with_is_believed(
    saml_browser: Browser, saml_provider: SamlProvider
) -> None:
    saml_provider.tamper = lambda xml: _written(_parts(xml)[0])
    assert target(log_in(saml_browser, saml_provider)) == "/whoami/"
