"""The schema editor: the keys, indexes and row-level security of tenant tables.

A tenant table is one with a ``TenantField``. What an index, a unique field or a reference says of one column
is written with ``tenant_id`` before it. Privileges are not given here but by ``privileges.apply`` at the end
of a migration: until then a new table is closed to everybody but its owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.models import Field, Model

from sambruk.platform.tenancy.fields import (
    TenantField,
    TenantForeignKey,
    TenantOneToOneField,
    is_tenant_model,
    tenant_field,
)

POLICY = "tenant_isolation"


def is_reference(field: Any) -> bool:
    """Say whether the field points at another tenant table."""
    return isinstance(field, TenantForeignKey | TenantOneToOneField)


if TYPE_CHECKING:

    class _Editor(DatabaseSchemaEditor):
        """What Django's editor has and its type stubs lack."""

        def _alter_field(
            self, model: Any, old_field: Any, new_field: Any, *args: Any, **kwargs: Any
        ) -> None: ...
        def _field_should_be_indexed(self, model: Any, field: Any) -> bool: ...
        def _constraint_names(self, model: Any, columns: Any, **kwargs: Any) -> list[str]: ...
        def _delete_constraint_sql(self, template: str, model: Any, name: str) -> Statement: ...
        def _iter_column_sql(self, *args: Any, **kwargs: Any) -> Iterator[Any]: ...
        def _create_index_sql(self, model: Any, *, fields: Any = None, **kwargs: Any) -> Any: ...
        def _create_unique_sql(self, model: Any, fields: Any, *args: Any, **kwargs: Any) -> Any: ...
        def _create_index_name(self, table: str, columns: list[str], suffix: str = "") -> str: ...

else:
    _Editor = DatabaseSchemaEditor


class TenantSchemaEditor(_Editor):
    """Writes each tenant table's keys, indexes and policy."""

    sql_add_tenant_key = "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s PRIMARY KEY (%(columns)s)"
    sql_enable_security = "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY"
    sql_create_policy = (
        "CREATE POLICY %(name)s ON %(table)s FOR ALL"
        " USING (%(column)s = (SELECT tenant())) WITH CHECK (%(column)s = (SELECT tenant()))"
    )
    # Checked at the end of each statement, so that an error names the statement that made it;
    # deferrable for those few that must load rows in circles (SET CONSTRAINTS ALL DEFERRED).
    sql_add_reference = (
        "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(columns)s)"
        " REFERENCES %(to_table)s (%(to_columns)s) DEFERRABLE INITIALLY IMMEDIATE%(validity)s"
    )

    def create_model(self, model: type[Model]) -> None:
        """Create the table; a tenant table closed to every row but the current tenant's."""
        self._refuse_untenanted_link(model)
        super().create_model(model)
        tenant = tenant_field(model)
        if tenant is None:
            return
        table = self.quote_name(model._meta.db_table)
        column = self.quote_name(str(tenant.column))
        self.execute(
            self.sql_add_tenant_key
            % {
                "table": table,
                "name": self.quote_name(f"{model._meta.db_table}_pkey"),
                "columns": f"{column}, {self.quote_name(str(model._meta.pk.column))}",
            }
        )
        self.execute(self.sql_enable_security % {"table": table})
        self.execute(self.sql_create_policy % {"table": table, "name": POLICY, "column": column})
        for field in model._meta.local_fields:
            if field.unique and not field.primary_key:
                self.deferred_sql.append(self._create_unique_sql(model, [field]))
            self._defer_reference(model, field, valid=True)

    def add_field(self, model: type[Model], field: Field[Any, Any]) -> None:
        """Add a column. Rows that stand are checked later, by ``migrate``: it locks less."""
        super().add_field(model, field)
        if is_tenant_model(model):
            if field.unique and not field.primary_key:
                self.deferred_sql.append(self._create_unique_sql(model, [field]))
            self._defer_reference(model, field, valid=False)

    def _alter_field(self, model: Any, old_field: Any, new_field: Any, *args: Any, **kwargs: Any) -> None:
        """Move the composite key, index and uniqueness of a tenant table with the field."""
        if not is_tenant_model(model):
            super()._alter_field(model, old_field, new_field, *args, **kwargs)
            return
        moved = self._target(old_field) != self._target(new_field)
        if moved and self._target(old_field):
            self._drop_composite(model, old_field, foreign_key=True)
        if old_field.unique and not new_field.unique:
            self._drop_composite(model, old_field, unique=True)
        if self._field_should_be_indexed(model, old_field) and not self._field_should_be_indexed(
            model, new_field
        ):
            self._drop_composite(model, old_field, index=True, unique=False)
        super()._alter_field(model, old_field, new_field, *args, **kwargs)
        if moved:
            self._defer_reference(model, new_field, valid=False)

    def _drop_composite(self, model: Any, field: Any, **kind: bool) -> None:
        """Drop what stands on (tenant, field), except what the model's Meta names."""
        tenant = tenant_field(model)
        if tenant is None:
            return
        named = {each.name for each in (*model._meta.constraints, *model._meta.indexes)}
        for name in self._constraint_names(model, [tenant.column, field.column], exclude=named, **kind):
            template = self.sql_delete_index if kind.get("index") else self.sql_delete_constraint
            self.execute(self._delete_constraint_sql(template, model, name))

    def _iter_column_sql(
        self, column_db_type: Any, params: Any, model: Any, *args: Any, **kwargs: Any
    ) -> Iterator[Any]:
        """Leave the key and uniqueness of one column out: they are written with the tenant before it."""
        for part in super()._iter_column_sql(column_db_type, params, model, *args, **kwargs):
            if part in ("PRIMARY KEY", "UNIQUE") and is_tenant_model(model):
                continue
            yield part

    def _create_index_sql(self, model: Any, *, fields: Any = None, **kwargs: Any) -> Any:
        """Lead an index over one column of a tenant table with the tenant (btree only)."""
        tenant = tenant_field(model)
        if (
            tenant is not None
            and fields
            and len(fields) == 1
            and fields[0] is not tenant
            and not kwargs.get("using")
        ):
            fields = [tenant, *fields]
            if kwargs.get("col_suffixes"):
                kwargs["col_suffixes"] = ("", *kwargs["col_suffixes"])
            if kwargs.get("opclasses"):
                kwargs["opclasses"] = ("", *kwargs["opclasses"])
        return super()._create_index_sql(model, fields=fields, **kwargs)

    def _create_unique_sql(self, model: Any, fields: Any, *args: Any, **kwargs: Any) -> Any:
        """Lead uniqueness of one column of a tenant table with the tenant."""
        tenant = tenant_field(model)
        if tenant is not None and len(fields) == 1 and fields[0] is not tenant:
            fields = [tenant, *fields]
        return super()._create_unique_sql(model, fields, *args, **kwargs)

    def _create_like_index_sql(self, model: Any, field: Any) -> None:
        """Make none: in collation C the plain index serves prefixes, and row security lets none be used."""

    def _target(self, field: Any) -> str:
        return str(field.remote_field.model._meta.db_table) if is_reference(field) else ""

    def _defer_reference(self, model: Any, field: Any, *, valid: bool) -> None:
        """Add the foreign key of a reference, or of the tenant itself, when the migration's tables stand."""
        tenant = tenant_field(model)
        if tenant is None or not (is_reference(field) or isinstance(field, TenantField)):
            return
        target = field.remote_field.model
        table = model._meta.db_table
        columns, to_columns = [field.column], [target._meta.pk.column]
        if is_reference(field):
            to_tenant = tenant_field(target)
            if to_tenant is None:
                raise ValueError(
                    f"{model._meta.label}.{field.name} points at {target._meta.label}, no tenant table"
                )
            columns, to_columns = [tenant.column, *columns], [to_tenant.column, *to_columns]
        name = self._create_index_name(table, columns, suffix=f"_fk_{target._meta.db_table}")
        self.deferred_sql.append(
            Statement(
                self.sql_add_reference,
                table=Table(table, self.quote_name),
                name=self.quote_name(name),
                columns=Columns(table, columns, self.quote_name),
                to_table=Table(target._meta.db_table, self.quote_name),
                to_columns=Columns(target._meta.db_table, to_columns, self.quote_name),
                validity="" if valid else " NOT VALID",
            )
        )

    def _refuse_untenanted_link(self, model: Any) -> None:
        """A many-to-many table that Django makes has no tenant: refuse it rather than leave it open."""
        ends = [field.remote_field.model for field in model._meta.local_fields if field.remote_field]
        if model._meta.auto_created and any(is_tenant_model(end) for end in ends):
            raise ValueError(f"{model._meta.label} links tenant tables: give it a TenantModel as through")
