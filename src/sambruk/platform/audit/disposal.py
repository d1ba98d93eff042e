"""Disposal of personal values: the events stay whole and sealed, what they said of a person goes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import BinaryField, F, Func, Value

from sambruk.common import crypto
from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid
from sambruk.platform.audit.actions import record
from sambruk.platform.audit.models import AuditEvent, AuditValue
from sambruk.platform.audit.permissions import AuditPermission
from sambruk.platform.audit.values import rotated
from sambruk.platform.tenancy.context import current_tenant_id

EVENT = "audit.values_disposed"


@transaction.atomic
def dispose_values(
    *,
    by: Actor,
    person_id: UUID | None = None,
    case_id: UUID | None = None,
    before: datetime | None = None,
    reason: str = "",
) -> int:
    """Delete the values of the events about a person or a case (both: of either), made ``before`` a time.

    Returns how many. The disposal is an event of its own with the number, by which ``verify`` tells
    disposed values from removed ones. Raises NotAllowed, or Invalid without person and case.
    """
    by.require(AuditPermission.DISPOSE)
    if person_id is None and case_id is None:
        raise Invalid("Ange vilken person eller vilket ärende som ska gallras.")
    about: set[UUID] = set()
    for name, value in (("person_id", person_id), ("case_id", case_id)):
        if value is None:
            continue
        events = AuditEvent.objects.filter(**{name: value}).exclude(event=EVENT).exclude(value_hash="")
        if before is not None:
            events = events.filter(at__lt=before)
        about.update(events.values_list("pk", flat=True))
    count, _ = AuditValue.objects.filter(pk__in=about).delete()
    if count:
        obj = ("cases.case", case_id) if case_id else ("identity.person", person_id)
        record(
            event=EVENT,
            by=by,
            obj=obj,
            case_id=case_id,
            person_id=person_id,
            fields={"count": count},
            reason=reason,
        )
    return count


def rotate_values(limit: int = 1000) -> int:
    """Encrypt anew up to ``limit`` of the current tenant's values that stand under an older key.

    Returns how many; 0 means that all are under the current one. Values and their hashes do not change.
    """
    tenant_id = current_tenant_id()
    head = crypto.encrypt(b"", b"")[: 2 + len(crypto.key_ring().current)]
    first = Func(
        F("token"),
        function="SUBSTRING",
        output_field=BinaryField(),
        template=f"%(function)s(%(expressions)s FROM 1 FOR {len(head)})",
    )
    stale = AuditValue.objects.annotate(head=first).exclude(head=Value(head, output_field=BinaryField()))
    ids = list(stale.order_by("pk").values_list("pk", flat=True)[:limit])
    count = 0
    with transaction.atomic():
        for value in AuditValue.objects.select_for_update(skip_locked=True).filter(pk__in=ids).order_by("pk"):
            token = rotated(tenant_id, value.pk, value.token)
            if token is not None:
                value.token = token
                value.save(update_fields=["token"])
                count += 1
    return count
