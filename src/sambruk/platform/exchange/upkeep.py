"""What the floors below the jobs need done at set times: the log, the logins, the keys, and our own rows.

Each is the schedule of work that stands in its own noun. The log and identity are below this floor, so they
cannot register it themselves.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sambruk.common import crypto
from sambruk.common.clock import now, today
from sambruk.platform.audit.disposal import rotate_values
from sambruk.platform.audit.retention import drop_due
from sambruk.platform.audit.seal import seal_tenant
from sambruk.platform.exchange.jobs import periodic
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.identity import rotation, sessions
from sambruk.platform.tenancy.context import tenant_transaction

#: How long the record of what was done is kept. Source: our own choice, shown in docs/operations.md.
KEEP_DONE = timedelta(days=90)


@periodic("17 2 * * *", name="exchange.prune", label="Gallra utförda leveranser", in_transaction=False)
def prune(tenant_id: UUID) -> str:
    """Remove the tenant's deliveries that were done longer ago than KEEP_DONE, a thousand at a time."""
    before, removed = now() - KEEP_DONE, 0
    while True:
        with tenant_transaction(tenant_id):
            ids = Delivery.objects.filter(state=DeliveryState.DONE, done_at__lt=before).values_list(
                "id", flat=True
            )
            batch = list(ids[:1000])
            Delivery.objects.filter(id__in=batch, state=DeliveryState.DONE).delete()
        removed += len(batch)
        if len(batch) < 1000:
            return f"{removed} leveranser togs bort."


@periodic("*/10 * * * *", name="audit.seal", label="Försegla loggen", in_transaction=False)
def seal_log(tenant_id: UUID) -> str:
    """Seal what the tenant's log has of complete events."""
    return f"{seal_tenant(tenant_id)} händelser förseglades."


@periodic("23 * * * *", name="identity.purge", label="Ta bort utgångna inloggningar", in_transaction=False)
def purge_logins(tenant_id: UUID) -> str:
    """Remove sessions, login attempts and API tokens that have expired, a batch a transaction."""
    removed = 0
    while True:
        with tenant_transaction(tenant_id):
            batch = sessions.purge_expired()
        removed += batch
        if not batch:
            return f"{removed} utgångna inloggningar och nycklar togs bort."


@periodic("37 3 * * *", name="audit.drop", label="Gallra loggen efter dess tid", in_transaction=False)
def drop_log(tenant_id: UUID) -> str:
    """Drop the months of the log whose time is over, by the principal's decision that holds today."""
    dropped = drop_due(tenant_id, today=today())
    if dropped is None:
        return "Inget gallringsbeslut är infört, så loggen sparas."
    return f"{dropped} månader gallrades."


@periodic("47 0 * * *", name="identity.rotate", label="Kryptera om med den nya nyckeln", in_transaction=False)
def rotate_keys(tenant_id: UUID) -> str:
    """Write what stands under an older key again with the current one.

    With one key in the ring there is nothing that could be older, and nothing is read. Otherwise the page
    says when all of the tenant's rows are under the current key, so that the older one may be removed.
    """
    if len(crypto.key_ring().ids) < 2:
        return "Det finns bara en nyckel, så inget behövde krypteras om."
    rotated = rotation.rotate(tenant_id)
    rows, left = sum(one.rows for one in rotated), sum(one.left for one in rotated)
    while True:
        with tenant_transaction(tenant_id):
            batch = rotate_values()
        rows += batch
        if not batch:
            break
    done = f"{left} rader var upptagna och tas nästa gång." if left else "Allt är under den nya nyckeln."
    return f"{rows} rader krypterades om. {done}"
