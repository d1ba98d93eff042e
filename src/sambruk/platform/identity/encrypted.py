"""Columns that lie encrypted in the database, and the blind index to find one by equality.

A value is bound to its table, column, tenant and row (``common.crypto``): moved elsewhere it does not
decrypt. It is decrypted when it is first read, so a list that does not show it does not pay for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from sambruk.common import crypto

if TYPE_CHECKING:
    _TextBase = models.Field[str, str]
    _JSONBase = models.Field[Any, Any]
    _IndexBase = models.CharField[str | None, str | None]
else:
    _TextBase = _JSONBase = models.Field
    _IndexBase = models.CharField


class Sealed(bytes):
    """A value as it lies in the database."""

    __slots__ = ()


def place_of(field: models.Field[Any, Any], instance: models.Model) -> bytes:
    """Return what a value is bound to: model, field, tenant and row."""
    label = f"{instance._meta.label_lower}.{field.name}"
    return f"{label}/{getattr(instance, 'tenant_id', '')}/{instance.pk}".encode()


class EncryptedAttribute(DeferredAttribute):
    """Decrypts at the first read, and keeps the plain value in the instance."""

    field: Any

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the plain value. Raises DecryptionError, never something that looks like a value."""
        if instance is None:
            return self
        data = instance.__dict__
        name = self.field.attname
        value = data[name] if name in data else super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = data[name] = self.field.from_plain(crypto.decrypt(value, place_of(self.field, instance)))
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        """Keep the value as given."""
        instance.__dict__[self.field.attname] = value


class _Encrypted:
    """What the encrypted fields have in common. The column is ``bytea``."""

    descriptor_class = EncryptedAttribute

    def get_internal_type(self) -> str:
        """``bytea`` in the database."""
        return "BinaryField"

    def value_to_string(self, obj: models.Model) -> str:
        """Refuse serialisation: it would write the plain value to a file."""
        raise FieldError(f"{self} is encrypted and is not serialised")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        """Mark what came from the database."""
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        """Encrypt for this row."""
        value = getattr(model_instance, self.attname)  # type: ignore[attr-defined]
        if value is None:
            return None
        place = place_of(self, model_instance)  # type: ignore[arg-type]
        return Sealed(crypto.encrypt(self.to_plain(value), place))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Refuse what was not encrypted for a row: ``update()`` and ``bulk_update()`` know no row."""
        if value is not None and not isinstance(value, Sealed):
            raise FieldError(f"{self} is encrypted for its row: set the attribute and call save()")
        return value if value is None else bytes(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Offer only ``isnull``: two encryptions of one value differ. Use a blind index."""
        if lookup_name != "isnull":
            raise FieldError(f"{self} is encrypted and cannot be searched; look up by a BlindIndexField")
        return super().get_lookup(lookup_name)  # type: ignore[misc]

    def to_plain(self, value: Any) -> bytes:
        """Return the bytes to encrypt."""
        raise NotImplementedError

    def from_plain(self, plain: bytes) -> Any:
        """Return the value of decrypted bytes."""
        raise NotImplementedError


class EncryptedTextField(_Encrypted, _TextBase):  # type: ignore[misc]
    """Text, empty unless given. Added to a table that has rows: ``null=True`` first, then fill."""

    def to_plain(self, value: Any) -> bytes:
        """UTF-8. Raises TypeError for anything but text."""
        if not isinstance(value, str):
            raise TypeError(f"{self} holds text, not {type(value).__name__}")
        return value.encode("utf-8")

    def from_plain(self, plain: bytes) -> str:
        """Read it back."""
        return plain.decode("utf-8")


class EncryptedJSONField(_Encrypted, _JSONBase):  # type: ignore[misc]
    """Any JSON value. Change it by assigning; a change inside is saved as well, with the row."""

    def to_plain(self, value: Any) -> bytes:
        """Compact UTF-8 JSON. Raises TypeError or ValueError (NaN, infinity) for what JSON cannot hold."""
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")

    def from_plain(self, plain: bytes) -> Any:
        """Read it back."""
        return json.loads(plain)


class BlindIndexField(_IndexBase):
    """The keyed hash of the text field ``of`` beside it, computed at every save; null for empty text.

    Look up with ``filter(number_index__in=Model.index_field.candidates(text))``, by every key in the ring,
    so that a row is found while keys rotate.
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", 100)
        kwargs.update(null=True, blank=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep ``of``."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.update(of=self.of)
        for key in ("null", "blank", "editable"):
            kwargs.pop(key, None)
        return name, path, args, kwargs

    def context(self, tenant_id: object) -> bytes:
        """Keep equal values in two tenants, or two columns, from being linked."""
        return f"{self.model._meta.label_lower}.{self.name}/{tenant_id}".encode()

    def candidates(self, text: str, tenant_id: object) -> list[str]:
        """Return the index under each key, the current one's first."""
        return list(crypto.blind_indexes(text, self.context(tenant_id)))

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        """Compute from the plain value."""
        text = getattr(model_instance, self.of)
        tenant_id = getattr(model_instance, "tenant_id", "")
        value = crypto.blind_index(text, self.context(tenant_id)) if text else None
        setattr(model_instance, self.attname, value)
        return value
