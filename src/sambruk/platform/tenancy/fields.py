"""The fields that make a table a tenant table. The database's side of them is written by ``backend``.

Apart from ``base``, which defines a model: the backend must be importable before any model is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models

from sambruk.platform.tenancy.context import current_tenant_id

_ST = TypeVar("_ST")
_GT = TypeVar("_GT")


class TenantField(models.ForeignKey[_ST, _GT]):
    """The principal that a row belongs to: column ``tenant_id``, the current tenant unless given.

    It marks a tenant table for the backend, in migrations too (where a model has lost its base class).
    The first column of the primary key, so it has no index of its own.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("to", "tenancy.Principal")
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("editable", False)
        kwargs.update(related_name="+", db_index=False, db_constraint=False)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        """Leave out what never varies, so that migrations stay readable."""
        name, path, args, kwargs = super().deconstruct()
        for key in ("to", "on_delete", "editable", "related_name", "db_index", "db_constraint"):
            if key != "to":
                kwargs.pop(key, None)
        return name, path, args, kwargs

    def get_default(self) -> Any:
        """Return the current tenant. Raises NoTenant. (``default=`` makes type checkers expect None.)"""
        return current_tenant_id()

    def validate(self, value: Any, model_instance: Any) -> None:
        """Ask nothing: the row's policy compares with the current tenant, which exists."""


class TenantForeignKey(models.ForeignKey[_ST, _GT]):
    """A reference to another tenant table: in the database ``(tenant_id, x_id)`` to ``(tenant_id, id)``.

    Checked at the end of each statement (DEFERRABLE INITIALLY IMMEDIATE), so that an error names the
    statement that made it. Its index leads with ``tenant_id``.
    """

    def __init__(
        self, to: type[models.Model] | str, on_delete: Callable[..., None], *args: Any, **kwargs: Any
    ) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, *args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out ``db_constraint``, which the backend decides."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class TenantOneToOneField(models.OneToOneField[_ST, _GT]):
    """As TenantForeignKey, and unique on ``(tenant_id, x_id)``."""

    def __init__(
        self, to: type[models.Model] | str, on_delete: Callable[..., None], *args: Any, **kwargs: Any
    ) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, *args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out ``db_constraint``, which the backend decides."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


def tenant_field(model: type[models.Model]) -> models.Field[Any, Any] | None:
    """Return the field that makes the model a tenant table, or None. Works on migrations' models too."""
    return next((field for field in model._meta.local_fields if isinstance(field, TenantField)), None)


def is_tenant_model(model: type[models.Model]) -> bool:
    """Say whether the model's table belongs to tenants."""
    return tenant_field(model) is not None
