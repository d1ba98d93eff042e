"""`sambruk verify`: whether anybody has changed, removed or added rows in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sambruk.common.clock import now, to_stockholm
from sambruk.operations.errors import OperationError

if TYPE_CHECKING:
    from sambruk.platform.audit.verify import Report

#: So many rows are named; the file has all.
_SHOWN = 20


#: The worker seals every ten minutes; what has waited so long has missed a turn.
_LATE = timedelta(minutes=20)

#: Roots noted earlier, by seal number, of each principal by code.
Noted: TypeAlias = dict[str, dict[int, str]]


def verify_audit(say: Callable[[str], object], json_file: Path | None, against: Path | None = None) -> int:
    """Check every principal's log, telling ``say`` what was found; returns 0 only if nothing was.

    With ``json_file`` the whole result, ids and all, for machines; the roots in it are worth keeping
    elsewhere. ``against`` is such a file from an earlier day: its roots must stand where they stood, which
    shows a log whose end was cut off. A log with events but no seal at all is a fault as well, once the
    events should have been sealed. Raises OperationError where there is nothing to check or a file cannot be
    read or written, and what ``audit.verify`` raises where the key is missing.
    """
    import django

    django.setup()
    from sambruk.platform.audit.verify import verify
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Principal

    noted = _read_noted(against) if against else {}
    principals = list(Principal.objects.order_by("code"))
    if not principals:
        raise OperationError("Det finns ingen kommun vars logg kan prövas.")
    results = []
    for principal in principals:
        anchors = noted.pop(principal.code, {})
        with tenant_transaction(principal.id):
            report = verify(anchors=anchors)
        unsealed = not report.seals and report.pending_since is not None and _is_late(report.pending_since)
        _tell(principal.name, report, say, unsealed=unsealed)
        results.append(_as_json(principal.code, report, unsealed=unsealed))
    for code in sorted(noted):
        say(f"{code}: finns i {against}, men inte i databasen.")
    ok = not noted and all(result["ok"] for result in results)
    changed = bool(noted) or any(result["changed_log"] for result in results)
    say(_verdict(ok=ok, changed=changed))
    if json_file is not None:
        _write(json_file, {"ok": ok, "principals": results, "missing_principals": sorted(noted)})
    return 0 if ok else 1


def _verdict(*, ok: bool, changed: bool) -> str:
    if ok:
        return "Loggen är orörd."
    if changed:
        return "Loggen har ändrats. Spara databasen som den är och ta reda på vem som gjort det."
    return "Loggen går inte att pröva: den är inte förseglad. Se till att sambruk worker kör."


def _is_late(since: datetime) -> bool:
    return now() - since > _LATE


def _read_noted(file: Path) -> Noted:
    """Return the roots in a file that ``--json`` wrote. Raises OperationError for any other file."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        noted: Noted = {}
        for one in found["principals"]:
            number, root = int(one["last_seal"]["number"]), str(one["last_seal"]["root"])
            noted[str(one["principal"])] = {number: root} if number else {}
    except OSError as error:
        raise OperationError(f"{file} går inte att läsa ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise OperationError(f"{file} är ingen fil som sambruk verify --json har skrivit.") from error
    return noted


def _write(file: Path, result: dict[str, Any]) -> None:
    try:
        file.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OperationError(f"{file} går inte att skriva ({error.strerror}).") from error


def _tell(name: str, report: Report, say: Callable[[str], object], *, unsealed: bool) -> None:
    say(f"{name}: {report.events} händelser i {report.seals} sigill, {report.pending} väntar på sigill.")
    for what, rows in (
        ("ändrad", report.changed),
        ("borttagen", report.removed),
        ("tillagd", report.inserted),
        ("ändrade uppgifter", report.values_changed),
    ):
        for row in rows[:_SHOWN]:
            say(f"  {what}: {row}")
        if len(rows) > _SHOWN:
            say(f"  … och {len(rows) - _SHOWN} till")
    if report.values_removed:
        say(f"  {report.values_removed} händelsers uppgifter är borttagna, utan gallring")
    for fault in report.seal_faults:
        say(f"  {fault}")
    if unsealed and report.pending_since is not None:
        since = to_stockholm(report.pending_since)
        say(f"  inget är förseglat, fast den äldsta händelsen är från {since:%Y-%m-%d %H:%M}")


def _as_json(code: str, report: Report, *, unsealed: bool) -> dict[str, Any]:
    return {
        "principal": code,
        "ok": report.ok and not unsealed,
        "changed_log": not report.ok,
        "unsealed": unsealed,
        "seals": report.seals,
        "events": report.events,
        "pending": report.pending,
        "disposed": report.disposed,
        "dropped_months": {month.isoformat(): count for month, count in report.dropped.items()},
        "last_seal": {"number": report.last_number, "root": report.last_root},
        "changed": [str(row) for row in report.changed],
        "removed": [str(row) for row in report.removed],
        "inserted": [str(row) for row in report.inserted],
        "values_changed": [str(row) for row in report.values_changed],
        "values_removed": report.values_removed,
        "seal_faults": report.seal_faults,
    }
