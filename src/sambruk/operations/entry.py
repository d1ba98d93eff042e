"""`sambruk municipality grant | end-grant`: staff of another principal, such as a shared archive, come in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from sambruk.operations.acting import acting_in, day_of, principal_of, staff_provider, unit_of
from sambruk.operations.errors import OperationError
from sambruk.operations.first_steps import Code, From, Provider

Home = Annotated[
    str, typer.Option("--home", help="Koden för huvudmannen de är anställda hos.", metavar="KOD")
]
Account = Annotated[str, typer.Option("--account", help="Kontot hos den huvudmannen.", metavar="KONTO")]


def grant(
    code: Code,
    home: Home,
    account: Account,
    unit_slug: Annotated[str, typer.Option("--unit", help="Enhet här, kort namn.", metavar="ENHET")],
    role: Annotated[list[str], typer.Option("--role", help="Roll; kan ges flera gånger.", metavar="ROLL")],
    *,
    agreement: Annotated[
        str, typer.Option("--agreement", help="Avtal eller beslut som det vilar på.", metavar="NUMMER")
    ],
    valid_from: From = "",
    valid_to: Annotated[
        str, typer.Option("--to", help="Sista dagen; annars tills vidare.", metavar="DAG")
    ] = "",
    provider_slug: Provider = "",
    local_account: Annotated[
        str, typer.Option("--local-account", help="Kontot här, om det är ett annat.", metavar="KONTO")
    ] = "",
) -> None:
    """Släpp in en medarbetare hos en annan huvudman, i en enhet och från en dag till en dag.

    Rollerna gäller bara i enhetens nämnd. Att någon släpps in står i loggen hos den kommun som släpper in.
    """
    first, last = day_of(valid_from), day_of(valid_to)
    staff_id, name, email = _at_home(home, account)
    with acting_in(code, "municipality grant", "admin.staff") as by:
        from sambruk.common.clock import today
        from sambruk.platform.identity.actions import add_membership, add_staff
        from sambruk.platform.identity.models import StaffMember
        from sambruk.platform.tenancy.actions import grant_entry

        first = first or today()
        origin = principal_of(home)
        place = unit_of(unit_slug)
        guest = StaffMember.objects.filter(home=origin, home_staff_id=staff_id).first() or add_staff(
            by=by,
            name=name,
            subject=local_account or account,
            email=email,
            provider=staff_provider(provider_slug),
            home_id=origin.pk,
            home_staff_id=staff_id,
        )
        for one in sorted(set(role)):
            add_membership(by=by, staff=guest, unit=place, role=one, valid_from=first, valid_to=last)
        grant_entry(
            by=by,
            home=origin,
            staff_id=staff_id,
            roles=role,
            valid_from=first,
            valid_to=last,
            authority_id=place.authority_id,
            agreement=agreement,
        )
    until = f"till och med {last}" if last else "tills vidare"
    typer.echo(f"{name} från {origin.name} har tillträde till {place.name} från {first} {until}.")


def end_grant(
    code: Code,
    home: Home,
    account: Account,
    last_day: Annotated[
        str, typer.Option("--last-day", help="Sista dagen; annars i dag.", metavar="DAG")
    ] = "",
) -> None:
    """Avsluta alla tillträden som en medarbetare hos en annan huvudman har här."""
    day = day_of(last_day)
    staff_id, name, _ = _at_home(home, account)
    with acting_in(code, "municipality end-grant", "admin.staff") as by:
        from sambruk.common.clock import today
        from sambruk.platform.tenancy.actions import end_entry
        from sambruk.platform.tenancy.models import StaffGrant

        day = day or today()
        found = [
            one
            for one in StaffGrant.objects.filter(home=principal_of(home), staff_id=staff_id)
            if one.valid_to is None or one.valid_to > day
        ]
        if not found:
            raise OperationError(f"{name} har inget tillträde att avsluta.")
        for one in found:
            end_entry(by=by, grant_id=one.pk, last_day=day)
    typer.echo(f"{name} har tillträde till och med {day}.")


def _at_home(code: str, account: str) -> tuple[UUID, str, str]:
    """Return id, name and address of a member of staff at home. Raises OperationError unless there is one."""
    with acting_in(code, "municipality grant"):
        from sambruk.platform.identity.models import StaffMember

        found = list(StaffMember.objects.filter(subject=account, active=True, home__isnull=True)[:2])
        if len(found) != 1:
            problem = "är inte upplagt" if not found else "finns i flera inloggningar"
            raise OperationError(f"Kontot {account} {problem} hos {code}.")
        return found[0].pk, found[0].name, found[0].email
