"""The definition that counts: for new applications by service, for a case by its hash. Cached for ever.

An effective definition is immutable and named by its content, so a process parses it once. What is compiled
(conditions, process) depends on the definition alone and is shared by all who have the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

from sambruk.common.content_hash import content_hash
from sambruk.common.errors import NotFound
from sambruk.platform.definitions.conditions import Conditions
from sambruk.platform.definitions.language import ParameterRef, Service
from sambruk.platform.definitions.load import LoadedService, from_json
from sambruk.platform.definitions.models import Adoption, EffectiveDefinition, ServiceVersion
from sambruk.platform.definitions.process import Process
from sambruk.platform.tenancy.compiled import Compiled


@dataclass(frozen=True)
class Effective:
    """A service as one principal offers it.

    `hash` names it, `parameters` are complete and in wire format, `units` maps "default", roles and tasks to
    units. `conditions` and `process` are compiled at first use.
    """

    hash: str
    loaded: LoadedService
    parameters: Mapping[str, Any]
    units: Mapping[str, UUID]

    @property
    def service(self) -> Service:
        """The definition."""
        return self.loaded.service

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files of the folder by name."""
        return self.loaded.files

    @cached_property
    def conditions(self) -> Conditions:
        """The compiled conditions of the form."""
        return _compiled(self.loaded).conditions

    @cached_property
    def process(self) -> Process:
        """The compiled process."""
        return _compiled(self.loaded).process

    def text(self, file: str) -> str:
        """Return a file's text, such as a letter's template or the drawing. Raises KeyError."""
        return self.loaded.text(file)

    def count(self, value: int | ParameterRef) -> int:
        """Return a whole number that is written in the service or set by a parameter."""
        return int(self.parameters[value.parameter]) if isinstance(value, ParameterRef) else value

    @property
    def unit_id(self) -> UUID:
        """The unit that new cases come to."""
        return self.units["default"]

    def unit_for(self, element_id: str) -> UUID | None:
        """Return the unit that does a task (by the task, else by its role), or None for the case's own."""
        task = self.service.tasks.get(element_id)
        role = task.role if task else None
        return self.units.get(element_id) or (self.units.get(role) if role else None)


@dataclass(frozen=True)
class _Compiled:
    conditions: Conditions
    process: Process


_lock = Lock()
_compiled_by_hash: dict[str, _Compiled] = {}


def _compiled(loaded: LoadedService) -> _Compiled:
    with _lock:
        found = _compiled_by_hash.get(loaded.content_hash)
        if found is None:
            found = _Compiled(Conditions(loaded.service), Process.of(loaded.service, loaded.files))
            _compiled_by_hash[loaded.content_hash] = found
        return found


@lru_cache(maxsize=64)
def _loaded(version_id: UUID) -> LoadedService:
    version = ServiceVersion.objects.get(pk=version_id)
    return from_json(version.definition, {name: text.encode() for name, text in version.files.items()})


def load_version(version: ServiceVersion) -> LoadedService:
    """Return a published version as a loaded service (cached)."""
    return _loaded(version.pk)


def canonical_effective(
    loaded: LoadedService, parameters: Mapping[str, Any], units: Mapping[str, UUID]
) -> dict[str, Any]:
    """Return what an effective definition's hash is taken over."""
    return {
        "version": loaded.content_hash,
        "parameters": dict(parameters),
        "units": {key: str(value) for key, value in units.items()},
    }


def effective_hash(canonical: Mapping[str, Any]) -> str:
    """Return the name of an effective definition."""
    return content_hash(canonical)


_by_hash: dict[str, Effective] = {}


def by_hash(definition_hash: str) -> Effective:
    """Return the effective definition of that hash. Raises NotFound when the tenant has none such."""
    found = _by_hash.get(definition_hash)
    if found is None:
        row = EffectiveDefinition.objects.filter(hash=definition_hash).first()
        if row is None:
            raise NotFound("E-tjänsten finns inte i den version som ärendet hör till.", "no_definition")
        found = Effective(
            hash=row.hash,
            loaded=_loaded(row.version_id),
            parameters=row.canonical["parameters"],
            units={key: UUID(value) for key, value in row.canonical["units"].items()},
        )
        _by_hash[definition_hash] = found
    return found


def for_service(service_id: str) -> Effective:
    """Return what the current principal offers now. Raises NotFound when it is not offered."""
    adoption = Adoption.objects.filter(service_id=service_id, status=Adoption.Status.OFFERED).first()
    if adoption is None:
        raise NotFound("Den här e-tjänsten finns inte i din kommun.", "no_service")
    return by_hash(adoption.effective_hash)


#: Asked by each page that lists services.
_OFFERED = Compiled(lambda: Adoption.objects.filter(status=Adoption.Status.OFFERED))


def offered() -> list[Effective]:
    """Return everything that the current principal offers, in order of title."""
    hashes = [adoption.effective_hash for adoption in _OFFERED.all()]
    return sorted((by_hash(one) for one in hashes), key=lambda one: one.service.title["sv"].casefold())
