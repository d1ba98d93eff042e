"""One row in every tenant table for each of two tenants, made from the database's own catalogue.

What a test of isolation needs of a row is its tenant and its references; the rest is filled in by type. Made
as superuser past triggers and references, in a clone whose check constraints are taken away first.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import psycopg
from psycopg import sql

from sambruk.platform.tenancy.backend.schema import is_reference
from sambruk.platform.tenancy.checks import tenant_models
from sambruk.platform.tenancy.fields import tenant_field

_BY_TYPE: dict[str, str] = {
    "uuid": "gen_random_uuid()",
    "bool": "false",
    "date": "current_date",
    "timestamptz": "now()",
    "time": "localtime",
    "jsonb": "'{}'",
    "bytea": "'\\x00'",
    "tsvector": "''",
    "daterange": "'empty'",
    "interval": "'1 hour'",
}
_NUMBERS = ("int2", "int4", "int8", "numeric", "float4", "float8")
_TEXTS = ("text", "varchar", "bpchar")

_COLUMNS = """
    SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attgenerated = '' AND (a.attnotnull OR a.attname = ANY(%s))
"""
_CHECKS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""


def row_id(table: str, tenant: UUID) -> UUID:
    """Return the id of the tenant's made-up row in a table."""
    return uuid5(NAMESPACE_OID, f"{table}/{tenant}")


def references(table: str) -> dict[str, str]:
    """Return a tenant table's references to tenant tables: column to table."""
    model = next(each for each in tenant_models() if each._meta.db_table == table)
    found: dict[str, str] = {}
    for field in model._meta.local_fields:
        if is_reference(field) and field.remote_field:
            target: Any = field.remote_field.model
            found[str(field.column)] = target._meta.db_table
    return found


def fill(admin: psycopg.Connection[Any], tenants: tuple[UUID, ...]) -> list[str]:
    """Fill every tenant table that stands (a missing one fails elsewhere); return their names."""
    for table, name in admin.execute(_CHECKS).fetchall():
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        admin.execute(drop.format(sql.SQL(table), sql.Identifier(name)))
    admin.execute("SET session_replication_role = replica")
    present = {row[0] for row in admin.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')")}
    tables = sorted(present & {model._meta.db_table for model in tenant_models()})
    for table in tables:
        for number, tenant in enumerate(tenants):
            _insert(admin, table, tenant, number)
    admin.execute("SET session_replication_role = origin")
    return tables


def _insert(admin: psycopg.Connection[Any], table: str, tenant: UUID, number: int) -> None:
    model = next(each for each in tenant_models() if each._meta.db_table == table)
    pointing = references(table)
    key, column = str(model._meta.pk.column), str(tenant_field(model).column)  # type: ignore[union-attr]
    values: dict[str, sql.Composable] = {}
    for name, kind in admin.execute(_COLUMNS, (table, [*pointing])).fetchall():
        values[name] = sql.SQL(_made_up(kind, number))  # type: ignore[arg-type]
    values.update({name: sql.Literal(row_id(target, tenant)) for name, target in pointing.items()})
    values |= {key: sql.Literal(row_id(table, tenant)), column: sql.Literal(tenant)}
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    made = sql.SQL(", ").join(values.values())
    admin.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, made))


def _made_up(kind: str, number: int) -> str:
    if kind in _NUMBERS:
        return str(number + 1)
    if kind in _TEXTS:
        return f"'x{number}'"
    if kind not in _BY_TYPE:
        raise LookupError(f"no made-up value for the type {kind}: add it here")
    return _BY_TYPE[kind]
