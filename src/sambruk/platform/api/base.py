"""The API and what its resources are made of: fields in camelCase, one form of errors, no outside pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from sambruk.platform.api.auth import OAuth2
from sambruk.platform.api.parser import StrictParser
from sambruk.platform.api.problems import CONTENT_TYPE, HANDLERS
from sambruk.platform.api.version import NAME, ROOT, VERSION, VERSION_HEADER

DESCRIPTION = """\
Ärenden och e-tjänster hos en kommun, för andra system. Varje kommun har sin egen adress, och en token gäller
bara där den hämtades. Fel kommer som problem+json (RFC 9457). Listor hämtas sida för sida: följ `Link` med
`rel="next"`, eller skicka tillbaka `next` som `after`. Skicka `Idempotency-Key` med POST, så kan
anropet göras om utan att något händer två gånger. För många anrop besvaras med 429 och `Retry-After`.
"""

PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "En mening på svenska om vad som hände och vad man gör."},
        "code": {"type": "string", "description": "Ett fast ord för program."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


class ApiModel(Schema):
    """Base of what goes in and out: camelCase in JSON, unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", from_attributes=True
    )


class Api(NinjaAPI):
    """Ninja's API with our errors, headers and description. It has no page of its own: only the JSON."""

    def __init__(self) -> None:
        super().__init__(
            title=NAME,
            version=VERSION,
            description=DESCRIPTION,
            openapi_url="/openapi.json",
            docs_url=None,
            urls_namespace="api",
            parser=StrictParser(),
            # Default deny: an operation that says nothing of its own asks for a token.
            auth=OAuth2(),
        )
        for kind, handler in HANDLERS:
            self.add_exception_handler(kind, handler)

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Return the response that an operation may put headers on."""
        response = super().create_temporal_response(request)
        response[VERSION_HEADER] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        """Return where the API stands: the major version is part of the address (Digg's profile)."""
        return ROOT

    def get_openapi_operation_id(self, operation: Any) -> str:
        """Name an operation after its function: short, and the same wherever its module lies."""
        return to_camel(operation.view_func.__name__)

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the description, with the errors and scopes that every operation has."""
        schema = super().get_openapi_schema(**options)
        schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        scopes = self._scopes()
        for path in schema["paths"].values():
            for operation in path.values():
                _complete(operation, scopes.get(operation["operationId"], ""))
        return schema

    def _scopes(self) -> dict[str, str]:
        return {
            self.get_openapi_operation_id(operation): auth.scope
            for router in self._get_bound_routers()
            for view in router.path_operations.values()
            for operation in view.operations
            for auth in operation.auth_callbacks
            if isinstance(auth, OAuth2)
        }


def _complete(operation: dict[str, Any], scope: str) -> None:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"]["default"] = {"description": "Fel", "content": content}
    if operation.get("security"):
        operation["security"] = [{"OAuth2": [scope] if scope else []}]
