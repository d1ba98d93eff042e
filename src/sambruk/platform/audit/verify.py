"""Whether the log is what was sealed: names every event that was changed, removed or put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min

from sambruk.common.crypto import DecryptionError
from sambruk.platform.audit import disposal
from sambruk.platform.audit.canonical import (
    dropped_message,
    event_hash,
    month_of,
    read_leaves,
    seal_message,
    seal_root,
)
from sambruk.platform.audit.keys import AuditKeys, audit_keys
from sambruk.platform.audit.models import AuditEvent, AuditValue, DroppedMonth, Seal
from sambruk.platform.audit.values import open_values, value_hash
from sambruk.platform.tenancy.context import current_tenant_id

#: Told of each seal: number done, number in all.
Progress: TypeAlias = Callable[[int, int], None]


@dataclass
class Report:
    """What was found in one tenant's log. Lists hold event ids; all empty: nothing was tampered with.

    ``disposed`` values are gone by recorded disposals, ``values_removed`` is how many more are gone.
    ``pending`` events are not sealed yet, the oldest of them since ``pending_since``. ``last_number`` and
    ``last_root`` are worth keeping elsewhere.
    """

    tenant_id: UUID
    seals: int = 0
    events: int = 0
    pending: int = 0
    pending_since: datetime | None = None
    disposed: int = 0
    dropped: dict[date, int] = field(default_factory=dict)
    last_number: int = 0
    last_root: str = ""
    changed: list[UUID] = field(default_factory=list)
    removed: list[UUID] = field(default_factory=list)
    inserted: list[UUID] = field(default_factory=list)
    values_changed: list[UUID] = field(default_factory=list)
    values_removed: int = 0
    seal_faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when everything is as it was sealed."""
        found = (self.changed, self.removed, self.inserted, self.values_changed, self.seal_faults)
        return not any(found) and not self.values_removed


def verify(progress: Progress | None = None, *, anchors: Mapping[int, str] | None = None) -> Report:
    """Check the current tenant's whole log against its seals; reads only.

    ``anchors`` are roots by seal number noted elsewhere (the server's log has them): they show a log whose
    end was cut off and written anew. Raises AuditKeyError where the key is missing.
    """
    keys = audit_keys()
    report = Report(current_tenant_id())
    with transaction.atomic():
        _read_dropped(keys, report)
        total = Seal.objects.count()
        known = dict(anchors or {})
        previous: Seal | None = None
        for done, seal in enumerate(Seal.objects.order_by("number").iterator(chunk_size=20), start=1):
            _check_seal(keys, seal, previous, known, report)
            _check_events(seal, report)
            previous = seal
            if progress:
                progress(done, total)
        if previous is not None:
            report.last_number, report.last_root = previous.number, previous.root
        report.seal_faults += [f"seal {number} is missing" for number in sorted(known)]
        _check_values_removed(report)
        after = previous.upto_xact if previous else 0
        waiting = AuditEvent.objects.filter(xact_id__gte=after).aggregate(count=Count("pk"), since=Min("at"))
        report.pending, report.pending_since = waiting["count"], waiting["since"]
    return report


def _read_dropped(keys: AuditKeys, report: Report) -> None:
    """Note the months that were dropped rightly; a false record of one is a fault and counts for nothing."""
    for dropped in DroppedMonth.objects.order_by("month"):
        fault = keys.verify(dropped.key_id, bytes(dropped.signature), dropped_message(dropped))
        if fault:
            report.seal_faults.append(f"dropped month {dropped.month:%Y-%m}: {fault}")
        else:
            report.dropped[dropped.month] = dropped.event_count


def _check_seal(
    keys: AuditKeys, seal: Seal, previous: Seal | None, known: dict[int, str], report: Report
) -> None:
    """Check one seal: its number, its place in the chain, its root and signature, and the noted root."""
    report.seals += 1
    name = f"seal {seal.number}"
    expected = (previous.number + 1, previous.root, previous.upto_xact) if previous else (1, "", 0)
    if (seal.number, seal.previous_root, seal.from_xact) != expected:
        report.seal_faults.append(f"{name} does not follow on the one before")
    if seal_root(seal) != seal.root:
        report.seal_faults.append(f"{name} was changed")
    elif fault := keys.verify(seal.key_id, bytes(seal.signature), seal_message(seal.root)):
        report.seal_faults.append(f"{name}: {fault}")
    if known.pop(seal.number, seal.root) != seal.root:
        report.seal_faults.append(f"{name} is not the one that was noted")


def _check_events(seal: Seal, report: Report) -> None:
    """Compare a batch's events, and their values, with its leaves."""
    leaves = dict(read_leaves(seal.leaves))
    events = {event.pk: event for event in AuditEvent.objects.filter(pk__in=list(leaves))}
    values = {value.pk: value for value in AuditValue.objects.filter(pk__in=list(leaves))}
    for key, digest in leaves.items():
        event = events.get(key)
        if event is None:
            if month_of(key) not in report.dropped:
                report.removed.append(key)
            continue
        report.events += 1
        if event_hash(event) != digest:
            report.changed.append(key)
        _check_value(event, values.get(key), report)
    within = AuditEvent.objects.filter(xact_id__gte=seal.from_xact, xact_id__lt=seal.upto_xact)
    report.inserted += sorted(set(within.values_list("pk", flat=True)) - set(leaves))


def _check_value(event: AuditEvent, value: AuditValue | None, report: Report) -> None:
    if value is None:
        report.disposed += bool(event.value_hash)
        return
    try:
        _, canonical = open_values(event.tenant_id, event.pk, value.token)
    except DecryptionError:
        report.values_changed.append(event.pk)
        return
    if value_hash(bytes(value.salt), canonical) != event.value_hash:
        report.values_changed.append(event.pk)


def _check_values_removed(report: Report) -> None:
    """More values gone than the recorded disposals tell of: somebody removed them."""
    recorded = 0
    for value in AuditValue.objects.filter(
        pk__in=AuditEvent.objects.filter(event=disposal.EVENT).values("pk")
    ):
        try:
            recorded += int(open_values(report.tenant_id, value.pk, value.token)[0]["fields"]["count"])
        except DecryptionError:
            continue  # named among values_changed
    report.values_removed = max(0, report.disposed - recorded)
    report.disposed -= report.values_removed
