"""A system brings its own resources, under its own name, with the same door and the same errors."""

from __future__ import annotations

from typing import Any

from ninja import Router

from sambruk.common.system import System
from sambruk.config.systems import Found
from sambruk.platform.api.auth import OAuth2
from sambruk.platform.api.base import ApiModel
from sambruk.platform.api.urls import build

router = Router(by_alias=True, auth=OAuth2("case.read"))


class Lamp(ApiModel):
    """A street lamp."""

    pole_number: int


@router.get("/lamps", response=Lamp)
def list_lamps(request: object) -> Lamp:
    """Return the only lamp."""
    return Lamp(pole_number=1)


def test_mounted_at_its_name(settings: Any) -> None:
    own = System(name="street_lighting", label="Gatubelysning", api=f"{__name__}:router")
    settings.SYSTEMS = Found((own, System(name="without", label="Utan")), ())
    description = build().get_openapi_schema()
    operation = description["paths"]["/api/v1/street-lighting/lamps"]["get"]
    assert operation["security"] == [{"OAuth2": ["case.read"]}]
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert list(description["components"]["schemas"]["Lamp"]["properties"]) == ["poleNumber"]
