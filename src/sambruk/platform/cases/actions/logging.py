"""The case's log: one line for people, written beside the audit row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sambruk.common.actor import Actor
from sambruk.common.clock import now
from sambruk.platform.audit import actions as audit
from sambruk.platform.cases import retention
from sambruk.platform.cases.models import Case, LogEntry
from sambruk.platform.identity.models import Person
from sambruk.platform.identity.protection import masked_name

#: The line that closing writes itself, after it has counted.
CLOSED = "case.closed"


def note_event(
    case: Case,
    *,
    event: str,
    text: str,
    by: Actor,
    visible_to_resident: bool = False,
    fields: Mapping[str, Any] | None = None,
    reason: str = "",
) -> LogEntry:
    """Write what happened, in the log and in the audit, in the running transaction.

    `event` is "noun.verb"; `text` a Swedish sentence without personal values; `fields` what changed.
    """
    entry = LogEntry.objects.create(
        case=case,
        at=now(),
        kind=event,
        text=text,
        by_name=display_name(by),
        by_kind=str(by.kind),
        visible_to_resident=visible_to_resident,
    )
    audit.record(event=event, by=by, obj=case, case_id=case.pk, fields=fields, reason=reason)
    if case.closed_at is not None and event not in (CLOSED, *retention.NO_ENTRIES):
        # Written after the case was closed (money sent, a decision read): the last entry is this one.
        retention.refresh(case)
    return entry


def display_name(by: Actor) -> str:
    """Return the name that the log shows for an actor: "Gunnar Andersson för Anna Andersson" by a mandate."""
    if by.mandate_id is not None and by.on_behalf_of is not None:
        represented = Person.objects.get(pk=by.on_behalf_of)
        # The log is read by more than those who may see who a protected person is.
        whom = masked_name() if represented.is_protected else represented.full_name
        return f"{by.name} för {whom}"[:200]
    return by.name or {"system": "Systemet", "anonymous": "Anonym", "api": "Anslutet system"}.get(
        str(by.kind), ""
    )
