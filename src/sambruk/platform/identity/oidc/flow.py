"""The two messages of the authorization code flow: the request in the browser, the exchange behind it.

RFC 6749 section 4.1, RFC 7636 (PKCE, S256 always), OpenID Connect Core 1.0 section 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

from sambruk.platform.identity.errors import CodeRefused, Misconfigured, TokenRefused
from sambruk.platform.identity.models.provider import IdentityProvider
from sambruk.platform.identity.oidc.http import post_form
from sambruk.platform.identity.oidc.metadata import Metadata


def authorization_url(
    provider: IdentityProvider,
    metadata: Metadata,
    *,
    state: str,
    nonce: str,
    verifier: str,
    extra: Mapping[str, str],
) -> str:
    """Return the address to send the browser to."""
    parameters = {
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
        "ui_locales": "sv",
        **extra,
    }
    if provider.acr_values:
        parameters.setdefault("acr_values", provider.acr_values)
    return str(
        prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=provider.client_id,
            response_type="code",
            redirect_uri=provider.redirect_uri,
            scope=provider.scopes,
            state=state,
            **parameters,
        )
    )


def _client_auth(provider: IdentityProvider, metadata: Metadata) -> tuple[httpx.Auth | None, dict[str, str]]:
    """How the client proves itself at the token endpoint (RFC 6749 section 2.3.1)."""
    if not provider.client_secret:
        return None, {"client_id": provider.client_id}
    if "client_secret_basic" in metadata.auth_methods:
        basic = httpx.BasicAuth(quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
        return basic, {}
    if "client_secret_post" in metadata.auth_methods:
        return None, {"client_id": provider.client_id, "client_secret": provider.client_secret}
    raise Misconfigured("the provider takes no client secret")


def exchange_code(provider: IdentityProvider, metadata: Metadata, *, code: str, verifier: str) -> str:
    """Exchange the code for the ID token (as text, not verified).

    Raises CodeRefused if the provider does not take the code, Misconfigured if it does not take our client,
    ProviderDown if it does not answer.
    """
    auth, body = _client_auth(provider, metadata)
    body |= {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": verifier,
    }
    status, answer = post_form(metadata.token_endpoint, body, auth)
    if status != httpx.codes.OK:
        error = str(answer.get("error", status))[:60]
        if error in ("invalid_client", "unauthorized_client"):
            raise Misconfigured(f"token endpoint: {error}")
        raise CodeRefused(error)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise TokenRefused("missing", "no id_token")
    return token
