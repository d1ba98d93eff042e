"""The token endpoint: OAuth 2.0 client credentials (RFC 6749 section 4.4)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sambruk.common.clock import now
from sambruk.platform.identity.actions.api_clients import ClientRefused, ScopeRefused, issue_token
from sambruk.platform.tenancy.context import has_tenant


def _error(error: str, description: str, status: int = 400) -> JsonResponse:
    # The form of RFC 6749 section 5.2, and beside it the members of our other errors (RFC 9457).
    problem = {"type": "about:blank", "title": "Ingen token", "status": status, "detail": description}
    body = {"error": error, "error_description": description, **problem, "code": error}
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="api"'
    return response


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """Return client id and secret from the Basic header, or from the form. Empty where there are none."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


@csrf_exempt  # A client has no cookie; it proves itself by its secret.
@require_POST
def token(request: HttpRequest) -> JsonResponse:
    """Issue an access token, good for fifteen minutes."""
    if not has_tenant():
        return _error("invalid_request", "Anropa kommunens egen adress.")
    if request.POST.get("grant_type") != "client_credentials":
        return _error("unsupported_grant_type", "Ange grant_type=client_credentials.")
    client_id, secret = _credentials(request)
    try:
        row, text = issue_token(client_id=client_id, secret=secret, scope=request.POST.get("scope", ""))
    except ClientRefused as error:
        return _error(error.code, error.message_sv, 401)
    except ScopeRefused as error:
        return _error(error.code, error.message_sv)
    body = {
        "access_token": text,
        "token_type": "Bearer",
        "expires_in": int((row.expires_at - now()).total_seconds()),
        "scope": " ".join(row.scopes),
    }
    response = JsonResponse(body)
    response["Cache-Control"] = "no-store"
    return response
