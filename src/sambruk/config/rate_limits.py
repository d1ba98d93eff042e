"""How often one may try: login, codes, uploads, reports without login, and the API.

All else is not counted: a submission pays no statement for it. Codes and keys of ours are too long to be
guessed (49 bits and more); the limits keep guessing from costing others, and reports from drowning those who
read them. Many people may share an address (an office, a library, a mobile network): the figures are our own
choice, far above what a person does and far below what a program can. A client's secret has no limit of its
own: it cannot be guessed, and whoever knows the client's name could lock it out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sambruk.common.actor import ActorKind
from sambruk.config import refusals
from sambruk.config.networks import client_address
from sambruk.platform.api.limits import Asked, Limit, count, hold, wait

API = "/api/"
#: Per client of the API, and per address that comes with no token that holds.
CLIENT = Limit("api.client", 600, 60)
REFUSED = Limit("api.refused", 60, 60)
#: A form with a file in it, sent without scripts: smaller ones are counted as the form's steps, not at all.
_FILE_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A route that is counted: per address, and per target where one is guessed at or flooded."""

    methods: frozenset[str]
    path: re.Pattern[str]
    per_address: Limit
    per_target: Limit | None = None
    #: Does the target stand in the address (its group ``target``)? Else it is the municipality.
    applies: Callable[[HttpRequest], bool] = lambda request: True


def _carries_file(request: HttpRequest) -> bool:
    return request.content_type == "multipart/form-data" and _length(request) > _FILE_BYTES


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


GET, POST = frozenset({"GET", "HEAD"}), frozenset({"POST"})
_UPLOAD = (Limit("upload", 300, 600), Limit("upload.draft", 120, 600))
RULES = (
    Rule(GET, re.compile(r"/(personal/)?logga-in/"), Limit("login", 120, 60)),
    # Anybody can send XML here, whose signature costs to check.
    Rule(POST, re.compile(r"/logga-in/saml/svar/"), Limit("saml", 120, 60)),
    Rule(POST, re.compile(r"/api/v1/token"), Limit("token", 60, 60)),
    Rule(POST, re.compile(r"/folj/"), Limit("code", 20, 600), Limit("code.tenant", 3000, 600)),
    Rule(
        POST,
        re.compile(r"/tjanster/[^/]+/borja/"),
        Limit("begin", 60, 600),
        Limit("begin.tenant", 6000, 600),
    ),
    Rule(POST, re.compile(r"/ansokan/(?P<target>[0-9a-f-]{36})/fil/[^/]+/"), *_UPLOAD),
    Rule(POST, re.compile(r"/ansokan/(?P<target>[0-9a-f-]{36})/[^/]+/"), *_UPLOAD, applies=_carries_file),
)


class RateLimitMiddleware:
    """Answers 429 with `Retry-After` past a limit. Stands outside TenantMiddleware: nothing undoes a count.

    The API's clients are counted when the answer is made, since only then is it known who it was; a token
    whose client is past its limit is refused from then on without a query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Count, and answer or refuse."""
        if not settings.RATE_LIMITS:
            return self._get_response(request)
        is_api = request.path_info.startswith(API)
        seconds = self._before(request, is_api=is_api)
        if seconds:
            return refusals.too_many(request, seconds)
        response = self._get_response(request)
        if is_api:
            self._after(request, response)
        return response

    def _before(self, request: HttpRequest, *, is_api: bool) -> int:
        for rule in RULES:
            if request.method in rule.methods and (found := rule.path.fullmatch(request.path_info)):
                return count(_asked(request, rule, found)) if rule.applies(request) else 0
        if not is_api:
            return 0
        known = [Asked(CLIENT, _token(request)), *_per_address(request, REFUSED)]
        return wait(known)

    def _after(self, request: HttpRequest, response: HttpResponseBase) -> None:
        actor = getattr(request, "actor", None)
        if actor is not None and actor.kind is ActorKind.API:
            if count([Asked(CLIENT, str(actor.id))]):
                hold(Asked(CLIENT, _token(request)))
        elif response.status_code == 401:
            count(_per_address(request, REFUSED))


def _asked(request: HttpRequest, rule: Rule, found: re.Match[str]) -> list[Asked]:
    asked = _per_address(request, rule.per_address)
    if rule.per_target is not None:
        target = found.groupdict().get("target") or request.headers.get("Host", "").lower()[:255]
        asked.append(Asked(rule.per_target, target))
    return asked


def _per_address(request: HttpRequest, limit: Limit) -> list[Asked]:
    peer = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = request.headers.get("X-Forwarded-For", "")[:2000]
    address = client_address(peer, forwarded, settings.TRUSTED_PROXIES)
    return [Asked(limit, address)] if address else []


def _token(request: HttpRequest) -> str:
    return hashlib.sha256(request.headers.get("Authorization", "").encode("utf-8", "replace")).hexdigest()
