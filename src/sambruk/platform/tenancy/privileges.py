"""What the application's and the backup's roles may do to each table: said by the models, applied at the end
of every migration. What is not said is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from sambruk.platform.tenancy.fields import is_tenant_model
from sambruk.platform.tenancy.roles import APP, BACKUP

READ = frozenset({"SELECT"})
ALL = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

#: Tables without a model of ours. procrastinate's functions run with their caller's rights.
_FOREIGN: Mapping[str, frozenset[str]] = {"django_migrations": READ}
_FOREIGN_PREFIXES: Mapping[str, frozenset[str]] = {"procrastinate_": ALL}

_TABLES = """
    SELECT c.relname, c.relkind::text,
           coalesce(array_agg(coalesce(r.rolname, 'PUBLIC') || ':' || a.privilege_type)
                    FILTER (WHERE a.privilege_type IS NOT NULL AND a.grantee <> c.relowner), '{}')
    FROM pg_class c
    LEFT JOIN LATERAL aclexplode(c.relacl) a ON true
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    GROUP BY c.oid, c.relname, c.relkind
"""


def of_model(model: type[Model]) -> frozenset[str]:
    """Return what the application may do to a model's table.

    Tenant tables: everything, less with ``TenantMeta.append_only`` or ``TenantMeta.privileges``. Shared
    tables: read, more with ``TenantMeta.shared_writable`` (or that attribute on the model itself).
    """
    meta = getattr(model, "TenantMeta", None)
    if (named := getattr(meta, "privileges", None)) is not None:
        return frozenset(named)
    if getattr(meta, "append_only", False):
        return READ | {"INSERT"}
    if is_tenant_model(model) or getattr(meta, "shared_writable", getattr(model, "shared_writable", False)):
        return ALL
    return READ


def declared() -> dict[str, frozenset[str]]:
    """Return the application's privileges by table: every installed model, known foreign tables."""
    wanted = dict(_FOREIGN)
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            wanted[model._meta.db_table] = of_model(model)
    return wanted


def wanted_for(table: str, tables: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the application's privileges on a table, none where nothing is said of it."""
    if table in tables:
        return tables[table]
    return next(
        (found for prefix, found in _FOREIGN_PREFIXES.items() if table.startswith(prefix)), frozenset()
    )


def differences(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the statements that would bring the privileges to what the models say; [] is well."""
    tables = declared()
    statements: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(%s, 'public', 'CREATE')", [APP])
        if cursor.fetchone()[0]:
            statements.append("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(_TABLES)
        for name, kind, granted in cursor.fetchall():
            statements += _differences(connection, name, kind, set(granted), tables)
    return statements


def apply(connection: BaseDatabaseWrapper) -> list[str]:
    """Grant and revoke until the database says what the models say; return the statements that were run.

    ``connection`` is the owner's. Idempotent; nothing is run, and nothing locked, where nothing differs.
    """
    statements = differences(connection)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return statements


def _differences(
    connection: BaseDatabaseWrapper, name: str, kind: str, granted: set[str], tables: Mapping[str, Any]
) -> list[str]:
    """Return the statements that bring one table's or sequence's privileges to what is wanted."""
    if kind == "S":
        # Keys are made in Python; only procrastinate's tables draw from sequences.
        app = {"USAGE", "SELECT"} if wanted_for(name, {}) else set()
    else:
        app = set(wanted_for(name, tables))
    wanted = {f"{APP}:{each}" for each in app} | {f"{BACKUP}:SELECT"}
    what = f"{'SEQUENCE' if kind == 'S' else 'TABLE'} {connection.ops.quote_name(name)}"
    statements = []
    for sign, entries in (("REVOKE", granted - wanted), ("GRANT", wanted - granted)):
        for entry in sorted(entries):
            role, _, privilege = entry.partition(":")
            grantee = role if role == "PUBLIC" else connection.ops.quote_name(role)
            statements.append(f"{sign} {privilege} ON {what} {'TO' if sign == 'GRANT' else 'FROM'} {grantee}")
    return statements
