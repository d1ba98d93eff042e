"""What services there are: published versions, and the folders that they are published from."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from sambruk.common.errors import NotFound
from sambruk.platform.definitions.models import ServiceVersion


def folders(root: Path | None = None) -> list[Path]:
    """Return the service folders of this installation, in order of name."""
    base = root or Path(settings.SERVICES_DIR)
    return sorted(path.parent for path in base.glob("*/service.yaml"))


def order_of(version: str) -> tuple[int, ...]:
    """Return a semantic version as numbers, for sorting."""
    return tuple(int(part) for part in version.split("."))


def versions(service: str) -> list[ServiceVersion]:
    """Return the published versions of a service, newest first."""
    found = ServiceVersion.objects.filter(service=service).defer("files")
    return sorted(found, key=lambda one: order_of(one.version), reverse=True)


def get(service: str, version: str | None = None) -> ServiceVersion:
    """Return a published version, the newest where none is named. Raises NotFound."""
    for one in versions(service):
        if version is None or one.version == version:
            return one
    raise NotFound("Den versionen av e-tjänsten är inte publicerad.", "no_version")


def newest() -> list[ServiceVersion]:
    """Return the newest published version of every service, in order of id."""
    best: dict[str, ServiceVersion] = {}
    for one in ServiceVersion.objects.defer("files").order_by("service"):
        kept = best.get(one.service)
        if kept is None or order_of(one.version) > order_of(kept.version):
            best[one.service] = one
    return list(best.values())
