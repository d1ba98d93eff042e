"""`sambruk service list | show | lint | test`: read, check and try services from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sambruk.platform.definitions.findings import DefinitionError, Finding, Severity

app = typer.Typer(
    help="Granska, pröva, publicera och erbjud e-tjänster.", no_args_is_help=True, add_completion=False
)
_JSON = Annotated[bool, typer.Option("--json", help="Skriv svaret som JSON.")]
_PATH = Annotated[Path, typer.Argument(help="Tjänstens mapp.", exists=False)]


def _ready() -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def _out(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def service_folder(path: Path) -> Path:
    """A folder, or the id of a service in the services folder."""
    from django.conf import settings

    known = Path(settings.SERVICES_DIR) / path
    return known if not path.exists() and known.is_dir() else path


def show_findings(findings: list[Finding], as_json: bool, **more: Any) -> None:
    wrong = [one for one in findings if one.severity is Severity.ERROR]
    if as_json:
        _out({"ok": not wrong, "findings": [one.as_dict() for one in findings], **more})
        return
    for one in findings:
        typer.echo(str(one))
    typer.echo(f"{len(wrong)} fel, {len(findings) - len(wrong)} varningar.")


@app.command("list")
def list_services(as_json: _JSON = False) -> None:
    """Visa tjänsterna som finns i den här installationens mapp."""
    _ready()
    from sambruk.platform.definitions import catalogue
    from sambruk.platform.definitions.load import load_folder

    rows = []
    for folder in catalogue.folders():
        try:
            service = load_folder(folder).service
            rows.append(
                {"service": service.service, "version": service.version, "title": service.title["sv"]}
            )
        except DefinitionError as error:
            rows.append({"service": folder.name, "version": "", "title": error.message_sv})
    if as_json:
        _out(rows)
        return
    table = Table("Tjänst", "Version", "Namn")
    for row in rows:
        table.add_row(row["service"], row["version"], row["title"])
    Console().print(table)


@app.command()
def show(path: _PATH, as_json: _JSON = False) -> None:
    """Visa en tjänst: version, innehållshash, steg, process och beslut."""
    _ready()
    from sambruk.platform.definitions.load import load_folder

    loaded = _loaded(load_folder, path, as_json)
    service = loaded.service
    facts = {
        "service": service.service,
        "version": service.version,
        "hash": loaded.content_hash,
        "title": service.title["sv"],
        "steps": {step.id: [field.id for field in step.fields] for step in service.steps},
        "parameters": list(service.parameters),
        "tasks": list(service.tasks),
        "handlers": {key: one.handler for key, one in service.handlers.items()},
        "decisions": {key: one.outcome for key, one in service.decisions.items()},
        "legal_basis": [f"{one.act} {one.section} ({one.mark})" for one in service.legal_basis],
        "files": sorted(loaded.files),
    }
    if as_json:
        _out(facts)
        return
    for key, value in facts.items():
        typer.echo(f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


@app.command()
def lint(path: _PATH, as_json: _JSON = False) -> None:
    """Granska en tjänst: fil, rad och vad du ska skriva i stället. Slutar med 1 om något är fel."""
    _ready()
    from sambruk.platform.definitions.lint import lint as check
    from sambruk.platform.definitions.load import load_folder

    loaded = _loaded(load_folder, path, as_json)
    findings = check(loaded)
    show_findings(findings, as_json)
    if any(one.severity is Severity.ERROR for one in findings):
        raise typer.Exit(1)


@app.command("test")
def try_examples(path: _PATH, as_json: _JSON = False) -> None:
    """Kör tjänstens exempel genom formulär, process, beslut och brev. Slutar med 1 om något inte stämmer."""
    _ready()
    from sambruk.platform.definitions.conditions import BrokenConditions
    from sambruk.platform.definitions.examples import run_examples
    from sambruk.platform.definitions.load import load_folder

    loaded = _loaded(load_folder, path, as_json)
    try:
        report = run_examples(loaded)
    except DefinitionError as error:
        show_findings(error.findings, as_json)
        raise typer.Exit(1) from error
    except BrokenConditions as error:
        typer.echo(f"Villkoren går inte att läsa. Kör sambruk service lint först. ({error})", err=True)
        raise typer.Exit(1) from error
    if as_json:
        _out(
            {
                "ok": report.passed,
                "examples": [
                    {
                        "file": one.file,
                        "title": one.title,
                        "passed": one.passed,
                        "path": one.path,
                        "findings": [finding.as_dict() for finding in one.findings],
                    }
                    for one in report.outcomes
                ],
                "coverage": {
                    one.name: {"percent": one.percent, "missing": one.missing}
                    for one in report.coverage.shares
                },
            }
        )
    else:
        for one in report.outcomes:
            typer.echo(f"{'OK ' if one.passed else 'FEL'} {one.file}: {one.title}")
            for finding in one.findings:
                typer.echo(f"    {finding}")
        for share in report.coverage.shares:
            rest = f" saknas: {', '.join(share.missing)}" if share.missing else ""
            typer.echo(f"{share.name}: {share.percent} %{rest}")
    if not report.passed:
        raise typer.Exit(1)


@app.command()
def schema(
    path: Annotated[Path, typer.Argument(help="Filen som skrivs.")] = Path("docs/service-schema.json"),
) -> None:
    """Skriv språkets JSON Schema, som redigeringsprogram använder för att hjälpa till."""
    from sambruk.platform.definitions.schema import schema_text

    path.write_text(schema_text(), encoding="utf-8")
    typer.echo(f"Skrev {path}.")


def _loaded(load: Any, path: Path, as_json: bool) -> Any:
    try:
        return load(service_folder(path))
    except DefinitionError as error:
        show_findings(error.findings, as_json)
        raise typer.Exit(1) from error
