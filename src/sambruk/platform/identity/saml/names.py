"""Names of the standards: namespaces, bindings, algorithms, and the statuses that we tell apart."""

from __future__ import annotations

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
MDUI = "urn:oasis:names:tc:SAML:metadata:ui"

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
NO_CONTEXT = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"
#: Sweden Connect's deployment profile, section 6.4: the person pressed cancel.
CANCEL = "http://id.elegnamnden.se/status/1.0/cancel"

#: What a provider may sign with (Sweden Connect's deployment profile, section 8): nothing with SHA-1, and no
#: HMAC, whose key would be ours to give away.
SIGNATURES = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-sha{bits}"
    for kind in ("rsa", "ecdsa")
    for bits in (256, 384, 512)
) | {f"http://www.w3.org/2007/05/xmldsig-more#sha{bits}-rsa-MGF1" for bits in (256, 384, 512)}
DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def q(namespace: str, name: str) -> str:
    """Return a qualified name as lxml writes it."""
    return f"{{{namespace}}}{name}"
