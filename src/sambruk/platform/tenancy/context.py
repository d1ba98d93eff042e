"""The tenant of the running transaction: set once, never changed inside, gone with the transaction.

PostgreSQL holds it as the local setting ``sambruk.tenant``, which row-level security compares with. Beside it
the connection remembers it for Python, so that defaults and caches need no query.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.db import connection, transaction

if TYPE_CHECKING:
    from sambruk.platform.tenancy.backend.base import DatabaseWrapper
    from sambruk.platform.tenancy.models import Principal

SETTING = "sambruk.tenant"


class NoTenant(RuntimeError):  # noqa: N818 - reads as what happened: "raise NoTenant"
    """Tenant data was asked for where no tenant is set: a fault in the code, never an empty answer."""

    def __init__(
        self, message: str = "no tenant is set: open tenant_transaction(principal_id) first"
    ) -> None:
        super().__init__(message)


class TenantChange(RuntimeError):  # noqa: N818
    """A second tenant was asked for inside a transaction that already has one."""


def _wrapper() -> DatabaseWrapper:
    return cast("DatabaseWrapper", connection)


def set_local(value: str) -> None:
    """Set the database's side of the tenant until the transaction (or savepoint, if rolled back) ends."""
    with _wrapper().prepared_cursor() as cursor:
        cursor.execute("SELECT set_config('sambruk.tenant', $1, true)", [value])


@contextmanager
def tenant_transaction(principal_id: UUID, *, principal: Principal | None = None) -> Iterator[None]:
    """Open a transaction that sees one tenant, or a savepoint where it is already the current one.

    ``principal`` saves the look-up of ``current_principal``. Raises TenantChange if the transaction has
    another tenant. Commits at the end, rolls back on any exception.
    """
    wrapper = _wrapper()
    current = wrapper.tenant_id
    if current is not None:
        if current != principal_id:
            raise TenantChange(f"the transaction belongs to tenant {current}, not {principal_id}")
        with transaction.atomic():
            yield
        return
    with transaction.atomic():
        nested = bool(wrapper.savepoint_ids)
        set_local(str(principal_id))
        wrapper.enter_tenant(principal_id, principal)
        try:
            yield
        except BaseException:
            # The roll-back that follows takes the setting with it, also the one to a savepoint.
            wrapper.leave_tenant()
            raise
        # Before the commit: what on_commit calls must find no tenant, as the database has none then.
        wrapper.leave_tenant()
        if nested and not wrapper.needs_rollback:
            set_local("")


def restart_transaction() -> None:
    """Undo all that the tenant's transaction did, and go on in it as if it had just begun.

    After a fault: the page that tells of it may read the database, and what it writes is kept. Called where
    ``tenant_transaction`` is the innermost block. Raises NoTenant.
    """
    wrapper = _wrapper()
    tenant_id = current_tenant_id()
    if wrapper.savepoint_ids:
        savepoint = wrapper.savepoint_ids[-1]
        if savepoint is None:
            raise RuntimeError("restart_transaction() inside a block without a savepoint")
        wrapper.needs_rollback = False
        transaction.savepoint_rollback(savepoint)
    else:
        wrapper.needs_rollback = False
        wrapper.run_on_commit = []
        # Django has begun it by leaving autocommit; the next statement begins another.
        wrapper.connection.rollback()
    set_local(str(tenant_id))


def current_tenant_id() -> UUID:
    """Return the id of the transaction's principal. Raises NoTenant."""
    tenant_id = _wrapper().tenant_id
    if tenant_id is None:
        raise NoTenant
    return tenant_id


def current_principal() -> Principal:
    """Return the transaction's principal, read at most once per transaction. Raises NoTenant."""
    from sambruk.platform.tenancy.models import Principal

    wrapper = _wrapper()
    tenant_id = current_tenant_id()
    if wrapper.tenant_principal is None:
        wrapper.tenant_principal = Principal.objects.get(pk=tenant_id)
    return wrapper.tenant_principal


def has_tenant() -> bool:
    """Say whether the running transaction has a tenant."""
    return _wrapper().tenant_id is not None
