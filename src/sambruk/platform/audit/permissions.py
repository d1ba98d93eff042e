"""The audit's permissions: identity's roles hand them out."""

from __future__ import annotations

from enum import StrEnum


class AuditPermission(StrEnum):
    """What may be done with the log."""

    REVIEW = "audit.review"
    EXTRACT = "audit.extract"
    DISPOSE = "audit.dispose"
    SEAL = "audit.seal"
