"""Whether places can be shown on a map, and from where its pictures come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from sambruk.platform.definitions.language import PlaceField, RepeatingGroupField, Step
from sambruk.platform.tenancy.context import current_principal

#: Until a municipality says where it lies the map shows the south and middle of Sweden.
_SWEDEN = (60.0, 16.0, 5)


@dataclass(frozen=True)
class TileServer:
    """A server of map pictures: its address with {z}, {x}, {y}, whose map it is, and where to begin."""

    url: str
    attribution: str
    latitude: float
    longitude: float
    zoom: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what the page's policy lets pictures come from."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def centre(self) -> str:
        """Latitude and longitude as the page's script reads them, whatever the language."""
        return f"{self.latitude:.6f},{self.longitude:.6f}"


def tile_server() -> TileServer | None:
    """Return the current principal's tile server, else the installation's, else None: then there is no map.

    An address that a browser could not use (not http or https, no {z}, {x}, {y}, or characters that would
    leave the policy's header) counts as none; ``doctor`` names the installation's.
    """
    given = current_principal().settings.get("map")
    own: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    url = own.get("tiles") or settings.TILE_URL
    if not isinstance(url, str) or address_fault(url):
        return None
    said = own.get("attribution") if own.get("tiles") else settings.TILE_ATTRIBUTION
    latitude, longitude, zoom = _view(own)
    return TileServer(url, str(said or ""), latitude, longitude, zoom)


def address_fault(url: str) -> str:
    """Return what is wrong with a tile server's address as a Swedish sentence; empty when nothing is."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "Adressen till kartans bilder går inte att läsa."
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return "Adressen till kartans bilder ska börja med https:// och en värd."
    if any(char in parts.netloc for char in " ;,{}'\"\\") or not parts.netloc.isascii():
        return "Värden i adressen till kartans bilder har tecken som inte går."
    if not all(part in parts.path + parts.query for part in ("{z}", "{x}", "{y}")):
        return "Adressen till kartans bilder ska innehålla {z}, {x} och {y}."
    return ""


def _view(own: Mapping[str, Any]) -> tuple[float, float, int]:
    centre, zoom = own.get("centre"), own.get("zoom", 12)
    if (
        isinstance(centre, list)
        and len(centre) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in centre)
        and abs(centre[0]) <= 85
        and abs(centre[1]) <= 180
    ):
        return float(centre[0]), float(centre[1]), zoom if isinstance(zoom, int) and 3 <= zoom <= 18 else 12
    return _SWEDEN


def server_for(step: Step) -> TileServer | None:
    """Return the tile server if any field of the step, asked now or later, may be shown on a map."""
    fields = [
        *step.fields,
        *(inner for group in step.fields if isinstance(group, RepeatingGroupField) for inner in group.fields),
    ]
    on_map = any(isinstance(one, PlaceField) and "map" in one.allow for one in fields)
    return tile_server() if on_map else None
