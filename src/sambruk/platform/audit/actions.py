"""Writing the log: one statement, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from psycopg.types.json import Jsonb

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.ids import uuid7
from sambruk.platform.audit.values import seal_values
from sambruk.platform.tenancy.backend.prepared import numbered, prepared_cursor
from sambruk.platform.tenancy.context import current_tenant_id

Subject: TypeAlias = Model | tuple[str, UUID | None]

#: Bounds of one statement: PostgreSQL takes 65,535 parameters.
_BATCH = 1000

_EVENT_COLUMNS = (
    "tenant_id, id, at, event, is_read, actor_kind, actor_id, actor_name, channel, on_behalf_of, mandate_id,"
    " object_type, object_id, case_id, person_id, field_names, value_hash"
)
_EVENT_ROW = "(" + ", ".join(["%s"] * 17) + ")"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One event to be written: see ``record`` for the meaning of each."""

    event: str
    by: Actor
    obj: Subject
    case_id: UUID | None = None
    person_id: UUID | None = None
    fields: Mapping[str, Any] | None = None
    reason: str = ""
    is_read: bool = False
    #: Given only where the event's id is needed at once; else made here.
    id: UUID | None = None


def record(
    *,
    event: str,
    by: Actor,
    obj: Subject,
    case_id: UUID | None = None,
    person_id: UUID | None = None,
    fields: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write one event in the running transaction, so that change and row stand or fall together.

    ``event`` is "noun.verb" ("case.taken"), ``obj`` a saved model or ("app.model", id). ``fields`` are
    names and new values; values and reason are stored beside, encrypted, and may be disposed of alone.
    Raises NoTenant outside a tenant's transaction.
    """
    record_many(
        [
            Entry(
                event=event,
                by=by,
                obj=obj,
                case_id=case_id,
                person_id=person_id,
                fields=fields,
                reason=reason,
            )
        ]
    )


def record_read(
    *,
    by: Actor,
    obj: Subject,
    event: str = "",
    case_id: UUID | None = None,
    person_id: UUID | None = None,
    reason: str = "",
) -> None:
    """Write that somebody read: staff's reads of a person's case, and every opening of protected data.

    ``event`` is "<noun>.read" unless given. A resident's reading of what is theirs needs no row.
    """
    name = event or f"{_subject(obj)[0].rpartition('.')[2]}.read"
    record_many(
        [Entry(event=name, by=by, obj=obj, case_id=case_id, person_id=person_id, reason=reason, is_read=True)]
    )


def record_many(entries: Iterable[Entry]) -> None:
    """Write events in order, in one statement for each thousand."""
    pending = list(entries)
    if not pending:
        return
    tenant_id = current_tenant_id()
    now = timezone.now()
    for start in range(0, len(pending), _BATCH):
        _insert(tenant_id, now, pending[start : start + _BATCH])


def _insert(tenant_id: UUID, now: datetime, entries: list[Entry]) -> None:
    events: list[Any] = []
    values: list[Any] = []
    for entry in entries:
        event_row, value_row = _rows(tenant_id, now, entry)
        events.extend(event_row)
        values.extend(value_row)
    sql = f"INSERT INTO audit_auditevent ({_EVENT_COLUMNS}) VALUES {', '.join([_EVENT_ROW] * len(entries))}"  # noqa: S608 - constants
    if values:
        rows = ", ".join(["(%s, %s, %s, %s)"] * (len(values) // 4))
        # The two tables in one statement: one journey to the database.
        sql = f"WITH event AS ({sql}) INSERT INTO audit_auditvalue (tenant_id, id, salt, token) VALUES {rows}"  # noqa: S608
    with prepared_cursor() as cursor:
        cursor.execute(numbered(sql), [*events, *values])


def _subject(obj: Subject) -> tuple[str, UUID | None]:
    if isinstance(obj, Model):
        key = obj.pk
        return obj._meta.label_lower, key if isinstance(key, UUID) else None
    return obj


def _rows(tenant_id: UUID, now: datetime, entry: Entry) -> tuple[list[Any], list[Any]]:
    """Return the parameters of an event's row and of its values' row (empty without values)."""
    by = entry.by
    if by.tenant_id is not None and by.tenant_id != tenant_id:
        raise ValueError("the actor belongs to another tenant than the transaction")
    event_id = entry.id or uuid7()
    object_type, object_id = _subject(entry.obj)
    # A resident's name is a personal value and lies beside; staff, systems and clients answer by name.
    by_name = by.name if by.kind is not ActorKind.RESIDENT else ""
    beside: dict[str, Any] = {}
    if entry.fields:
        beside["fields"] = entry.fields
    if entry.reason:
        beside["reason"] = entry.reason
    if by.name and not by_name:
        beside["actor_name"] = by.name
    value_row: list[Any] = []
    digest = ""
    if beside:
        salt, token, digest = seal_values(tenant_id, event_id, beside)
        value_row = [tenant_id, event_id, salt, token]
    event_row = [
        tenant_id, event_id, now, entry.event, entry.is_read, str(by.kind), by.id, by_name[:200], by.channel,
        by.on_behalf_of, by.mandate_id, object_type, object_id, entry.case_id, entry.person_id,
        Jsonb(sorted(entry.fields or {})), digest,
    ]  # fmt: skip
    return event_row, value_row
