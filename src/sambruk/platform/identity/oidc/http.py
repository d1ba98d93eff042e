"""The one HTTP client to identity providers: short, bounded, shared by all threads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from sambruk.platform.identity.errors import Misconfigured, ProviderDown

#: Seconds for a whole answer. A request's transaction is open meanwhile (see the ADR on login).
TIMEOUT = 5.0
MAX_BYTES = 256 * 1024
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class _Bounded(httpx.BaseTransport):
    """Reads the answer within TIMEOUT and MAX_BYTES: a server that drips is cut off like one that hangs."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=8))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, read everything, close."""
        deadline = time.monotonic() + TIMEOUT
        response = self._inner.handle_request(request)
        chunks: list[bytes] = []
        size = 0
        try:
            assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - narrows for mypy
            for chunk in response.stream:
                size += len(chunk)
                if size > MAX_BYTES:
                    raise httpx.ReadError("answer too large", request=request)
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("answer too slow", request=request)
                chunks.append(chunk)
        finally:
            response.close()
        return httpx.Response(response.status_code, headers=response.headers, content=b"".join(chunks))


@cache
def _client() -> httpx.Client:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    return httpx.Client(
        transport=_Bounded(), timeout=TIMEOUT, follow_redirects=False, trust_env=False, headers=headers
    )


def require_safe_url(url: object, what: str) -> str:
    """Return an https address, or http on the loopback in demo and test. Raises Misconfigured."""
    if not isinstance(url, str):
        raise Misconfigured(f"{what} is missing")
    parts = urlsplit(url)
    local = (settings.TEST_MODE or settings.DEMO) and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise Misconfigured(f"{what} is not https")
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise Misconfigured(f"{what} is not a plain address")
    return url


def _send(request: httpx.Request, auth: httpx.Auth | None = None) -> httpx.Response:
    try:
        return _client().send(request, auth=auth)
    except httpx.HTTPError as error:
        raise ProviderDown(type(error).__name__) from error


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError as error:
        raise ProviderDown("no JSON") from error
    if not isinstance(value, dict):
        raise ProviderDown("no JSON object")
    return value


def get_json(url: str) -> dict[str, Any]:
    """Fetch a JSON object. Raises ProviderDown for anything else."""
    response = _send(_client().build_request("GET", url))
    if response.status_code != httpx.codes.OK:
        raise ProviderDown(f"HTTP {response.status_code}")
    return _json(response)


def post_form(url: str, data: Mapping[str, str], auth: httpx.Auth | None) -> tuple[int, dict[str, Any]]:
    """Post a form; return status and JSON object. Raises ProviderDown for a 5xx or no JSON."""
    response = _send(_client().build_request("POST", url, data=dict(data)), auth)
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or response.is_redirect:
        raise ProviderDown(f"HTTP {response.status_code}")
    return response.status_code, _json(response)
