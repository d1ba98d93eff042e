"""`sambruk calculate HOUSEHOLD.yaml --month YYYY-MM`: a trial calculation without a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sambruk.systems.financial_assistance.calculation.household import HouseholdFile
    from sambruk.systems.financial_assistance.calculation.result import Result, Row

BAD_INPUT = 2
INCOMPLETE = 3


def read_household(path: Path) -> HouseholdFile:
    """Return a household file. Raises Invalid with a Swedish sentence, and one for each field at fault."""
    from pydantic import ValidationError

    from sambruk.common.errors import Invalid
    from sambruk.systems.financial_assistance.calculation.household import HouseholdFile
    from sambruk.systems.financial_assistance.calculation.sentences import sentences
    from sambruk.systems.financial_assistance.calculation.yaml_text import LARGEST, load_yaml

    try:
        if path.stat().st_size > 4 * LARGEST:
            raise Invalid(f"{path.name} är för stor för att vara ett hushåll.")
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise Invalid(f"Det finns ingen fil {path}. Kontrollera sökvägen.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path.name} är inte text i UTF-8. Spara om filen som UTF-8.") from error
    except OSError as error:
        raise Invalid(f"{path} kan inte läsas: {error.strerror}.") from error
    content = load_yaml(text)
    if not isinstance(content, dict):
        raise Invalid(f"{path.name} beskriver inget hushåll. Börja med persons: och en person per rad.")
    try:
        return HouseholdFile.model_validate(content)
    except ValidationError as error:
        raise Invalid(f"{path.name} behöver rättas.", sentences(error, HouseholdFile)) from error


def print_result(result: Result) -> None:
    """Print every row with amount, explanation and mark, then sums, warnings, gaps and the outcome."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from sambruk.common.money import format_kr

    console = Console()
    table = Table(title=f"Normberäkning {result.month.label}, {result.norm_label}", title_justify="left")
    table.add_column("Rad")
    table.add_column("Belopp", justify="right", no_wrap=True)
    table.add_column("Förklaring", ratio=1)
    table.add_column("Säkerhet")
    for row in result.rows:
        words = "\n".join(text for text in (row.explanation, row.note, _law(row)) if text)
        table.add_row(escape(row.label), format_kr(row.amount), escape(words), row.mark.label)
    table.add_section()
    table.add_row(
        "[bold]Summa[/]", f"[bold]{format_kr(result.totals.total)}[/]", escape(result.outcome_text), ""
    )
    console.print(table)
    for gap in result.gaps:
        console.print(f"[red]Saknas:[/] {escape(gap.text)}")
    for warning in result.warnings:
        console.print(f"[yellow]Observera:[/] {escape(warning.text)}")
    console.print(f"Regler {result.rules_version}", style="dim")


def _law(row: Row) -> str:
    from sambruk.systems.financial_assistance.calculation.marks import Mark

    if not row.citation or row.citation_mark is Mark.OFFICIAL:
        return row.citation
    return f"{row.citation} (lagrum: {row.citation_mark.label})"


def calculate(
    household: Annotated[Path, typer.Argument(help="Hushållet som YAML-fil.", metavar="HOUSEHOLD.yaml")],
    month: Annotated[str, typer.Option("--month", help="Månaden som ansökan gäller, till exempel 2026-11.")],
    json: Annotated[bool, typer.Option("--json", help="Skriv resultatet som JSON.")] = False,
) -> None:
    """Räkna ut ekonomiskt bistånd för ett hushåll och en månad, utan databas.

    Exit code 0: computed; 2: the input cannot be used (sentences on standard error); 3: figures are missing.
    """
    from sambruk.common.errors import Invalid
    from sambruk.common.month import Month
    from sambruk.systems.financial_assistance.calculation.engine import calculate as compute

    try:
        chosen = Month.parse(month)
        given = read_household(household)
        result = compute(given.household(), chosen, given.settings)
    except Invalid as error:
        typer.echo(error.message_sv, err=True)
        for place, text in error.field_errors.items():
            typer.echo(f"  {place}: {text}" if place else f"  {text}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    if json:
        typer.echo(result.to_json())
    else:
        print_result(result)
    if result.gaps:
        raise typer.Exit(INCOMPLETE)


commands: dict[str, Callable[..., None]] = {"calculate": calculate}
"""The system's command-line commands by name, for the `sambruk` command to register."""
