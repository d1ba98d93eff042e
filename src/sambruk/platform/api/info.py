"""What API this is, for whoever finds it. Source: Sveriges REST API-profil (Digg), resource api-info."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router

from sambruk.platform.api import version
from sambruk.platform.api.base import ApiModel

router = Router(tags=["api-info"], by_alias=True)


class ApiInfo(ApiModel):
    """Name, version, since when, where it is described, and whether it is to be used."""

    api_name: str
    api_version: str
    api_released: date
    api_documentation: str
    api_status: str


@router.get("/api-info", response=ApiInfo, auth=None, summary="Om API:et")
def api_info(request: HttpRequest) -> ApiInfo:
    """Return name, version and state. Asks for no token."""
    return ApiInfo(
        api_name=version.NAME,
        api_version=version.VERSION,
        api_released=version.RELEASED,
        api_documentation=request.build_absolute_uri("/api/v1/openapi.json"),
        api_status=version.STATUS,
    )
