"""`sambruk municipality authority | unit | provider | administrator`: until somebody can log in.

Whoever has come in does all this, and more, on the pages of administration.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sambruk.operations.acting import acting_in, day_of, staff_provider, unit_of
from sambruk.operations.errors import OperationError

Code = Annotated[str, typer.Argument(help="Kommunkod, till exempel 0123.", metavar="KOD")]
From = Annotated[str, typer.Option("--from", help="Första dagen; annars i dag.", metavar="DAG")]
Provider = Annotated[
    str, typer.Option("--provider", help="Inloggningens korta namn, om det finns flera.", metavar="NAMN")
]


def authority(
    code: Code,
    name: Annotated[str, typer.Argument(help="Nämndens namn, till exempel Socialnämnden.", metavar="NAMN")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="board, social, school, technical, environment, guardian eller other.",
            metavar="SORT",
        ),
    ] = "other",
) -> None:
    """Lägg till en nämnd. Mellan nämnder råder sekretess."""
    with acting_in(code, "municipality authority", "admin.principal") as by:
        from sambruk.platform.tenancy.actions import add_authority

        added = add_authority(by=by, name=name, kind=kind)
    typer.echo(f"{added.name} finns nu.")


def unit(
    code: Code,
    slug: Annotated[str, typer.Argument(help="Kort namn, till exempel kontaktcenter.", metavar="ENHET")],
    name: Annotated[str, typer.Argument(help="Namn, till exempel Kontaktcenter.", metavar="NAMN")],
    authority_name: Annotated[str, typer.Option("--authority", help="Nämndens namn.", metavar="NÄMND")],
    email: Annotated[str, typer.Option("--email", help="Enhetens brevlåda.", metavar="ADRESS")] = "",
) -> None:
    """Lägg till en enhet i en nämnd. Det korta namnet är det som e-tjänster och kommandon använder."""
    with acting_in(code, "municipality unit", "admin.staff") as by:
        from sambruk.platform.identity.actions import add_unit
        from sambruk.platform.tenancy.models import Authority

        found = Authority.objects.filter(name=authority_name).first()
        if found is None:
            there = ", ".join(Authority.objects.values_list("name", flat=True)) or "ingen"
            raise OperationError(f"Nämnden {authority_name} finns inte. De som finns: {there}.")
        added = add_unit(by=by, name=name, slug=slug, authority=found, email=email)
    typer.echo(f"{added.name} ({added.slug}) finns nu i {found.name}.")


def provider(
    code: Code,
    slug: Annotated[str, typer.Argument(help="Kort namn, till exempel medarbetare.", metavar="KORTNAMN")],
    name: Annotated[str, typer.Argument(help="Det som den som loggar in ser.", metavar="NAMN")],
    *,
    purpose: Annotated[
        str, typer.Option("--purpose", help="Vilka som släpps in: staff eller resident.", metavar="VILKA")
    ] = "staff",
    issuer: Annotated[str, typer.Option("--issuer", help="Tjänstens adress.", metavar="ADRESS")],
    client_id: Annotated[str, typer.Option("--client-id", help="client_id hos tjänsten.", metavar="ID")],
    origin: Annotated[
        str, typer.Option("--origin", help="Vår egen adress, https://e.kommun.se.", metavar="ADRESS")
    ],
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", help="Fil med client_secret; - läser indata.", metavar="FIL"),
    ] = None,
    scopes: Annotated[str, typer.Option("--scopes", help="Vad vi ber om.")] = "openid profile email",
    subject_claim: Annotated[
        str, typer.Option("--subject-claim", help="Uppgiften som är kontot; annars sub.", metavar="UPPGIFT")
    ] = "",
    acr_values: Annotated[str, typer.Option("--acr-values", help="Tillitsnivå som begärs.")] = "",
    assurance: Annotated[
        int, typer.Option("--assurance", help="Tillitsnivå när tjänsten inte säger någon.", min=0, max=4)
    ] = 0,
) -> None:
    """Lägg till ett sätt att logga in med OpenID Connect. SAML läggs till under Inloggning på webben.

    Hos tjänsten ska adressen ORIGIN/logga-in/svar/ vara godkänd. Hemligheten ges som fil, så att den inte
    syns i listan över processer, och sparas krypterad.
    """
    secret = _read_secret(secret_file)
    with acting_in(code, "municipality provider", "admin.principal") as by:
        from sambruk.platform.identity.actions.provider_values import ProviderValues
        from sambruk.platform.identity.actions.providers import add_provider
        from sambruk.platform.identity.models import Purpose

        if purpose not in Purpose.values:
            raise OperationError("Skriv --purpose staff (medarbetare) eller --purpose resident (invånare).")
        added = add_provider(
            by=by,
            slug=slug,
            purpose=Purpose(purpose),
            client_secret=secret,
            values=ProviderValues(
                name=name,
                redirect_base=origin,
                issuer=issuer,
                client_id=client_id,
                scopes=scopes,
                claims={"subject": subject_claim} if subject_claim else {},
                acr_values=acr_values,
                default_assurance=assurance,
            ),
        )
    typer.echo(f"{added.name} finns nu. Godkänd adress hos tjänsten ska vara {added.redirect_uri}")


def _read_secret(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperationError(f"{file} går inte att läsa.") from error
    return text.strip()


def administrator(
    code: Code,
    account: Annotated[str, typer.Argument(help="Kontot, som inloggningen ger det (sub).", metavar="KONTO")],
    name: Annotated[str, typer.Argument(help="För- och efternamn.", metavar="NAMN")],
    unit_slug: Annotated[str, typer.Option("--unit", help="Enhetens korta namn.", metavar="ENHET")],
    provider_slug: Provider = "",
    email: Annotated[str, typer.Option("--email", help="E-postadress.", metavar="ADRESS")] = "",
    valid_from: From = "",
) -> None:
    """Lägg upp en administratör, som sedan loggar in och lägger upp alla andra."""
    first = day_of(valid_from)
    with acting_in(code, "municipality administrator", "admin.staff") as by:
        from sambruk.common.clock import today
        from sambruk.platform.identity.actions import add_membership, add_staff
        from sambruk.platform.identity.roles import Administrator

        staff = add_staff(
            by=by, name=name, subject=account, email=email, provider=staff_provider(provider_slug)
        )
        place = unit_of(unit_slug)
        add_membership(by=by, staff=staff, unit=place, role=Administrator.name, valid_from=first or today())
        origin = staff.provider.redirect_base
    typer.echo(f"{staff.name} är administratör i {place.name}. Logga in på {origin}/personal/logga-in/")
