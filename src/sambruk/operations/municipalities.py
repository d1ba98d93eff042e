"""`sambruk municipality`: the principals of this installation."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from sambruk.operations import entry, first_steps
from sambruk.operations.errors import OperationError

app = typer.Typer(
    name="municipality",
    help="Lägg till kommuner och andra huvudmän, och ta dem i bruk.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
for _command in (
    first_steps.authority,
    first_steps.unit,
    first_steps.provider,
    first_steps.administrator,
    entry.grant,
):
    app.command()(_command)
app.command("end-grant")(entry.end_grant)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@app.command("list")
def list_municipalities() -> None:
    """Visa alla, med kod, namn och adresser."""
    import django

    django.setup()
    from sambruk.platform.tenancy.models import Principal

    for principal in Principal.objects.order_by("code").prefetch_related("hostnames"):
        hosts = sorted(principal.hostnames.all(), key=lambda hostname: (not hostname.primary, hostname.host))
        typer.echo(
            f"{principal.code:<8} {principal.name:<32} {' '.join(hostname.host for hostname in hosts)}"
        )


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Kommunkod, till exempel 0123.", metavar="KOD")],
    name: Annotated[str, typer.Argument(help="Namn, till exempel 'Järfälla kommun'.", metavar="NAMN")],
    host: Annotated[
        list[str], typer.Option("--host", help="Värdnamn; den första är huvudadressen.", metavar="VÄRD")
    ],
    *,
    short_name: Annotated[str, typer.Option("--short-name", help="Kort namn, till exempel Järfälla.")] = "",
    kind: Annotated[
        str, typer.Option("--kind", help="municipality, region, federation, joint_board eller association.")
    ] = "municipality",
    org_number: Annotated[str, typer.Option("--org-number", help="Organisationsnummer.")] = "",
    colour: Annotated[str, typer.Option("--colour", help="Kommunens färg, #rrggbb.")] = "#1f5c99",
) -> None:
    """Lägg till en kommun. Finns koden redan ändras ingenting."""
    import django

    django.setup()
    if add_principal(
        code=code,
        name=name,
        hosts=host,
        short_name=short_name,
        kind=kind,
        org_number=org_number,
        colour=colour,
    ):
        typer.echo(f"{name} finns nu på {', '.join(host)}.")
    else:
        typer.echo(f"En huvudman med koden {code} finns redan. Inget ändrades.")


def add_principal(
    *,
    code: str,
    name: str,
    hosts: list[str],
    short_name: str = "",
    kind: str = "municipality",
    org_number: str = "",
    colour: str = "#1f5c99",
    **contact: str,
) -> bool:
    """Add a principal and its host names as the database's owner, since the application may not.

    Returns False, and changes nothing, where the code is taken. Its log begins with the event
    ``principal.added``. Raises OperationError for a host name that is malformed or another principal's.
    """
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from sambruk.common.actor import system_actor
    from sambruk.platform.audit.actions import record
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Hostname, Principal
    from sambruk.platform.tenancy.owner import ALIAS, owner_connection

    for host in hosts:
        if not _HOST.fullmatch(host):
            raise OperationError(f"{host} är inget värdnamn. Skriv det med små bokstäver, utan port.")
    if not _COLOUR.fullmatch(colour):
        raise OperationError("Skriv färgen som #rrggbb, till exempel #1f5c99.")
    principal = Principal(
        code=code,
        name=name,
        short_name=short_name or name.removesuffix(" kommun"),
        kind=kind,
        org_number=org_number,
        colour=colour,
        **contact,
    )
    with owner_connection():
        if Principal.objects.using(ALIAS).filter(code=code).exists():
            return False
        taken = Hostname.objects.using(ALIAS).filter(host__in=hosts).values_list("host", flat=True)
        if taken:
            raise OperationError(f"Värdnamnet {', '.join(taken)} används redan av en annan huvudman.")
        try:
            principal.clean_fields()
        except ValidationError as error:
            raise OperationError(
                "; ".join(f"{field}: {' '.join(why)}" for field, why in error.message_dict.items())
            ) from error
        with transaction.atomic(using=ALIAS):
            principal.save(using=ALIAS, force_insert=True)
            for position, host in enumerate(hosts):
                Hostname.objects.using(ALIAS).create(host=host, principal=principal, primary=position == 0)
    with tenant_transaction(principal.id):
        by = system_actor(principal.id, "sambruk municipality add", channel="job")
        record(event="principal.added", by=by, obj=principal, fields={"code": code, "name": name})
    return True
