"""`sambruk service publish | adopt | offer | withdraw`, beside list, show, lint and test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sambruk.operations.acting import acting_in, unit_of
from sambruk.operations.errors import OperationError
from sambruk.platform.definitions.cli import app, service_folder, show_findings
from sambruk.platform.definitions.findings import DefinitionError

__all__ = ["app"]

Municipality = Annotated[
    str, typer.Option("--municipality", help="Kommunkod, till exempel 0123.", metavar="KOD")
]
Service = Annotated[str, typer.Argument(help="Tjänstens id, till exempel felanmalan.", metavar="TJÄNST")]


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="Tjänstens mapp, eller id.", metavar="MAPP")],
    municipality: Municipality,
) -> None:
    """Publicera en version, efter granskning och exempel. Samma innehåll två gånger är en gång.

    Versionen finns sedan för alla kommuner i installationen; den som anges är den vars logg säger det.
    """
    with acting_in(municipality, "service publish", "admin.services") as by:
        from sambruk.platform.definitions import actions

        try:
            version = actions.publish(folder=service_folder(folder), by=by)
        except DefinitionError as error:
            show_findings(error.findings, as_json=False)
            raise typer.Exit(1) from error
    typer.echo(f"{version.service} {version.version} är publicerad.")


@app.command()
def adopt(
    service: Service,
    municipality: Municipality,
    unit: Annotated[
        list[str],
        typer.Option(
            "--unit",
            help="Enhet dit nya ärenden kommer, kort namn. ROLL=ENHET för en roll eller uppgift.",
            metavar="ENHET",
        ),
    ],
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", help="Kommunens egna värden, NAMN=VÄRDE.", metavar="NAMN=VÄRDE"),
    ] = None,
    version: Annotated[str, typer.Option("--version", help="Annars den nyaste.")] = "",
) -> None:
    """Inför en publicerad e-tjänst i en kommun och erbjud den, eller ändra hur den erbjuds.

    Det som anges ersätter det som gällde. Ärenden som pågår fortsätter på det de började med.
    """
    slugs = dict(_pair(one, default="default") for one in unit)
    values = {name: _value(text) for name, text in (_pair(one) for one in parameter or ())}
    with acting_in(municipality, "service adopt", "admin.services") as by:
        from sambruk.platform.definitions import actions

        units = {key: unit_of(slug).pk for key, slug in slugs.items()}
        row = actions.adopt(service=service, version=version or None, parameters=values, units=units, by=by)
        told = row.version.version
    typer.echo(f"{service} {told} erbjuds nu.")


@app.command()
def offer(service: Service, municipality: Municipality) -> None:
    """Öppna en införd e-tjänst för nya ansökningar igen."""
    _set_offered(service, municipality, offered=True)


@app.command()
def withdraw(service: Service, municipality: Municipality) -> None:
    """Stäng en e-tjänst för nya ansökningar. Ärenden som pågår påverkas inte."""
    _set_offered(service, municipality, offered=False)


def _set_offered(service: str, municipality: str, *, offered: bool) -> None:
    command = "service offer" if offered else "service withdraw"
    with acting_in(municipality, command, "admin.services") as by:
        from sambruk.platform.definitions import actions

        actions.set_offered(service=service, offered=offered, by=by)
    typer.echo(f"{service} är {'öppen' if offered else 'stängd'} för nya ansökningar.")


def _pair(text: str, *, default: str = "") -> tuple[str, str]:
    """Split NAME=VALUE; without a name it is ``default``'s, where there is one. Raises OperationError."""
    name, mark, value = text.partition("=")
    if not mark and default:
        return default, text
    if not mark or not name:
        raise OperationError(f"Skriv {text} som NAMN=VÄRDE.")
    return name, value


def _value(text: str) -> Any:
    """Read a number, true, false or a list as JSON; anything else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
