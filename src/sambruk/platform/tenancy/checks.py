"""System checks: what would let a key or an index of a tenant table stand without its tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.checks import CheckMessage, Error
from django.db import models
from django.db.models import F
from django.db.models.expressions import OrderBy

from sambruk.platform.tenancy.backend.schema import is_reference
from sambruk.platform.tenancy.fields import is_tenant_model, tenant_field

#: Index methods that cannot hold a uuid beside what they index.
_UNORDERED = ("gin", "gist", "brin", "hash")


def check_models(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """Check every managed model of the platform and the systems."""
    configs = app_configs if app_configs is not None else list(apps.get_app_configs())
    return [
        message
        for config in configs
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for message in check_model(model)
    ]


def check_model(model: type[models.Model]) -> Iterator[CheckMessage]:
    """Yield the faults of one model."""
    tenant = is_tenant_model(model)
    for field in model._meta.local_fields:
        target = field.remote_field.model if field.remote_field else None
        if not (isinstance(target, type) and issubclass(target, models.Model)) or not is_tenant_model(target):
            continue
        if not tenant:
            yield Error(
                f"{field.name} points from a shared table at a tenant table.", obj=model, id="tenancy.E002"
            )
        elif not is_reference(field):
            yield Error(
                f"{field.name} points at a tenant table.",
                hint="TenantForeignKey",
                obj=model,
                id="tenancy.E001",
            )
    if not tenant:
        return
    if model._meta.parents:
        yield Error("A tenant table cannot inherit another table.", obj=model, id="tenancy.E003")
    for link in model._meta.local_many_to_many:
        if link.remote_field.through is not None and link.remote_field.through._meta.auto_created:
            yield Error(f"{link.name} needs a TenantModel as through.", obj=model, id="tenancy.E004")
    for name, first, count in _keys(model):
        # An index on one field is led by the tenant when written (backend.schema).
        if count > 1 and first not in ("tenant", "tenant_id"):
            yield Error(f"{name} must name tenant first, not {first}.", obj=model, id="tenancy.E005")


def _first(expressions: Iterable[Any]) -> str:
    first = next(iter(expressions), None)
    if isinstance(first, OrderBy):
        first = first.expression
    if isinstance(first, F):
        return str(getattr(first, "name", ""))
    return str(first) if isinstance(first, str) else "an expression"


def _keys(model: type[models.Model]) -> Iterator[tuple[str, str, int]]:
    """Yield each unique constraint, exclusion and ordered index: name, first field, number of fields."""
    for fields in model._meta.unique_together:
        yield "unique_together", fields[0], len(fields)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            if constraint.fields:
                yield constraint.name, constraint.fields[0], 2
            else:
                yield constraint.name, _first(constraint.expressions), 2
        elif isinstance(constraint, ExclusionConstraint):
            yield constraint.name, _first(part for part, _ in constraint.expressions), 2
    for index in model._meta.indexes:
        if (getattr(index, "suffix", "") or "idx") in _UNORDERED:
            continue
        if index.fields:
            yield index.name, index.fields_orders[0][0], len(index.fields)
        else:
            yield index.name, _first(index.expressions), 2


def tenant_models() -> list[type[models.Model]]:
    """Return every tenant model that is installed."""
    return [model for model in apps.get_models(include_auto_created=True) if tenant_field(model) is not None]
