"""The database wrapper: remembers the running transaction's tenant, and opens cursors that prepare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper

from sambruk.platform.tenancy.backend.prepared import KEPT, THRESHOLD, PreparedCursor
from sambruk.platform.tenancy.backend.schema import TenantSchemaEditor

if TYPE_CHECKING:
    from sambruk.platform.tenancy.models import Principal


class DatabaseOperations(operations.DatabaseOperations):
    """PostgreSQL's, which also tells what a preparing cursor last asked."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Return the statement; a preparing cursor's without its values, which it never held in its text."""
        if isinstance(cursor, PreparedCursor):
            return sql
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, with the tenant of the running transaction (see ``tenancy.context``)."""

    SchemaEditorClass = TenantSchemaEditor
    ops_class = DatabaseOperations

    #: Set between enter_tenant and leave_tenant only; one wrapper is one thread's.
    tenant_id: UUID | None = None
    tenant_principal: Principal | None = None

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters; statements of preparing cursors are prepared, no others can be."""
        params: dict[str, Any] = super().get_connection_params()
        if params["prepare_threshold"] is None:
            params["prepare_threshold"] = THRESHOLD
        return params

    def prepared_cursor(self) -> CursorWrapper:
        """Open a cursor for ``$1``-style statements, with Django's wrapping of errors, logs and tests."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            self.connection.prepared_max = KEPT
            return self._prepare_cursor(PreparedCursor(self.connection))  # type: ignore[no-any-return,attr-defined]

    def enter_tenant(self, tenant_id: UUID, principal: Principal | None) -> None:
        """Remember the tenant that was just set in the transaction."""
        self.tenant_id = tenant_id
        self.tenant_principal = principal

    def leave_tenant(self) -> None:
        """Forget the tenant."""
        self.tenant_id = None
        self.tenant_principal = None
