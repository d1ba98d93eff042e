"""What the log hears from the floor below it."""

from __future__ import annotations

from sambruk.common.events import subscribe
from sambruk.platform.audit import epochs
from sambruk.platform.audit.actions import record
from sambruk.platform.tenancy.events import Migrated, PrincipalChanged


@subscribe(Migrated)
def after_migration(event: Migrated) -> None:
    """See that transaction numbers go on growing in a restored database."""
    epochs.ensure(event.alias)


@subscribe(PrincipalChanged)
def principal_changed(event: PrincipalChanged) -> None:
    """Write a principal's change into its log."""
    record(event=event.verb, by=event.by, obj=("tenancy.principal", event.principal_id), fields=event.fields)
