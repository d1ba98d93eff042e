"""The database wrapper: remembers the running transaction's tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.backends.postgresql import base

from sambruk.platform.tenancy.backend.schema import TenantSchemaEditor

if TYPE_CHECKING:
    from sambruk.platform.tenancy.models import Principal


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, with the tenant of the running transaction (see ``tenancy.context``)."""

    SchemaEditorClass = TenantSchemaEditor

    #: Set between enter_tenant and leave_tenant only; one wrapper is one thread's.
    tenant_id: UUID | None = None
    tenant_principal: Principal | None = None

    def enter_tenant(self, tenant_id: UUID, principal: Principal | None) -> None:
        """Remember the tenant that was just set in the transaction."""
        self.tenant_id = tenant_id
        self.tenant_principal = principal

    def leave_tenant(self) -> None:
        """Forget the tenant."""
        self.tenant_id = None
        self.tenant_principal = None
