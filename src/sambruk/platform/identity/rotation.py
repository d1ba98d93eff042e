"""Writes encrypted columns again with the current key, in batches, after a new key was put first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import BinaryField, Func, Q, Value

from sambruk.common import crypto
from sambruk.platform.identity.encrypted import BlindIndexField, EncryptedJSONField, EncryptedTextField
from sambruk.platform.tenancy.context import tenant_transaction

BATCH = 200


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many rows of a model, in one tenant, were written again; and how many others held meanwhile."""

    model: str
    rows: int
    left: int = 0


class _Head(Func):
    """The first bytes of a token: version, length of the key's id, the id."""

    function = "SUBSTRING"
    template = "%(function)s(%(expressions)s FROM 1 FOR %(length)s)"
    output_field = BinaryField()


def encrypted_fields(model: type[models.Model]) -> list[str]:
    """Return the names of a model's encrypted fields."""
    return [
        field.attname
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField | EncryptedJSONField)
    ]


def encrypted_models() -> Iterator[type[models.Model]]:
    """Yield every installed model that has encrypted fields, in order of label."""
    found = [model for model in apps.get_models() if encrypted_fields(model)]
    return iter(sorted(found, key=lambda model: model._meta.label_lower))


def _stale(names: list[str]) -> Q:
    """Rows where any encrypted column was written with another key than the current one."""
    head = crypto.encrypt(b"", b"")[: 2 + len(crypto.key_ring().current)]
    query = Q()
    for name in names:
        query |= Q(**{f"{name}__isnull": False}) & ~Q(
            **{f"head_{name}": Value(head, output_field=BinaryField())}
        )
    return query


def stale_rows(model: type[models.Model]) -> models.QuerySet[Any]:
    """Return the current tenant's rows that a rotation would write again."""
    names = encrypted_fields(model)
    length = 2 + len(crypto.key_ring().current)
    heads = {f"head_{name}": _Head(models.F(name), length=length) for name in names}
    rows: models.QuerySet[Any] = model._default_manager.annotate(**heads).filter(_stale(names))
    return rows


def rotate_batch(model: type[models.Model], *, batch: int = BATCH) -> int:
    """Write up to ``batch`` rows of the current tenant again; returns how many. 0 means done.

    A row that another transaction holds is left for the next batch. What cannot be decrypted raises
    DecryptionError and stops the rotation: the old key must not be removed before that row is looked at.
    """
    ids = list(stale_rows(model).order_by("pk").values_list("pk", flat=True)[:batch])
    rows = model._default_manager.select_for_update(skip_locked=True).filter(pk__in=ids)
    indexes = [
        field.attname for field in model._meta.local_concrete_fields if isinstance(field, BlindIndexField)
    ]
    written = 0
    for row in rows:
        # A model with a blind index of its own making says so by this method.
        renew = getattr(row, "renew_indexes", None)
        renewed = renew() if renew is not None else []
        models.Model.save(row, update_fields=[*encrypted_fields(model), *indexes, *renewed])
        written += 1
    return written


def rotate(
    principal_id: UUID, *, batch: int = BATCH, progress: Callable[[Rotated], None] | None = None
) -> list[Rotated]:
    """Rotate all of one tenant's encrypted columns. Call with no transaction open.

    Each batch is a transaction of its own and picks what is still stale, so the work can be stopped and
    begun again at any time. Returns what was written, and what is ``left`` because another transaction
    held it: run again until that is 0 before the old key is removed. ``progress`` hears of each batch.
    """
    result = []
    for model in encrypted_models():
        total = 0
        while True:
            with tenant_transaction(principal_id):
                written = rotate_batch(model, batch=batch)
            if not written:
                break
            total += written
            if progress:
                progress(Rotated(model._meta.label, written))
        with tenant_transaction(principal_id):
            left = stale_rows(model).count()
        result.append(Rotated(model._meta.label, total, left))
    return result
