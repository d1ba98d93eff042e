"""Tenancy's permissions: identity's roles hand them out, under the same values."""

from __future__ import annotations

from enum import StrEnum


class TenancyPermission(StrEnum):
    """What may be done with a principal."""

    CHANGE_PRINCIPAL = "admin.principal"
    GRANT_ENTRY = "admin.staff"
