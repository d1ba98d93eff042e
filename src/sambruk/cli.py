"""The command `sambruk`. Each command's code is imported when it is called, so that `--help` is quick."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sambruk.cli_group import SambrukGroup
from sambruk.common.errors import SambrukError

app = typer.Typer(
    cls=SambrukGroup,
    name="sambruk",
    help="Sambruk: öppna e-tjänster och ärenden, gemensamma för Sveriges kommuner.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help comes in half the time
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Mapp för databas, filer och nycklar. Som root /var/lib/sambruk/demo.", metavar="MAPP"
    ),
]
#: What every command says that needs the database, where it does not answer.
DATABASE_AWAY = "Databasen svarar inte. Kontrollera DATABASE_URL och att servern är igång."

JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Skriv resultatet som JSON till en fil.", metavar="FIL")
]


@app.command()
def demo(
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Börja om från början: töm demons mapp först.")
    ] = False,
    port: Annotated[int, typer.Option("--port", help="Port på den här datorn.", min=1, max=65535)] = 8000,
    data: Data = None,
    check: Annotated[
        bool, typer.Option("--check", help="Spela igenom huvudflödet, visa vad som prövades, och avsluta.")
    ] = False,
    json: JsonFile = None,
) -> None:
    """Starta allt på den här datorn med tre kommuner, och visa en startsida.

    Ctrl-C stoppar allt. Nästa start hittar samma data igen.
    """
    if json and not check:
        raise typer.BadParameter("--json hör ihop med --check.")
    from sambruk.operations.demo.run import run

    raise typer.Exit(run(fresh=fresh, port=port, data=data, check=check, json_file=json))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Kör alla tester, också de i webbläsare. Övriga argument går vidare till pytest."""
    from sambruk.operations.testing import run_tests

    raise typer.Exit(run_tests(context.args))


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Adress att lyssna på.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port att lyssna på.", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option("--workers", help="Antal processer.", min=1, max=64)] = 2,
    threads: Annotated[int, typer.Option("--threads", help="Trådar i varje process.", min=1, max=64)] = 4,
) -> None:
    """Kör webben."""
    from sambruk.operations.serving import serve_web

    serve_web(host=host, port=port, workers=workers, threads=threads)


@app.command()
def worker(
    concurrency: Annotated[
        int, typer.Option("--concurrency", help="Hur många jobb som körs samtidigt.", min=1, max=64)
    ] = 4,
) -> None:
    """Kör jobben: utskick, hämtningar, tidsfrister och gallring."""
    from sambruk.operations.serving import serve_jobs

    serve_jobs(concurrency=concurrency)


@app.command()
def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Ändra ingenting; felkod 1 om något återstår.")
    ] = False,
) -> None:
    """För databasen till den här versionen. Kan köras medan tjänsten används, och flera gånger."""
    from sambruk.operations.migrating import migrate_database, pending

    if check:
        left = pending()
        for name in left:
            typer.echo(name)
        raise typer.Exit(1 if left else 0)
    migrate_database(typer.echo)


@app.command()
def verify(
    json: JsonFile = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="Jämför med en fil som --json skrev tidigare: visar om slutet av loggen är avhugget.",
            metavar="FIL",
        ),
    ] = None,
) -> None:
    """Pröva att ingen har ändrat, tagit bort eller lagt till något i loggen över vem som gjort vad.

    Spara filen från --json någon annanstans än i databasen, och ge den till --against nästa gång. Slutar
    med 1 om något har ändrats, saknas eller inte är förseglat i tid.
    """
    from sambruk.operations.verifying import verify_audit

    raise typer.Exit(verify_audit(typer.echo, json, against))


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Skriv svaret som JSON.")] = False,
) -> None:
    """Undersök inställningar och allt som tjänsten behöver, och säg vad som ska göras."""
    from sambruk.operations.doctor.report import examine

    raise typer.Exit(examine(as_json=json))


@app.command("rotate-keys")
def rotate_keys() -> None:
    """Skriv om krypterade fält med den nya nyckeln, efter ett byte av SAMBRUK_FIELD_KEYS."""
    from sambruk.operations.key_rotation import rotate_all

    raise typer.Exit(rotate_all(typer.echo))


def main() -> None:
    """Run the command; an expected fault is one sentence on standard error and exit status 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sambruk.config.settings")
    if os.environ.get("SAMBRUK_FOLLOW_PARENT"):
        from sambruk.operations.processes import follow_parent

        follow_parent()
    try:
        app()
    except SambrukError as error:
        typer.echo(error.message_sv, err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has enough (`sambruk … | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except Exception as error:
        from sambruk.operations.errors import is_database_away

        if not is_database_away(error):
            raise
        typer.echo(DATABASE_AWAY, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
