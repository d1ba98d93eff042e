"""Who calls: a bearer token from `/api/v1/token`, good at the address of the municipality that gave it."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja.security.base import AuthBase

from sambruk.common.actor import Actor
from sambruk.platform.api.problems import ScopeMissing, Unauthenticated
from sambruk.platform.identity.api_auth import authenticate
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.context import has_tenant

#: Shown in the description; what each lets a system do in the units that it was given.
SCOPES = {
    Permission.CASE_READ: "Läsa enheternas ärenden, händelser och uppgifter, och få besked om dem.",
    Permission.CASE_WORK: "Göra handläggningens uppgifter, utom beslut.",
    Permission.REPORT_FILE: "Lämna in anmälningar åt någon till enheterna, och se var de står.",
    Permission.APPLICATION_PREPARE: "Förbereda ansökningar åt någon, som själv läser, ändrar och skickar.",
    Permission.REPORT_HANDLE: "Ta emot, lämna tillbaka och besvara felanmälningar.",
}


class OAuth2(AuthBase):
    """OAuth 2.0 client credentials. ``scope`` is what the operation asks for; empty: any token will do."""

    openapi_type = "oauth2"
    openapi_flows = {
        "clientCredentials": {
            "tokenUrl": "/api/v1/token",
            "scopes": {str(scope): text for scope, text in SCOPES.items()},
        }
    }

    def __init__(self, scope: str = "") -> None:
        self.scope = str(scope)
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        """Return the client as an actor and set request.actor. Raises Unauthenticated, ScopeMissing."""
        actor = authenticate(request) if has_tenant() else None
        if actor is None:
            raise Unauthenticated(given=bool(request.headers.get("Authorization")))
        if self.scope and not actor.may(self.scope):
            raise ScopeMissing(self.scope)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def client_of(request: HttpRequest) -> Actor:
    """Return the client that calls. For operations with ``auth=OAuth2(…)``."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]
