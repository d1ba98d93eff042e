"""Runs the checks and shows what they found."""

from __future__ import annotations

import json
from collections.abc import Iterator

import typer

from sambruk.operations.doctor.findings import CHECKS, Check, Finding, Level, fault, warn
from sambruk.operations.errors import is_database_away

_MARKS = {Level.OK: ("✓", "green"), Level.WARN: ("!", "yellow"), Level.FAULT: ("✗", "red")}


def examine(*, as_json: bool) -> int:
    """Run every check and print the findings. Returns 1 if any is a fault, else 0.

    A check that fails in a way of its own is a fault too, by the name of what was raised: one broken part
    hides none of the others.
    """
    import django

    django.setup()
    from sambruk.operations.doctor import check_database, check_services, check_settings  # noqa: F401

    findings = []
    for finding in all_findings():
        findings.append(finding)
        if not as_json:
            _print(finding)
    faults = sum(finding.level is Level.FAULT for finding in findings)
    warnings = sum(finding.level is Level.WARN for finding in findings)
    if as_json:
        report = {
            "ok": faults == 0,
            "faults": faults,
            "warnings": warnings,
            "findings": [
                {"part": one.part, "level": one.level.value, "text": one.text, "advice": one.advice}
                for one in findings
            ],
        }
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        typer.echo(
            f"\n{faults} fel, {warnings} varningar, {len(findings) - faults - warnings} i sin ordning."
        )
    return 1 if faults else 0


def all_findings() -> Iterator[Finding]:
    """Yield what every registered check finds.

    That the database is away is said once, by its own check; what needs it is named together at the end.
    """
    untried: list[str] = []
    for part, function in CHECKS:
        yield from guarded(part, function, untried)
    if untried:
        yield warn(
            "Inte prövat",
            f"{', '.join(untried)} behöver databasen.",
            "Kör sambruk doctor igen när databasen svarar.",
        )


def guarded(part: str, function: Check, untried: list[str] | None = None) -> Iterator[Finding]:
    """Yield a check's findings; one that raises ends in a fault of its own.

    With ``untried``, a check that only lacks the database is added there instead.
    """
    try:
        yield from function()
    except Exception as error:  # noqa: BLE001 - the fault is shown; the other checks must run
        if untried is not None and is_database_away(error):
            untried.append(part)
            return
        kind = type(error).__name__
        yield fault(part, f"Kontrollen gick inte att göra ({kind}).", "Se raderna ovan; rätta dem först.")


def _print(finding: Finding) -> None:
    mark, colour = _MARKS[finding.level]
    typer.echo(f"{typer.style(mark, fg=colour, bold=True)} {finding.part:<22} {finding.text}")
    if finding.advice:
        typer.echo(f"{'':25}→ {finding.advice}")
