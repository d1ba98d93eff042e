"""Settings, keys, the clock, the disk, and the systems that are installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sambruk.operations.doctor.findings import Finding, check, fault, ok, warn

_GIB = 1024**3


@check("Hemlig nyckel")
def secret_key() -> Iterator[Finding]:
    """Signs cookies: long, and of this installation alone."""
    from django.conf import settings

    part = "Hemlig nyckel"
    if len(settings.SECRET_KEY) < 32 or settings.SECRET_KEY.startswith("only-for-tests"):
        yield fault(
            part, "SAMBRUK_SECRET_KEY saknas eller är för kort.", "Sätt den till minst 32 slumpade tecken."
        )
    else:
        yield ok(part, "Finns.")


@check("Fältnycklar")
def field_keys() -> Iterator[Finding]:
    """Encrypt columns; more than one means that a rotation is under way."""
    from sambruk.common.crypto import KeyRingError, key_ring

    part = "Fältnycklar"
    try:
        ring = key_ring()
    except KeyRingError as error:
        yield fault(
            part, error.message_sv, "Skriv SAMBRUK_FIELD_KEYS som id:base64,id:base64 med den nya först."
        )
        return
    if len(ring.ids) > 1:
        yield warn(
            part,
            f"{len(ring.ids)} nycklar: ett byte till {ring.current} pågår.",
            "Kör sambruk rotate-keys. Ta bort de gamla nycklarna först när den säger att inget återstår.",
        )
    else:
        yield ok(part, f"En nyckel, {ring.current}.")


@check("Loggens nyckel")
def audit_key() -> Iterator[Finding]:
    """Signs the seals of the log; it must not lie in the database."""
    from sambruk.platform.audit.keys import AuditKeyError, audit_keys

    part = "Loggens nyckel"
    try:
        current = audit_keys().current
    except AuditKeyError as error:
        yield fault(
            part, error.message_sv, "Utan nyckeln förseglas inte loggen, och ändringar i den syns inte."
        )
    else:
        yield ok(part, f"Finns ({current}).")


@check("Driftläge")
def mode() -> Iterator[Finding]:
    """Test switches have no place in production."""
    from django.conf import settings

    part = "Driftläge"
    switched = [
        name
        for name, on in (
            ("SAMBRUK_TEST_MODE", settings.TEST_MODE),
            ("SAMBRUK_DEMO", settings.DEMO),
            ("SAMBRUK_DEBUG", settings.DEBUG),
        )
        if on
    ]
    if switched:
        yield warn(
            part, f"{', '.join(switched)} är på.", "Ta bort dem där riktiga personer använder tjänsten."
        )
    else:
        yield ok(part, "Skarp drift.")


@check("Klockan")
def clock() -> Iterator[Finding]:
    """Our clock against the database's; deadlines and logins depend on it. Swedish time must be known."""
    from django.db import connection

    part = "Klockan"
    try:
        ZoneInfo("Europe/Stockholm")
    except ZoneInfoNotFoundError:
        yield fault(part, "Tidszonen Europe/Stockholm är okänd.", "Installera paketet tzdata.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart > 2:
        yield fault(
            part, f"Skiljer {apart:.0f} s från databasens.", "Ställ in tidssynkronisering (NTP) på båda."
        )
    else:
        yield ok(part, "Går som databasens.")


@check("Karta")
def map_pictures() -> Iterator[Finding]:
    """A tile server is optional; an address that browsers could not use means that no map is shown."""
    from django.conf import settings

    from sambruk.platform.forms.maps import address_fault

    part = "Karta"
    if not settings.TILE_URL:
        yield ok(part, "Ingen karttjänst är inställd: platser anges med adress och telefonens position.")
    elif wrong := address_fault(settings.TILE_URL):
        yield fault(part, wrong, "Skriv SAMBRUK_TILE_URL som https://kartor.example/{z}/{x}/{y}.png.")
    else:
        yield ok(part, "En karttjänst är inställd.")


@check("Disken")
def disk() -> Iterator[Finding]:
    """Room for files and the database's growth."""
    from django.conf import settings

    part = "Disken"
    place = Path(settings.DATA_DIR)
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{free / _GIB:.1f} GiB ledigt i {settings.DATA_DIR}."
    if free < 0.2 * _GIB:
        yield fault(part, text, "Frigör plats nu: uppladdningar avvisas snart.")
    elif free < 2 * _GIB:
        yield warn(part, text, "Frigör plats, eller flytta filerna till en större disk.")
    else:
        yield ok(part, text)


@check("Webbläsarens delar")
def frontend() -> Iterator[Finding]:
    """Styles and scripts that the build fetches: without them pages are bare."""
    part = "Webbläsarens delar"
    vendor = Path(__file__).resolve().parents[2] / "platform" / "ui" / "static" / "vendor"
    if vendor.is_dir() and any(vendor.iterdir()):
        yield ok(part, "Finns.")
    else:
        yield fault(
            part, "Saknas: sidorna blir utan form.", "Kör npm ci --ignore-scripts && node frontend/build.mjs."
        )


@check("System")
def systems() -> Iterator[Finding]:
    """Each installed system loads, or is named here with what went wrong."""
    from django.conf import settings

    from sambruk.config.systems import all_faults

    part = "System"
    for broken in all_faults():
        yield fault(
            part,
            f"{broken.name} går inte att läsa in: {broken.error}",
            "Dess ärenden och jobb väntar. Rätta eller avinstallera systemet och starta om.",
        )
    names = ", ".join(system.label for system in settings.SYSTEMS.systems)
    yield ok(part, f"Installerade: {names or 'inga'}.")


@check("Proxy")
def proxy() -> Iterator[Finding]:
    """Behind a proxy that ends TLS, Django must be told, or it redirects for ever."""
    from django.conf import settings

    part = "Proxy"
    if settings.SECURE and not settings.SECURE_PROXY_SSL_HEADER:
        yield warn(
            part,
            "SAMBRUK_BEHIND_PROXY är av.",
            "Sätt den till 1 om en proxy framför avslutar TLS och själv sätter X-Forwarded-Proto.",
        )
    else:
        yield ok(part, "Inställd." if os.environ.get("SAMBRUK_BEHIND_PROXY") else "Behövs inte här.")
