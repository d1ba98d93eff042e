"""Transaction numbers that grow for ever: lifted when the data came to another server."""

from __future__ import annotations

from django.db import connections, transaction

#: Left free above the greatest number that stands.
_MARGIN = 1000

# An index look-up a tenant: the log itself is never scanned.
_GREATEST = """
    SELECT coalesce(max(greatest(
        (SELECT max(e.xact_id) FROM audit_auditevent e WHERE e.tenant_id = p.id),
        (SELECT max(s.upto_xact) FROM audit_seal s WHERE s.tenant_id = p.id))), 0)
    FROM tenancy_principal p
"""
_NOW = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit_xact_offset()"


def ensure(alias: str) -> bool:
    """Begin a new epoch where the server's numbers are below those that stand; True if one was begun.

    ``alias`` is the owner's connection, which sees all tenants. Run at the end of every migration, so also
    after a restored backup (``sambruk migrate``).
    """
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(_NOW)
        now = int(cursor.fetchone()[0])
        cursor.execute(_GREATEST)
        greatest = int(cursor.fetchone()[0])
        if greatest <= now:
            return False
        cursor.execute(
            "INSERT INTO audit_auditepoch (xact_offset, started_at) VALUES (%s, now())", [greatest + _MARGIN]
        )
    return True
