"""The services that the municipality offers, with the shape of their answers."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from sambruk.platform.api.auth import OAuth2
from sambruk.platform.api.base import ApiModel
from sambruk.platform.api.paging import PageParams, link_next, page_of_list
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.definitions.answer_schema import answer_schema
from sambruk.platform.definitions.effective import Effective

router = Router(tags=["services"], by_alias=True, auth=OAuth2())

Texts = Annotated[dict[str, str], Field(description="Texten per språk; svenska (sv) finns alltid.")]


class ServiceSummary(ApiModel):
    """A service in the list."""

    id: str
    version: str
    definition_hash: Annotated[str, Field(description="Namnet på precis det som gäller hos kommunen nu.")]
    title: Texts
    summary: Texts
    category: Texts
    owner: str
    login_assurance: Annotated[int, Field(description="Tillitsnivå vid inloggning; 0 är ingen inloggning.")]


class ServiceDetail(ServiceSummary):
    """A service with the JSON Schema of its answers."""

    description: Texts
    parameters: dict[str, Any]
    answer_schema: Annotated[dict[str, Any], Field(description="Svarens form, som JSON Schema 2020-12.")]


class ServicePage(ApiModel):
    """A page of services."""

    items: list[ServiceSummary]
    next: str | None


def _values(effective: Effective) -> dict[str, Any]:
    service = effective.service
    return {
        "id": service.service,
        "version": service.version,
        "definition_hash": effective.hash,
        "title": service.title,
        "summary": service.summary,
        "category": service.category,
        "owner": service.owner,
        "login_assurance": service.login.assurance,
    }


@router.get("/services", response=ServicePage, summary="Kommunens e-tjänster")
def list_services(request: HttpRequest, response: HttpResponse, params: Query[PageParams]) -> ServicePage:
    """Return what the municipality offers now, in order of id."""
    page = page_of_list(definitions.offered(), lambda one: one.service.service, params)
    link_next(request, response, page.next)
    return ServicePage(items=[ServiceSummary(**_values(one)) for one in page.items], next=page.next)


@router.get("/services/{slug:service_id}", response=ServiceDetail, summary="En e-tjänst")
def get_service(request: HttpRequest, service_id: str) -> ServiceDetail:
    """Return a service that is offered. Raises NotFound."""
    effective = definitions.for_service(service_id)
    return ServiceDetail(
        **_values(effective),
        description=effective.service.description,
        parameters=dict(effective.parameters),
        answer_schema=answer_schema(effective.service),
    )
