"""The one form of an event, a seal and a dropped month that hashes and signatures are taken over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from uuid import UUID

from sambruk.common.content_hash import canonical_json
from sambruk.platform.audit.models import AuditEvent, DroppedMonth, Seal

_LEAF = 48


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _id(value: UUID | None) -> str | None:
    return str(value) if value is not None else None


def event_hash(event: AuditEvent) -> bytes:
    """Return the SHA-256 (32 bytes) of an event's canonical JSON: every column of its row."""
    return hashlib.sha256(
        canonical_json(
            {
                "tenant": _id(event.tenant_id),
                "id": _id(event.pk),
                "at": _time(event.at),
                "event": event.event,
                "is_read": event.is_read,
                "actor_kind": event.actor_kind,
                "actor_id": _id(event.actor_id),
                "actor_name": event.actor_name,
                "channel": event.channel,
                "on_behalf_of": _id(event.on_behalf_of),
                "mandate_id": _id(event.mandate_id),
                "object_type": event.object_type,
                "object_id": _id(event.object_id),
                "case_id": _id(event.case_id),
                "person_id": _id(event.person_id),
                "field_names": event.field_names,
                "value_hash": event.value_hash,
                "xact_id": str(event.xact_id),
            }
        )
    ).digest()


def leaves_of(events: Iterable[AuditEvent]) -> bytes:
    """Return 48 bytes an event, in the order given."""
    return b"".join(event.pk.bytes + event_hash(event) for event in events)


def read_leaves(leaves: bytes | memoryview) -> Iterator[tuple[UUID, bytes]]:
    """Yield each leaf's event id and hash."""
    data = bytes(leaves)
    for start in range(0, len(data), _LEAF):
        yield UUID(bytes=data[start : start + 16]), data[start + 16 : start + _LEAF]


def seal_root(seal: Seal) -> str:
    """Return the root (hex) that a seal's contents give, whatever root it states."""
    statement = {
        "tenant": _id(seal.tenant_id),
        "number": seal.number,
        "sealed_at": _time(seal.sealed_at),
        "from": str(seal.from_xact),
        "upto": str(seal.upto_xact),
        "count": seal.event_count,
        "leaves": hashlib.sha256(bytes(seal.leaves)).hexdigest(),
        "previous": seal.previous_root,
    }
    return hashlib.sha256(canonical_json(statement)).hexdigest()


def seal_message(root: str) -> bytes:
    """Return what is signed for a seal."""
    return b"sambruk.audit.seal/1:" + root.encode("ascii")


def dropped_message(dropped: DroppedMonth) -> bytes:
    """Return what is signed for a dropped month."""
    statement = {
        "tenant": _id(dropped.tenant_id),
        "month": f"{dropped.month:%Y-%m}",
        "dropped_at": _time(dropped.dropped_at),
        "count": dropped.event_count,
        "sealed_upto": dropped.sealed_upto,
    }
    return b"sambruk.audit.dropped/1:" + canonical_json(statement)


def month_of(event_id: UUID) -> date:
    """Return the month (its first day, UTC) in which an event's id was made: what "its month" means."""
    moment = datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)
    return date(moment.year, moment.month, 1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_bounds(month: date) -> tuple[UUID, UUID]:
    """Return the least id of the month and the least of the next: ids are ordered by time."""
    return _least(month), _least(next_month(month))


def _least(day: date) -> UUID:
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return UUID(int=int(moment.timestamp() * 1000) << 80)
