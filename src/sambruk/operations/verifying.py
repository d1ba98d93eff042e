"""`sambruk verify`: whether anybody has changed, removed or added rows in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sambruk.operations.errors import OperationError

if TYPE_CHECKING:
    from sambruk.platform.audit.verify import Report

#: So many rows are named; the file has all.
_SHOWN = 20


def verify_audit(say: Callable[[str], object], json_file: Path | None) -> int:
    """Check every principal's log, telling ``say`` what was found; returns 0 only if nothing was.

    With ``json_file`` the whole result, ids and all, for machines; the roots in it are worth keeping
    elsewhere. Raises OperationError where there is nothing to check or the file cannot be written, and
    what ``audit.verify`` raises where the key is missing.
    """
    import django

    django.setup()
    from sambruk.platform.audit.verify import verify
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Principal

    principals = list(Principal.objects.order_by("code"))
    if not principals:
        raise OperationError("Det finns ingen kommun vars logg kan prövas.")
    results = []
    for principal in principals:
        with tenant_transaction(principal.id):
            report = verify()
        _tell(principal.name, report, say)
        results.append(_as_json(principal.code, report))
    ok = all(result["ok"] for result in results)
    say(
        "Loggen är orörd."
        if ok
        else "Loggen har ändrats. Spara databasen som den är och ta reda på vem som gjort det."
    )
    if json_file is not None:
        try:
            json_file.write_text(
                json.dumps({"ok": ok, "principals": results}, indent=2) + "\n", encoding="utf-8"
            )
        except OSError as error:
            raise OperationError(f"{json_file} går inte att skriva ({error.strerror}).") from error
    return 0 if ok else 1


def _tell(name: str, report: Report, say: Callable[[str], object]) -> None:
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


def _as_json(code: str, report: Report) -> dict[str, Any]:
    return {
        "principal": code,
        "ok": report.ok,
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
