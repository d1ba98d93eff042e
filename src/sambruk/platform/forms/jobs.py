"""What happens to drafts in the background: the receipt as a PDF, and the end of those nobody touched."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from sambruk.common.actor import system_actor
from sambruk.common.clock import now
from sambruk.platform.cases.models import Application
from sambruk.platform.exchange.jobs import periodic, tenant_task
from sambruk.platform.forms import receipts
from sambruk.platform.forms.actions.removing import remove
from sambruk.platform.forms.models import Draft, Filing
from sambruk.platform.tenancy.context import current_tenant_id, tenant_transaction

EXPIRE_BATCH = 200


@tenant_task("forms.receipt", label="Kvitto på ansökan")
def write_receipt(draft_id: UUID) -> None:
    """Write the receipt and the signed text of a submitted draft into its case. Once."""
    draft = Draft.objects.filter(pk=draft_id, state=Draft.State.SUBMITTED).first()
    if draft is not None:
        receipts.write(draft, by=system_actor(current_tenant_id(), "Kvitto"))


@periodic("37 2 * * *", name="forms.expire", label="Rensning av gamla utkast", in_transaction=False)
def expire(tenant_id: UUID) -> None:
    """Remove drafts whose time is out, with the files that only they hold; a batch a transaction.

    A submitted one is removed too: what was sent stands in the case, as soon as its receipt is written.
    """
    with tenant_transaction(tenant_id):
        Filing.objects.filter(expires_at__lt=now()).delete()
    while True:
        with tenant_transaction(tenant_id):
            by = system_actor(tenant_id, "Rensning av utkast")
            kept = Application.objects.filter(submission_key=OuterRef("pk"), receipt__isnull=False)
            due = Draft.objects.select_for_update(of=("self",), skip_locked=True).filter(
                ~Q(state=Draft.State.SUBMITTED) | Exists(kept), expires_at__lt=now()
            )
            batch = list(due.order_by("expires_at")[:EXPIRE_BATCH])
            for draft in batch:
                remove(draft, by, "draft.expired")
        if len(batch) < EXPIRE_BATCH:
            return
