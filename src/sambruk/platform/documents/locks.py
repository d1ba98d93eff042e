"""The lock between saving a file and sweeping away files that nobody names."""

from __future__ import annotations

from django.db import connection

from sambruk.platform.tenancy.context import current_tenant_id


def lock_bytes(sha256: str, *, shared: bool) -> bool:
    """Keep the sweep away from a file's bytes (shared) or others away from it (not shared) until commit.

    Returns whether the lock was got; a shared one is waited for.
    """
    key = f"document:{current_tenant_id()}:{sha256}"
    function = "pg_advisory_xact_lock_shared" if shared else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])
        row = cursor.fetchone()
    return shared or bool(row and row[0])
