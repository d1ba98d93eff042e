"""The database: that it answers, is the right one, guards its rows, and is up to date."""

from __future__ import annotations

from collections.abc import Iterator

from sambruk.operations.doctor.findings import Finding, check, fault, ok, warn

_EXTENSIONS = ("btree_gin", "btree_gist", "pg_trgm", "unaccent")
_MIN_VERSION = 160000


@check("Databasen")
def connection_and_version() -> Iterator[Finding]:
    """It answers, is new enough and stores UTF-8."""
    from django.db import OperationalError, connection

    part = "Databasen"
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
                " current_setting('server_encoding')"
            )
            number, version, encoding = cursor.fetchone()
    except OperationalError as error:
        yield fault(
            part, f"Svarar inte: {_first_line(error)}", "Kontrollera DATABASE_URL och att servern är igång."
        )
        return
    if encoding != "UTF8":
        yield fault(part, f"Lagrar text som {encoding}.", "Skapa databasen med ENCODING 'UTF8'.")
    if number < _MIN_VERSION:
        yield fault(part, f"PostgreSQL {version} är för gammal.", "Uppgradera till 18, eller minst 16.")
    else:
        yield ok(part, f"PostgreSQL {version}.")


@check("Tillägg")
def extensions() -> Iterator[Finding]:
    """Search and exclusion constraints need them."""
    from django.db import connection

    part = "Tillägg"
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension WHERE extname = ANY(%s)", [list(_EXTENSIONS)])
        found = {name for (name,) in cursor.fetchall()}
    missing = sorted(set(_EXTENSIONS) - found)
    if missing:
        yield fault(
            part,
            f"{', '.join(missing)} saknas.",
            "Kör sambruk migrate; rollen som äger databasen lägger till dem.",
        )
    else:
        yield ok(part, "Alla finns.")


@check("Migreringar")
def migrations() -> Iterator[Finding]:
    """What remains before the tables are this version's."""
    from django.db import connection

    from sambruk.platform.tenancy.migrate import pending

    part = "Migreringar"
    left = pending(connection)
    if left:
        yield fault(part, f"{len(left)} återstår, den första är {left[0]}.", "Kör sambruk migrate.")
    else:
        yield ok(part, "Inget återstår.")


@check("Roller")
def role() -> Iterator[Finding]:
    """We run as a role that row security holds."""
    from django.db import connection

    part = "Roller"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, r.rolsuper OR r.rolbypassrls,"
            " EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid)"
            " FROM pg_roles r WHERE r.rolname = current_user"
        )
        name, bypasses, owns = cursor.fetchone()
    if bypasses or owns:
        yield fault(
            part,
            f"Rollen {name} går förbi skyddet mellan kommunerna.",
            "Låt DATABASE_URL gå till sambruk_app, som varken äger tabeller eller är superanvändare.",
        )
    else:
        yield ok(part, f"{name} äger inget och går inte förbi radskyddet.")


@check("Radskydd")
def row_security() -> Iterator[Finding]:
    """Keys, policies and privileges of every table are those that the models promise."""
    from django.db import connection

    from sambruk.platform.tenancy.verify import faults

    part = "Radskydd"
    found = faults(connection)
    for difference in found[:10]:
        yield fault(
            part,
            difference,
            "Kör sambruk migrate. Hjälper det inte: ta reda på vem som har ändrat databasen.",
        )
    if len(found) > 10:
        yield fault(part, f"… och {len(found) - 10} till.", "Kör sambruk migrate.")
    if not found:
        yield ok(part, "Alla tabeller är skyddade.")


@check("Huvudmän")
def principals() -> Iterator[Finding]:
    """At least one, and each with a host name."""
    from sambruk.platform.tenancy.models import Hostname, Principal

    part = "Huvudmän"
    hosted = set(Hostname.objects.values_list("principal_id", flat=True))
    all_of_them = list(Principal.objects.order_by("code"))
    for principal in all_of_them:
        if principal.id not in hosted:
            yield fault(
                part, f"{principal.name} har inget värdnamn och kan inte nås.", "Lägg till ett i tabellen."
            )
    if all_of_them:
        yield ok(part, f"{len(all_of_them)} finns.")
    else:
        yield warn(part, "Det finns ingen kommun.", "Kör sambruk municipality add.")


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
