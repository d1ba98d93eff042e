"""Verification of an ID token: OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725 (JWT best practice)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError

from sambruk.platform.identity.errors import TokenRefused
from sambruk.platform.identity.oidc.metadata import Metadata, PublicKey, keys_of, refetched_keys

#: What a provider may sign with: asymmetric only. "none" and HS256 (our secret as key) are not here.
ALGORITHMS = ("RS256", "PS256", "ES256")
#: Seconds that the provider's clock may differ from ours.
SKEW = 30
_MAX_TOKEN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must say: to whom, in answer to which request, and from when on."""

    client_id: str
    nonce: str
    not_before: datetime
    fresh_login: bool = False


def verify_id_token(token: str, metadata: Metadata, expected: Expected, *, now: datetime) -> dict[str, Any]:
    """Return the claims if signature and claims hold. Raises TokenRefused or ProviderDown."""
    claims = _signed_claims(token, metadata)
    _check_issuer_and_audience(claims, metadata.issuer, expected.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise TokenRefused("nonce")
    _check_times(claims, expected, now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise TokenRefused("sub")
    return claims


def _signed_claims(token: str, metadata: Metadata) -> dict[str, Any]:
    if len(token) > _MAX_TOKEN or token.count(".") != 2:
        raise TokenRefused("form")
    try:
        header = jws.extract_compact(token.encode("utf-8")).headers()
    except (JoseError, ValueError, TypeError) as error:
        raise TokenRefused("form") from error
    if header.get("alg") not in ALGORITHMS:
        raise TokenRefused("alg", str(header.get("alg"))[:20])
    kid = header.get("kid")
    candidates = _candidates(keys_of(metadata), kid)
    claims = _try_keys(token, candidates)
    # A key that we have not seen: the provider may have changed its keys since we read them. A token that
    # names a key we know, and does not hold under it, is simply wrong.
    if claims is None and (kid is None or not candidates):
        candidates = _candidates(refetched_keys(metadata), kid)
        claims = _try_keys(token, candidates)
    if claims is None:
        raise TokenRefused("signature" if candidates else "key")
    return claims


def _candidates(keys: tuple[PublicKey, ...], kid: object) -> list[PublicKey]:
    return [key for key in keys if kid is None or key.kid == kid]


def _try_keys(token: str, keys: list[PublicKey]) -> dict[str, Any] | None:
    for key in keys:
        try:
            return dict(jwt.decode(token, key, algorithms=ALGORITHMS).claims)
        except BadSignatureError:
            continue
        except (JoseError, ValueError, TypeError):
            # A key of another kind than the algorithm's, or a payload that is no JSON object.
            continue
    return None


def _check_issuer_and_audience(claims: dict[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise TokenRefused("iss")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise TokenRefused("aud")
    party = claims.get("azp")
    if party is None and len(audiences) > 1:
        raise TokenRefused("azp", "missing beside several audiences")
    if party is not None and party != client_id:
        raise TokenRefused("azp")


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(name, "missing or not a number")
    return value


def _check_times(claims: dict[str, Any], expected: Expected, now: datetime) -> None:
    present = now.timestamp()
    begun = expected.not_before.timestamp()
    if _number(claims, "exp") <= present - SKEW:
        raise TokenRefused("exp")
    issued = _number(claims, "iat")
    if issued > present + SKEW or issued < begun - SKEW:
        raise TokenRefused("iat")
    if "nbf" in claims and _number(claims, "nbf") > present + SKEW:
        raise TokenRefused("nbf")
    # max_age=0 was asked for, so the provider must say when the person logged in (section 2, auth_time).
    if expected.fresh_login:
        logged_in = _number(claims, "auth_time")
        if logged_in > present + SKEW or logged_in < begun - SKEW:
            raise TokenRefused("auth_time")
