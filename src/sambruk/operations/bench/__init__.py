"""`sambruk bench`: each makes its own data, loads from another process over HTTP, and prints one table.

Beside each figure stands its floor, measured in the same run: the same work by plain SQL.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Mät hur snabbt det går, bredvid golvet i samma körning.", no_args_is_help=True)

JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Skriv resultatet som JSON till en fil.", metavar="FIL")
]
Seconds = Annotated[float, typer.Option("--seconds", help="Hur länge varje rad mäts.", min=1.0, max=300.0)]


@app.command()
def lists(
    json: JsonFile = None,
    seconds: Seconds = 10.0,
    clients: Annotated[int, typer.Option("--clients", min=1, max=64)] = 8,
    cases: Annotated[int, typer.Option("--cases", help="Antal ärenden i allt.", min=1000)] = 200_000,
    municipalities: Annotated[int, typer.Option("--municipalities", min=2, max=290)] = 50,
) -> None:
    """Mät inkorg, sökning och ärendesida med många ärenden; hälften ligger i en kommun."""
    from sambruk.operations.bench.lists import measure

    raise typer.Exit(
        measure(json_file=json, seconds=seconds, clients=clients, cases=cases, municipalities=municipalities)
    )


@app.command()
def submissions(
    json: JsonFile = None,
    seconds: Seconds = 5.0,
    count: Annotated[int, typer.Option("--submissions", help="Antal inskick för varje rad.", min=10)] = 500,
    clients: Annotated[
        list[int] | None,
        typer.Option("--clients", help="Antal klienter; flera gånger för flera rader.", min=1, max=64),
    ] = None,
    municipalities: Annotated[int, typer.Option("--municipalities", min=2, max=290)] = 10,
) -> None:
    """Mät hela inskick, från den sista underskriften till kvittot; golvet mäts i --seconds sekunder."""
    from sambruk.operations.bench.submissions import measure

    raise typer.Exit(
        measure(
            json_file=json,
            seconds=seconds,
            submissions=count,
            municipalities=municipalities,
            clients=clients or (1, 8, 16),
        )
    )
