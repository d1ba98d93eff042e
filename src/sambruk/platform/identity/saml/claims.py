"""From an assertion that is believed to claims, which ``oidc.identity`` reads by the record's mapping."""

from __future__ import annotations

from typing import Any

from lxml import etree

from sambruk.platform.identity.saml.names import SAML, TRANSIENT, q

NAME_ID = "NameID"
#: Names that are ours to give: an attribute by such a name says nothing.
_RESERVED = frozenset({NAME_ID, "acr", "transient"})


def _text(node: etree._Element) -> str:
    """A value's text; a value with elements inside is no text."""
    return "" if len(node) else (node.text or "").strip()


def claims_of(assertion: etree._Element) -> dict[str, Any]:
    """Return the attributes by name, ``acr`` (the AuthnContextClassRef) and ``NameID``.

    An attribute with several different values has no value to rely on, and is left out. ``transient`` says
    that the NameID is new at each login.
    """
    values: dict[str, set[str]] = {}
    path = f"{q(SAML, 'AttributeStatement')}/{q(SAML, 'Attribute')}"
    for attribute in assertion.iterfind(path):
        name = attribute.get("Name", "")
        found = {_text(value) for value in attribute.findall(q(SAML, "AttributeValue"))}
        values.setdefault(name, set()).update(found - {""})
    claims: dict[str, Any] = {
        name: found.pop() for name, found in values.items() if len(found) == 1 and name not in _RESERVED
    }
    context = assertion.find(
        f"{q(SAML, 'AuthnStatement')}/{q(SAML, 'AuthnContext')}/{q(SAML, 'AuthnContextClassRef')}"
    )
    if context is not None:
        claims["acr"] = _text(context)
    name_id = assertion.find(f"{q(SAML, 'Subject')}/{q(SAML, 'NameID')}")
    if name_id is not None and _text(name_id):
        claims[NAME_ID] = _text(name_id)
        claims["transient"] = name_id.get("Format") == TRANSIENT
    return claims
