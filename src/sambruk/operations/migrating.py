"""`sambruk migrate`: brings the database to this version, as its owner, while it may be in use."""

from __future__ import annotations

from collections.abc import Callable

from sambruk.operations.errors import OperationError


def pending() -> list[str]:
    """Return the migrations that remain, in order. Raises OperationError without a database."""
    import django

    django.setup()
    from django.db import OperationalError, connection

    from sambruk.platform.tenancy import migrate

    try:
        return migrate.pending(connection)
    except OperationalError as error:
        raise OperationError(f"Databasen svarar inte: {str(error).splitlines()[0]}") from error


def migrate_database(say: Callable[[str], object]) -> None:
    """Run what remains, telling ``say`` of each, then privileges and checks.

    Raises SchemaFault where the result differs from the models, OperationError where the database does not
    answer or is so busy that the locks never came; then nothing is half done, and it can be run again.
    """
    import django

    django.setup()
    from django.db import OperationalError

    from sambruk.platform.tenancy import migrate

    told = ""

    def progress(done: int, total: int, name: str) -> None:
        nonlocal told
        if name and name != told:
            told = name
            say(f"  {done + 1} av {total}  {name}")

    try:
        done = migrate.migrate(progress=progress)
    except OperationalError as error:
        raise OperationError(
            f"Databasen gick inte att ändra just nu, och inget är halvgjort: {str(error).splitlines()[0]}"
        ) from error
    say("Databasen är i ordning." if done.applied else "Databasen var redan i ordning.")
