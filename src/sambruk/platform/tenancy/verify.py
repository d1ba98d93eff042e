"""Whether the database holds what the models promise: keys, references, row security, roles, privileges."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from sambruk.platform.tenancy import privileges
from sambruk.platform.tenancy.backend.schema import POLICY, is_reference
from sambruk.platform.tenancy.checks import tenant_models
from sambruk.platform.tenancy.fields import tenant_field
from sambruk.platform.tenancy.roles import APP, BACKUP

_CONDITION = "(tenant_id = ( SELECT tenant() AS tenant))"

_ROLES = "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = ANY(%s)"
_OWNED = """
    SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = ANY(%s)
    UNION ALL
    SELECT p.proname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE r.rolname = ANY(%s)
"""
_MEMBER = """
    SELECT m.rolname, g.rolname FROM pg_auth_members a
    JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname = ANY(%s)
"""
_TABLES = """
    SELECT c.relname, c.relrowsecurity,
           ARRAY(SELECT concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles = '{0}',
                                  pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
                 FROM pg_policy p WHERE p.polrelid = c.oid)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
_CONSTRAINTS = """
    SELECT c.conrelid::regclass::text, c.contype::text, c.convalidated,
           ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, i)
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i),
           CASE WHEN c.contype = 'f' THEN c.confrelid::regclass::text END,
           ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, i)
                 JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i)
    FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'f')
"""


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Return every difference between the database and the models, one short sentence each; [] is well."""
    grants = [f"privilege missing: {statement}" for statement in privileges.differences(connection)]
    return [*_role_faults(connection), *_table_faults(connection), *_key_faults(connection), *grants]


def _query(connection: BaseDatabaseWrapper, query: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(params) or None)
        return list(cursor.fetchall())


def _role_faults(connection: BaseDatabaseWrapper) -> list[str]:
    names = [APP, BACKUP]
    found = []
    rows = _query(connection, _ROLES, names)
    present = {row[0] for row in rows}
    found += [f"role {name} is missing" for name in names if name not in present]
    for name, superuser, bypass, create in rows:
        if superuser or create:
            found.append(f"role {name} is too powerful")
        if bypass is not (name == BACKUP):
            found.append(f"role {name} {'bypasses' if bypass else 'does not bypass'} row security")
    owned = _query(connection, _OWNED, names, names)
    found += [f"{name} belongs to a role that must own nothing" for (name,) in owned]
    found += [f"role {member} is a member of {group}" for member, group in _query(connection, _MEMBER, names)]
    return found


def _table_faults(connection: BaseDatabaseWrapper) -> list[str]:
    found = []
    tables = {name: (secured, policies) for name, secured, policies in _query(connection, _TABLES)}
    for model in tenant_models():
        name = model._meta.db_table
        if name not in tables:
            found.append(f"table {name} is missing")
            continue
        secured, policies = tables[name]
        if not secured:
            found.append(f"table {name} has no row security")
        if policies != [f"{POLICY} * t t {_CONDITION} {_CONDITION}"]:
            found.append(f"table {name} has other policies than its own: {policies}")
    return found


def expected_keys(model: type[Model]) -> set[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    """Return a tenant model's keys: (kind p/f, columns, table pointed at, its columns)."""
    tenant = tenant_field(model)
    if tenant is None:
        return set()
    column, key = str(tenant.column), str(model._meta.pk.column)
    expected: set[tuple[str, tuple[str, ...], str, tuple[str, ...]]] = {("p", (column, key), "", ())}
    for field in model._meta.local_fields:
        if not field.remote_field:
            continue
        if not (is_reference(field) or field is tenant or getattr(field, "db_constraint", False)):
            continue
        target: Any = field.remote_field.model
        one, other = str(field.column), str(target._meta.pk.column)
        if is_reference(field):
            expected.add(("f", (column, one), target._meta.db_table, ("tenant_id", other)))
        else:
            expected.add(("f", (one,), target._meta.db_table, (other,)))
    return expected


def _key_faults(connection: BaseDatabaseWrapper) -> list[str]:
    found = []
    actual: dict[str, set[Any]] = {}
    for table, kind, valid, columns, target, target_columns in _query(connection, _CONSTRAINTS):
        actual.setdefault(table, set()).add((kind, tuple(columns), target or "", tuple(target_columns)))
        if not valid:
            found.append(f"a constraint of {table} on {', '.join(columns)} is not validated")
    for model in tenant_models():
        table = model._meta.db_table
        if table not in actual:
            continue  # the missing table is a fault of its own
        expected = expected_keys(model)
        present = actual[table]
        found += [f"table {table} lacks the key {key}" for key in sorted(expected - present)]
        found += [f"table {table} has the key {key} of no model" for key in sorted(present - expected)]
    return found
